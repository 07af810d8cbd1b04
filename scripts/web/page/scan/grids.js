// Between the scan's grid and that of the weights, as MONAI's Spacing does: the first voxels of both coincide.

import { round, size } from "../volume/volume.js";

/** @typedef {import("../volume/volume.js").Mask} Mask */
/** @typedef {import("../volume/volume.js").Triple} Triple */
/** @typedef {import("../volume/volume.js").Volume} Volume */
/** @typedef {{start: Triple, shape: Triple}} Box */
/** @typedef {{lower: Int32Array, upper: Int32Array, share: Float64Array, nearest: Int32Array}} Taps */

const SAME = 1e-3; // mm; MONAI leaves a spacing as it is that differs by less

/** The box around a mask with a margin, within the volume. @param {Mask} mask @param {number} margin  voxels @returns {Box} */
export function boxAround({ data, shape }, margin) {
  const [low, high] = [[...shape], [-1, -1, -1]];
  for (let i = 0, at = 0; i < shape[0]; i++) {
    for (let j = 0; j < shape[1]; j++) {
      for (let k = 0; k < shape[2]; k++, at++) {
        if (!data[at]) continue;
        [i, j, k].forEach((value, axis) => {
          if (value < low[axis]) low[axis] = value;
          if (value > high[axis]) high[axis] = value;
        });
      }
    }
  }
  const start = low.map((value) => Math.max(value - margin, 0));
  const end = high.map((value, axis) => Math.min(value + margin + 1, shape[axis]));
  return { start: /** @type {Triple} */ (start), shape: /** @type {Triple} */ (end.map((value, axis) => value - start[axis])) };
}

/** Voxels of a new grid over those of a box. @param {Box} box @param {Triple} spacing @param {Triple} target  mm @returns {{shape: Triple, ratio: Triple}} */
export function workingGrid(box, spacing, target) {
  const ratio = spacing.map((side, axis) => (Math.abs(side - target[axis]) <= SAME ? 1 : target[axis] / side));
  const shape = box.shape.map((side, axis) => round((side - 1) / ratio[axis]) + 1);
  return { shape: /** @type {Triple} */ (shape), ratio: /** @type {Triple} */ (ratio) };
}

/** Where each voxel of one line falls on another: at i * ratio, its ends going on. @param {number} length @param {number} ratio @param {number} from @returns {Taps} */
export function taps(length, ratio, from) {
  const places = Float64Array.from({ length }, (_, i) => Math.min(i * ratio, from - 1));
  const lower = Int32Array.from(places, Math.floor);
  return {
    lower, upper: lower.map((i) => Math.min(i + 1, from - 1)), share: places.map((at, i) => at - lower[i]),
    nearest: Int32Array.from(places, round),
  };
}

/** Linear between voxels. @param {Float32Array} data @param {Triple} shape @param {Taps[]} along @param {number} i @param {number} j @param {number} k */
export function linear(data, shape, [x, y, z], i, j, k) {
  const [u, v, w] = [x.share[i], y.share[j], z.share[k]];
  const row = (/** @type {number} */ a, /** @type {number} */ b) => {
    const at = (a * shape[1] + b) * shape[2];
    return data[at + z.lower[k]] * (1 - w) + data[at + z.upper[k]] * w;
  };
  const plane = (/** @type {number} */ a) => row(a, y.lower[j]) * (1 - v) + row(a, y.upper[j]) * v;
  return plane(x.lower[i]) * (1 - u) + plane(x.upper[i]) * u;
}

/**
 * A box of the scan and of its brain mask on the working grid.
 * @param {Volume} scan @param {Mask} brain @param {Box} box @param {{shape: Triple, ratio: Triple}} grid
 * @returns {{image: Volume, brain: Mask}}
 */
export function resampled(scan, brain, box, { shape, ratio }) {
  const image = { data: new Float32Array(size(shape)), shape };
  const inside = { data: new Uint8Array(size(shape)), shape };
  // within the box: beyond it its border goes on
  const along = shape.map((side, axis) => shifted(taps(side, ratio[axis], box.shape[axis]), box.start[axis]));
  const [x, y, z] = along;
  for (let i = 0, at = 0; i < shape[0]; i++) {
    for (let j = 0; j < shape[1]; j++) {
      const row = (x.nearest[i] * scan.shape[1] + y.nearest[j]) * scan.shape[2];
      for (let k = 0; k < shape[2]; k++, at++) {
        inside.data[at] = brain.data[row + z.nearest[k]];
        if (inside.data[at]) image.data[at] = linear(scan.data, scan.shape, along, i, j, k);
      }
    }
  }
  return { image, brain: inside };
}

/** @param {Taps} line @param {number} start @returns {Taps} */
function shifted(line, start) {
  const move = (/** @type {number} */ i) => i + start;
  return { ...line, lower: line.lower.map(move), upper: line.upper.map(move), nearest: line.nearest.map(move) };
}
