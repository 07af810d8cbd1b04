// Warnings of a scan that does not look like TOF-MRA: scripts/transforms/contrast_check.py, which says why.

import { area } from "../volume/scaling.js";
import { median, percentile, range } from "../volume/statistics.js";
import { count, round } from "../volume/volume.js";

/** @typedef {import("../volume/volume.js").Mask} Mask */
/** @typedef {import("../volume/volume.js").Triple} Triple */
/** @typedef {import("../volume/volume.js").Volume} Volume */
/** @typedef {import("../settings.js").Settings["contrast"]} Numbers */

/**
 * @param {Volume} scan @param {Mask} brain @param {Triple} spacing  mm
 * @param {boolean} isBrain  false: the mask is the whole field of view, where fat may be as bright as arteries
 * @param {Numbers} numbers
 * @returns {string[]}
 */
export function contrastWarnings(scan, brain, spacing, isBrain, numbers) {
  if (isHounsfield(scan.data, brain.data, numbers)) {
    return ["does not look like TOF-MRA but like CT: its values are Hounsfield units"];
  }
  if (!isBrain || standingOut(scan, brain, spacing, numbers) >= numbers.standing_out) return [];
  return ["does not look like TOF-MRA: no few voxels of the brain are far brighter than the others"];
}

/**
 * How far the brightest few of the brain lie above its median, relative to its tenth that is brightest.
 * @param {Volume} scan @param {Mask} brain @param {Triple} spacing @param {Numbers} numbers
 */
export function standingOut(scan, brain, spacing, numbers) {
  if ((count(brain) * spacing[0] * spacing[1] * spacing[2]) / 1000 < numbers.least) return Infinity;
  const tissue = coarseTissue(scan, brain, spacing, numbers.coarse);
  if (!tissue.length) return Infinity;
  const [middle, many, few] = [50, numbers.many, numbers.few].map((percent) => percentile(tissue, percent));
  return many > middle ? (few - middle) / (many - middle) : Infinity;
}

/**
 * Values of the brain averaged over some mm, ascending.
 * @param {Volume} scan @param {Mask} brain @param {Triple} spacing @param {number} coarse
 */
export function coarseTissue(scan, brain, spacing, coarse) {
  const shape = /** @type {Triple} */ (
    scan.shape.map((side, axis) => Math.max(1, round((side * spacing[axis]) / Math.max(spacing[axis], coarse))))
  );
  const shares = area(brain.data, brain.shape, shape);
  return area(scan.data, scan.shape, shape).filter((_, i) => shares[i] > 0.5).sort();
}

/** Whether there is air, and in the brain soft tissue. @param {Float32Array} values @param {Uint8Array} brain @param {Numbers} numbers */
function isHounsfield(values, brain, numbers) {
  if (range(values)[0] > numbers.air[1]) return false;
  const air = values.filter((value) => value > numbers.air[0] && value < numbers.air[1]);
  const step = Math.max(1, Math.floor(air.length / 10_000)); // a sample of all of it
  const noisy = air.length > numbers.air_share * values.length && new Set(air.filter((_, i) => i % step === 0)).size > 3;
  if (!noisy) return false; // a background that a tool has set is of one value
  const middle = median(values.filter((_, i) => brain[i]));
  return middle > numbers.soft_tissue[0] && middle < numbers.soft_tissue[1];
}
