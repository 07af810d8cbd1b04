// Between the scan's grid and that of the weights, as scripts/transforms/resampling.py does.

import { round, size } from "../volume/volume.js";

/** @typedef {import("../volume/volume.js").Mask} Mask */
/** @typedef {import("../volume/volume.js").Triple} Triple */
/** @typedef {import("../volume/volume.js").Volume} Volume */
/** @typedef {{start: Triple, shape: Triple}} Box */
/** @typedef {{shape: Triple, spacing: Triple, ratio: Triple, start: Triple, back: {ratio: Triple, start: Triple}}} Grid */
/** @typedef {{lower: Int32Array, upper: Int32Array, share: Float64Array, nearest: Int32Array}} Taps */

const SAME = 1e-3; // mm; MONAI leaves a spacing as it is that differs by less
const SQUARE = 1e-8; // voxels; what MONAI takes for no shear

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

/**
 * The grid of another spacing over a box. Its voxel i lies at start + i ratio of the box's; `back` is the other way.
 * @param {Box} box @param {import("./orientation.js").Layout} layout @param {Triple} target  mm
 * @returns {Grid}
 */
export function workingGrid(box, { spacing, affine }, target) {
  const side = spacing.map((mm, axis) => (Math.abs(mm - target[axis]) <= SAME ? mm : target[axis]));
  const factor = withoutRotation(affine).map((row, axis) => row.map((value) => value / side[axis]));
  const last = box.shape.map((length) => length - 1);
  const extent = factor.map((row) => row.reduce((sum, value, axis) => sum + Math.abs(value) * last[axis], 0));
  const shape = extent.map((length) => round(length + 1));
  const inverse = inverted(factor);
  // MONAI lets the first voxels coincide, or, where rounding of the header makes the axes not quite square, the centres
  const square = factor.every((row, axis) =>
    row.reduce((sum, value, other) => sum + (other === axis ? 0 : Math.min(value, 0) * last[other]), 0) >= -SQUARE);
  const centre = times(inverse, shape.map((length) => length / 2));
  const start = centre.map((place, axis) => (square ? 0 : box.shape[axis] / 2 - place));
  return /** @type {Grid} */ ({
    shape, spacing: side, ratio: inverse.map((row, axis) => row[axis]), start,
    back: { ratio: factor.map((row, axis) => row[axis]), start: times(factor, start).map((place) => -place) },
  });
}

/** @param {number[][]} matrix @param {number[]} vector */
function times(matrix, vector) {
  return matrix.map((row) => row.reduce((sum, value, axis) => sum + value * vector[axis], 0));
}

/** Of an upper triangle. @param {number[][]} matrix */
function inverted([[a, b, c], [, d, e], [, , f]]) {
  return [[1 / a, -b / (a * d), (b * e - c * d) / (a * d * f)], [0, 1 / d, -e / (d * f)], [0, 0, 1 / f]];
}

/** Upper triangle of zooms and shears: an affine without its rotation. @param {import("./nifti.js").Affine} affine */
function withoutRotation(affine) {
  const dot = (/** @type {number} */ a, /** @type {number} */ b) => affine.reduce((sum, row) => sum + row[a] * row[b], 0);
  const xx = Math.sqrt(dot(0, 0));
  const [xy, xz] = [dot(0, 1) / xx, dot(0, 2) / xx];
  const yy = Math.sqrt(dot(1, 1) - xy * xy);
  const yz = (dot(1, 2) - xy * xz) / yy;
  return [[xx, xy, xz], [0, yy, yz], [0, 0, Math.sqrt(dot(2, 2) - xz * xz - yz * yz)]];
}

/**
 * Where each voxel of one line falls on another: at start + i ratio, its ends going on.
 * @param {number} length @param {number} ratio @param {number} start @param {number} from  length of the other
 * @returns {Taps}
 */
export function taps(length, ratio, start, from) {
  const places = Float64Array.from({ length }, (_, i) => Math.min(Math.max(start + i * ratio, 0), from - 1));
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
 * @param {Volume} scan @param {Mask} brain @param {Box} box @param {Grid} grid
 * @returns {{image: Volume, brain: Mask}}
 */
export function resampled(scan, brain, box, { shape, ratio, start }) {
  const image = { data: new Float32Array(size(shape)), shape };
  const inside = { data: new Uint8Array(size(shape)), shape };
  // within the box: beyond it its border goes on
  const along = shape.map((side, axis) => shifted(taps(side, ratio[axis], start[axis], box.shape[axis]), box.start[axis]));
  const [x, y, z] = along;
  for (let i = 0, at = 0; i < shape[0]; i++) {
    for (let j = 0; j < shape[1]; j++) {
      const row = (x.nearest[i] * scan.shape[1] + y.nearest[j]) * scan.shape[2];
      for (let k = 0; k < shape[2]; k++, at++) {
        inside.data[at] = brain.data[row + z.nearest[k]];
        image.data[at] = linear(scan.data, scan.shape, along, i, j, k);
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
