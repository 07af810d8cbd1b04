// Volumes on coarser and finer grids over the same box, as torch.nn.functional.interpolate.

import { lines, size, strides } from "./volume.js";

/** @typedef {import("./volume.js").Triple} Triple */

/**
 * Mean over the voxels of each new voxel (mode "area").
 * @param {ArrayLike<number>} data @param {Triple} shape @param {Triple} target
 * @returns {Float32Array<ArrayBuffer>}
 */
export function area(data, shape, target) {
  return eachAxis(data, shape, target, (i, length, sides) => {
    const start = Math.floor((i * length) / sides);
    const end = Math.ceil(((i + 1) * length) / sides);
    return { start, weights: new Float64Array(end - start).fill(1 / (end - start)) };
  });
}

/**
 * Linear between voxel centres (mode "trilinear", align_corners False).
 * @param {ArrayLike<number>} data @param {Triple} shape @param {Triple} target
 * @returns {Float32Array<ArrayBuffer>}
 */
export function trilinear(data, shape, target) {
  return eachAxis(data, shape, target, (i, length, sides) => {
    const at = Math.max(((i + 0.5) * length) / sides - 0.5, 0);
    const start = Math.floor(at);
    return { start, weights: start + 1 < length ? Float64Array.of(1 - (at - start), at - start) : Float64Array.of(1) };
  });
}

/**
 * @param {ArrayLike<number>} data @param {Triple} shape @param {Triple} target
 * @param {(i: number, length: number, sides: number) => {start: number, weights: Float64Array}} taps  of a new voxel
 */
function eachAxis(data, shape, target, taps) {
  let current = /** @type {Float32Array<ArrayBuffer>} */ (data);
  let sides = shape;
  // shrinking axes first, growing ones last: the least work
  const order = [0, 1, 2].sort((a, b) => target[a] / shape[a] - target[b] / shape[b]);
  for (const axis of order) {
    const next = /** @type {Triple} */ (sides.map((side, other) => (other === axis ? target[axis] : side)));
    const result = new Float32Array(size(next));
    const all = Array.from({ length: target[axis] }, (_, i) => taps(i, sides[axis], target[axis]));
    const [from, to] = [strides(sides)[axis], strides(next)[axis]];
    const starts = lines(next, axis);
    for (const first of lines(sides, axis)) {
      const out = /** @type {number} */ (starts.next().value);
      for (let i = 0; i < all.length; i++) {
        const { start, weights } = all[i];
        let sum = 0;
        for (let j = 0; j < weights.length; j++) sum += weights[j] * current[first + (start + j) * from];
        result[out + i * to] = sum;
      }
    }
    [current, sides] = [result, next];
  }
  return current;
}
