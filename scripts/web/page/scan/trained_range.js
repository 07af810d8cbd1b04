// Warnings of a scan that no scan of the training was like: scripts/transforms/trained_range.py.

import { median, percentile } from "../volume/statistics.js";
import { count, strides } from "../volume/volume.js";
import { coarseTissue } from "./contrast.js";

/** @typedef {import("../volume/volume.js").Mask} Mask */
/** @typedef {import("../volume/volume.js").Triple} Triple */
/** @typedef {import("../volume/volume.js").Volume} Volume */
/** @typedef {import("./orientation.js").Layout} Layout */
/** @typedef {import("../settings.js").Settings} Settings */
/** @typedef {{image: Volume, brain: Mask, spacing: Triple}} Resampled  not normalised yet; spacing in mm */

/**
 * @param {Layout} layout  of the scan as it was read
 * @param {Resampled | null} resampled  null: the mask is the whole field of view
 * @param {Settings} settings
 * @returns {string[]}
 */
export function trainedRangeWarnings(layout, resampled, settings) {
  const { ranges, words } = settings.trained_range;
  return Object.entries(measures(layout, resampled, settings)).flatMap(([name, value]) => {
    const [low, high] = ranges[name] ?? [null, null];
    if ((low === null || value >= low) && (high === null || value <= high)) return [];
    const trained = high === null ? `from ${low}` : low === null ? `up to ${high}` : `${low} to ${high}`;
    const found = words[name].replace(/\{:\.(\d)f\}/, (_, digits) => value.toFixed(Number(digits)));
    return [`unlike the scans of the training: ${found} (${trained})`];
  });
}

/**
 * @param {Layout} layout @param {Resampled | null} resampled @param {Settings} settings
 * @returns {Record<string, number>}
 */
export function measures(layout, resampled, settings) {
  const thousandths = (/** @type {number} */ mm) => Math.round(1000 * mm) / 1000;
  /** @type {Record<string, number>} */
  const found = {
    voxel_size: thousandths(Math.max(...layout.spacing)),
    field_of_view: thousandths(Math.min(...layout.shape.map((side, axis) => side * layout.spacing[axis]))),
  };
  if (!resampled) return found;
  const { image, brain, spacing } = resampled;
  const volume = (count(brain) * spacing[0] * spacing[1] * spacing[2]) / 1000; // ml
  if (volume <= settings.contrast.least) return found;
  const middle = median(image.data.filter((_, i) => brain.data[i]));
  if (middle <= 0) return found;
  found.noise = noise(image, brain, settings.normalisation.mad_to_sigma) / middle;
  if (volume > settings.trained_range.enough) {
    const tissue = coarseTissue(image, brain, spacing, settings.contrast.coarse);
    found.contrast = (percentile(tissue, settings.contrast.few) - percentile(tissue, 50)) / middle;
  }
  return found;
}

/** Standard deviation, by the differences of neighbours. @param {Volume} image @param {Mask} brain @param {number} toSigma */
function noise({ data, shape }, brain, toSigma) {
  const found = [0, 1, 2].map((axis) => {
    const between = strides(shape)[axis];
    const last = shape.map((side, other) => (other === axis ? side - 1 : side));
    const every = [0, 1, 2].map((other) => (other === axis ? 1 : 2)); // enough of them
    const differences = new Float32Array(last.reduce((total, side, other) => total * Math.ceil(side / every[other]), 1));
    let number = 0;
    for (let i = 0; i < last[0]; i += every[0]) {
      for (let j = 0; j < last[1]; j += every[1]) {
        for (let k = 0; k < last[2]; k += every[2]) {
          const at = (i * shape[1] + j) * shape[2] + k;
          if (brain.data[at] && brain.data[at + between]) differences[number++] = Math.abs(data[at + between] - data[at]);
        }
      }
    }
    return (toSigma * median(differences.subarray(0, number))) / Math.SQRT2;
  });
  return (found[0] + found[1] + found[2]) / 3;
}
