// Intensities relative to the brain's tissue; exactly 0 outside: scripts/transforms/normalisation.py.

import { deviations, lowerMedian } from "../volume/statistics.js";

/** @typedef {import("../volume/volume.js").Mask} Mask */
/** @typedef {import("../volume/volume.js").Volume} Volume */

/**
 * In place.
 * @param {Volume} image @param {Mask} brain @param {import("../settings.js").Settings["normalisation"]} numbers
 * @throws {Error} there is no brain, or it is of one value
 */
export function normaliseInBrain(image, brain, numbers) {
  const tissue = image.data.filter((_, i) => brain.data[i]).sort();
  if (!tissue.length) throw new Error("the brain mask is empty; give a mask, or use the whole field of view.");
  const middle = lowerMedian(tissue);
  let sigma = numbers.mad_to_sigma * lowerMedian(deviations(tissue, middle));
  if (sigma === 0) sigma = standardDeviation(tissue);
  if (sigma === 0) throw new Error("the scan is constant inside its brain mask; do they belong together?");
  for (let i = 0; i < image.data.length; i++) {
    const value = (image.data[i] - middle) / (5 * sigma) + 1;
    image.data[i] = brain.data[i] ? Math.min(Math.max(value, numbers.darkest), numbers.brightest) : 0;
  }
}

/** @param {Float32Array} values */
function standardDeviation(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
