// What cannot be segmented is refused in words; see scripts/transforms/input_checks.py and scripts/io/grid.py.

import { range } from "../volume/statistics.js";
import { spread } from "../volume/filters.js";
import { round } from "../volume/volume.js";
import { formsApart } from "./forms.js";

/** @typedef {import("../volume/volume.js").Mask} Mask */
/** @typedef {import("../volume/volume.js").Triple} Triple */
/** @typedef {import("../volume/volume.js").Volume} Volume */
/** @typedef {import("./orientation.js").Layout} Layout */
/** @typedef {import("../settings.js").Settings["checks"]} Limits */

/** @param {string} name @param {Layout} layout @param {Limits} limits */
export function checkGrid(name, { spacing, affine }, limits) {
  const [least, most] = limits.voxel;
  if (!affine.flat().every(Number.isFinite) || spacing.some((side) => !(side >= least && side <= most))) {
    const sides = spacing.map((side) => side.toPrecision(3)).join(" x ");
    throw new Error(`${name}: its header gives voxels of ${sides} mm; correct it (is the unit millimetres?).`);
  }
  for (const [a, b] of [[0, 1], [0, 2], [1, 2]]) {
    const cosine = affine.reduce((sum, row) => sum + row[a] * row[b], 0) / (spacing[a] * spacing[b]);
    if (Math.abs(cosine) > limits.shear) {
      throw new Error(`${name}: its axes are not at right angles (sheared affine); resample it onto a regular grid.`);
    }
  }
}

/** @param {string} name @param {Volume} scan @param {Limits} limits */
export function checkScan(name, { data, shape }, limits) {
  if (Math.min(...shape) < 2) throw new Error(`${name}: is a single slice; a 3D scan is needed.`);
  if (!data.every(Number.isFinite)) throw new Error(`${name}: holds NaN or infinite values; replace them by 0.`);
  const [low, high] = range(data);
  if (low === high) throw new Error(`${name}: all voxels have the value ${low}; there is nothing to segment.`);
  if (!holdsMany(data, limits.labels)) {
    throw new Error(`${name}: its voxels hold at most ${limits.labels} values: is it a mask or a label? Give the scan.`);
  }
}

/** Whether there are more values than a label map may hold. @param {Float32Array} data @param {number} labels */
function holdsMany(data, labels) {
  const values = new Set();
  for (let i = 0; i < data.length && values.size <= labels; i++) values.add(data[i]);
  return values.size > labels;
}

/**
 * @param {string} name @param {Volume} given  in RAS @param {Layout} layout  of the mask
 * @param {Layout} scan @param {Volume} image  of the scan, in RAS @param {Limits} limits
 * @returns {{mask: Mask, warnings: string[]}}
 */
export function checkedMask(name, given, layout, scan, image, limits) {
  if (given.shape.some((side, axis) => side !== scan.shape[axis])) {
    throw new Error(`${name}: shape ${given.shape} in RAS orientation differs from its scan's ${scan.shape}.`);
  }
  const apart = formsApart(layout.affine, scan.affine, scan.shape);
  if (apart > 0.5 * Math.min(...scan.spacing)) {
    throw new Error(`${name}: lies ${apart.toFixed(2)} mm off its scan; resample it onto the scan.`);
  }
  const [low, high] = range(given.data);
  const many = holdsMany(given.data, limits.labels);
  const stripped = many && given.data.every((x, i) => x === 0 || x === image.data[i]); // the scan with the skull off
  const soft = !stripped && low >= 0 && high <= 1 && given.data.some((x) => x > limits.rounding && x < 1 - limits.rounding);
  const inside = (/** @type {number} */ x) => (stripped ? x !== 0 : soft ? x >= 0.5 : x > 0);
  const mask = { data: Uint8Array.from(given.data, (x) => Number(inside(x))), shape: given.shape };
  if (!mask.data.includes(1)) throw new Error(`${name}: is empty; correct it, or have one estimated.`);
  if (isInverted(mask)) throw new Error(`${name}: covers the corners and not the middle: is it inverted?`);
  if (!hasDepth(mask, scan.spacing, limits.depth)) {
    throw new Error(`${name}: is nowhere ${limits.depth} mm thick: is it a mask of vessels? Give one of the brain.`);
  }
  if (soft) return { mask, warnings: ["its brain mask holds values between 0 and 1: cut at 0.5"] };
  const taken = `its brain mask holds more than ${limits.labels} values: all above 0 is taken for brain`;
  return { mask, warnings: many && !stripped ? [taken] : [] };
}

/** @param {Mask} mask */
function isInverted({ data, shape }) {
  const at = (/** @type {number[]} */ [i, j, k]) => data[(i * shape[1] + j) * shape[2] + k];
  const corners = Array.from({ length: 8 }, (_, n) => shape.map((side, axis) => ((n >> axis) & 1) * (side - 1)));
  return corners.every(at) && !at(shape.map((side) => Math.floor(side / 2)));
}

/** Whether a cube of this side, or what the field of view holds of it, fits in. @param {Mask} mask @param {number[]} spacing @param {number} mm */
function hasDepth({ data, shape }, spacing, mm) {
  const step = spacing.map((side) => Math.max(1, Math.floor(2 / side))); // 2 mm are fine enough
  const coarse = shape.map((side, axis) => Math.ceil(side / step[axis]));
  const set = new Uint8Array(coarse[0] * coarse[1] * coarse[2]);
  let at = 0;
  for (let i = 0; i < shape[0]; i += step[0]) {
    for (let j = 0; j < shape[1]; j += step[1]) {
      for (let k = 0; k < shape[2]; k += step[2]) set[at++] = data[(i * shape[1] + j) * shape[2] + k];
    }
  }
  const cube = step.map((voxels, axis) => Math.min(Math.max(1, round(mm / (voxels * spacing[axis]))), coarse[axis]));
  const odd = cube.map((side) => side - 1 + (side % 2)); // a voxel more or less is no matter
  return spread({ data: set, shape: /** @type {Triple} */ (coarse) }, odd, 0).data.includes(1);
}
