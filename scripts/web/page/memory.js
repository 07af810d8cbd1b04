// How much memory a scan takes, page and worker together, rounded up: measured with a scan of 6 million
// voxels in Chromium, and, for the steps before the network, with one of 42 million in Node.

import { layoutOfWindows } from "./network/windows.js";

/** @typedef {import("./volume/volume.js").Triple} Triple */

const SCAN = 30; // bytes a voxel: as stored, as numbers, its masks and its probability; shown
const WORKING = 9; // bytes a voxel of the working grid: normalised, brain, probability
const SLAB = 8; // bytes a voxel: sums of windows
const NETWORK = 420; // bytes a voxel of a window: the network's features
const FIXED = 200e6; // bytes: libraries and weights

/** @param {import("./scan/orientation.js").Layout} layout @param {import("./settings.js").Settings} settings @returns {number} bytes */
export function memoryOf({ shape, spacing }, settings) {
  const working = /** @type {Triple} */ (shape.map((side, axis) => Math.ceil((side * spacing[axis]) / settings.spacing[axis])));
  const { window } = layoutOfWindows(working, settings);
  const product = (/** @type {number[]} */ sides) => sides.reduce((a, b) => a * b, 1);
  const slab = Math.min(window[0], working[0]) * working[1] * working[2];
  return FIXED + SCAN * product(shape) + WORKING * product(working) + SLAB * slab + NETWORK * product(window);
}
