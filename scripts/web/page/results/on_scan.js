// The probability back on the scan's own grid, in the order of its file, 0 outside the brain.

import { linear, taps } from "../scan/grids.js";
import { round } from "../volume/volume.js";

/** @typedef {import("../volume/volume.js").Volume} Volume */
/** @typedef {{probability: Float32Array<ArrayBuffer>, brain: Uint8Array<ArrayBuffer>}} OnScan  in the order of the file */

/**
 * @param {Volume} probability  on the working grid
 * @param {Volume} image  there, 0 outside the brain
 * @param {import("../scan/grids.js").Box} box  of the scan that the grid covers
 * @param {import("../scan/grids.js").Grid} grid
 * @param {import("../scan/orientation.js").Layout} layout
 * @param {number} levels  that a probability of 1 is divided into
 * @returns {OnScan}
 */
export function onScan(probability, image, box, { back }, { shape, steps, first }, levels) {
  const total = shape[0] * shape[1] * shape[2];
  const result = { probability: new Float32Array(total), brain: new Uint8Array(total) };
  const along = box.shape.map((side, axis) => taps(side, back.ratio[axis], back.start[axis], image.shape[axis]));
  const [x, y, z] = along;
  for (let i = 0; i < box.shape[0]; i++) {
    for (let j = 0; j < box.shape[1]; j++) {
      const row = (x.nearest[i] * image.shape[1] + y.nearest[j]) * image.shape[2];
      const start = first + (box.start[0] + i) * steps[0] + (box.start[1] + j) * steps[1] + box.start[2] * steps[2];
      for (let k = 0; k < box.shape[2]; k++) {
        if (!image.data[row + z.nearest[k]]) continue;
        result.brain[start + k * steps[2]] = 1;
        result.probability[start + k * steps[2]] =
          round(linear(probability.data, image.shape, along, i, j, k) * levels) / levels;
      }
    }
  }
  return result;
}
