// Filters along the axes, as scipy.ndimage's with mode "reflect".

import { lines, strides } from "./volume.js";

/** @typedef {import("./volume.js").Mask} Mask */
/** @typedef {import("./volume.js").Triple} Triple */

/**
 * gaussian_filter, cut at four standard deviations.
 * @param {Float32Array<ArrayBuffer>} data @param {Triple} shape
 * @param {number[]} sigma  voxels
 * @returns {Float32Array<ArrayBuffer>}
 */
export function gaussian(data, shape, sigma) {
  const result = data.slice();
  for (const axis of [0, 1, 2]) {
    const [radius, length, step] = [Math.floor(4 * sigma[axis] + 0.5), shape[axis], strides(shape)[axis]];
    const weights = Float64Array.from({ length: radius + 1 }, (_, i) => Math.exp(-(i * i) / (2 * sigma[axis] ** 2)));
    const sum = weights.reduce((total, weight) => total + 2 * weight, -weights[0]);
    const padded = new Float64Array(length + 2 * radius);
    const source = Int32Array.from(padded, (_, i) => reflected(i - radius, length));
    for (const first of lines(shape, axis)) {
      for (let i = 0; i < padded.length; i++) padded[i] = result[first + source[i] * step];
      for (let i = 0; i < length; i++) {
        let total = weights[0] * padded[i + radius];
        for (let j = 1; j <= radius; j++) total += weights[j] * (padded[i + radius - j] + padded[i + radius + j]);
        result[first + i * step] = total / sum;
      }
    }
  }
  return result;
}

/** @param {number} i @param {number} length @returns {number} the voxel that stands there: d c b a | a b c d | d c b a */
function reflected(i, length) {
  const period = 2 * length;
  const inside = ((i % period) + period) % period;
  return inside < length ? inside : period - 1 - inside;
}

/**
 * maximum_filter of a minimum_filter: where a box fits.
 * @param {Mask} mask
 * @param {number[]} sides  of the box, voxels, odd
 * @returns {Mask}
 */
export function opened(mask, sides) {
  return spread(spread(mask, sides, 0), sides, 1);
}

/**
 * Every voxel near which, within a box, one has a value gets that value.
 * @param {Mask} mask @param {number[]} sides  odd @param {0 | 1} value
 * @returns {Mask}
 */
export function spread(mask, sides, value) {
  const data = mask.data.slice();
  for (const axis of [0, 1, 2]) {
    const [reach, length, step] = [(sides[axis] - 1) / 2, mask.shape[axis], strides(mask.shape)[axis]];
    if (reach === 0) continue;
    const line = new Uint8Array(length);
    for (const first of lines(mask.shape, axis)) {
      for (let i = 0; i < length; i++) line[i] = data[first + i * step];
      let done = 0; // voxels before this one have been written
      for (let i = 0; i < length; i++) {
        if (line[i] !== value) continue;
        const end = Math.min(i + reach + 1, length);
        for (let j = Math.max(i - reach, done); j < end; j++) data[first + j * step] = value;
        done = end;
      }
    }
  }
  return { data, shape: mask.shape };
}
