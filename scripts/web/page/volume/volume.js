// Volumes in memory, laid out as the bundle's tensors are: (D, H, W), the last axis contiguous.

/** @typedef {[number, number, number]} Triple */
/** @typedef {{data: Float32Array<ArrayBuffer>, shape: Triple}} Volume */
/** @typedef {{data: Uint8Array<ArrayBuffer>, shape: Triple}} Mask  0 or 1 */

/** @param {Triple} shape @returns {number} of voxels */
export function size(shape) {
  return shape[0] * shape[1] * shape[2];
}

/** @param {Triple} shape @returns {Triple} how far apart in memory neighbours along each axis are */
export function strides(shape) {
  return [shape[1] * shape[2], shape[2], 1];
}

/** @param {Mask} mask @returns {number} of voxels that are set */
export function count(mask) {
  let sum = 0;
  for (let i = 0; i < mask.data.length; i++) sum += mask.data[i];
  return sum;
}

/**
 * The first voxel of every line along an axis.
 * @param {Triple} shape @param {number} axis @returns {Generator<number>}
 */
export function* lines(shape, axis) {
  const step = strides(shape);
  const [a, b] = [0, 1, 2].filter((other) => other !== axis);
  for (let i = 0; i < shape[a]; i++) {
    for (let j = 0; j < shape[b]; j++) yield i * step[a] + j * step[b];
  }
}

/** To the nearest whole number, halves to the even one, as numpy and torch do. @param {number} x @returns {number} */
export function round(x) {
  const floor = Math.floor(x);
  const rest = x - floor;
  return rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1;
}
