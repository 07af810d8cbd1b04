// Euclidean distance transform (Felzenszwalb and Huttenlocher 2012), as scipy.ndimage.distance_transform_edt.

import { lines, strides } from "./volume.js";

/** @typedef {import("./volume.js").Mask} Mask */

/**
 * Squared distance, mm2, of every voxel to the nearest one that is not set; infinite where all are.
 * @param {Mask} mask
 * @param {number[]} spacing  mm
 * @returns {Float64Array}
 */
export function squaredDistance(mask, spacing) {
  const distance = Float64Array.from(mask.data, (value) => (value ? Infinity : 0));
  for (const axis of [2, 1, 0]) alongLines(distance, mask.shape, axis, spacing[axis]);
  return distance;
}

/** @param {Mask} mask @param {number} mm @param {number[]} spacing @returns {Mask} within a distance of it */
export function within(mask, mm, spacing) {
  if (!mask.data.includes(1)) return mask;
  const distance = squaredDistance(complement(mask), spacing);
  return { data: Uint8Array.from(distance, (square) => Number(Math.sqrt(square) <= mm)), shape: mask.shape };
}

/** @param {Mask} mask @returns {Mask} */
export function complement(mask) {
  return { data: mask.data.map((value) => 1 - value), shape: mask.shape };
}

/**
 * Lower envelope of parabolas along each line of an axis.
 * @param {Float64Array} distance @param {import("./volume.js").Triple} shape @param {number} axis @param {number} mm
 */
function alongLines(distance, shape, axis, mm) {
  const length = shape[axis];
  const step = strides(shape)[axis];
  const given = new Float64Array(length);
  const apex = new Int32Array(length);
  const border = new Float64Array(length + 1);
  for (const first of lines(shape, axis)) {
    let last = -1;
    for (let i = 0; i < length; i++) {
      given[i] = distance[first + i * step];
      if (given[i] === Infinity) continue;
      let crossing = -Infinity;
      while (last >= 0) {
        const other = apex[last];
        crossing = (given[i] - given[other]) / (2 * mm * mm * (i - other)) + (i + other) / 2;
        if (crossing > border[last]) break;
        last--;
      }
      apex[++last] = i;
      border[last] = last ? crossing : -Infinity;
    }
    if (last < 0) continue;
    border[last + 1] = Infinity;
    for (let i = 0, at = 0; i < length; i++) {
      while (border[at + 1] < i) at++;
      distance[first + i * step] = given[apex[at]] + ((i - apex[at]) * mm) ** 2;
    }
  }
}
