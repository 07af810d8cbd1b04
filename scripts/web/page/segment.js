// From a scan to its vessel probability: the steps of configs/inference.yaml, one after the other.

import { brainWindows, cut, importance, layoutOfWindows } from "./network/windows.js";
import { openNetwork } from "./network/runtime.js";
import { SlabStitcher } from "./network/stitcher.js";
import { onScan } from "./results/on_scan.js";
import { estimateBrainMask } from "./scan/brain_mask.js";
import { checkedMask, checkGrid, checkScan } from "./scan/checks.js";
import { contrastWarnings } from "./scan/contrast.js";
import { boxAround, resampled, workingGrid } from "./scan/grids.js";
import { normaliseInBrain } from "./scan/normalise.js";
import { layoutOf, toRas } from "./scan/orientation.js";
import { headerAlone, readNifti } from "./scan/nifti.js";
import { trainedRangeWarnings } from "./scan/trained_range.js";
import { memoryOf } from "./memory.js";

/** @typedef {import("./settings.js").Settings} Settings */
/** @typedef {import("./volume/volume.js").Mask} Mask */
/** @typedef {import("./volume/volume.js").Volume} Volume */
/** @typedef {import("./scan/nifti.js").Nifti} Nifti */
/** @typedef {import("./scan/orientation.js").Layout} Layout */
/** @typedef {{name: string, file: Blob}} Named */
/** @typedef {{scan: Named, mask: Named | null, brain: "estimate" | "whole" | "given"}} Case */
/** @typedef {(words: string, share?: number) => void} Report  the present step, and how much of it is done */
/** @typedef {{nifti: Nifti, layout: Layout, probability: Float32Array<ArrayBuffer>, brain: Uint8Array<ArrayBuffer>,
 *   device: string, warnings: string[]}} Segmented */

/**
 * @param {Case} given @param {Settings} settings @param {Report} report
 * @param {(scan: {memory: number}) => void} accepted  called once the scan is known to be one
 * @returns {Promise<Segmented>}
 */
export async function segment(given, settings, report, accepted) {
  const { image, box, grid, nifti, layout, warnings } = await prepared(given, settings, report, accepted);
  const { probability, device } = await inWindows(image, settings, report);
  report("Back onto the scan's grid");
  return { nifti, layout, ...onScan(probability, image, box, grid, layout, settings.probability_steps), device, warnings };
}

/**
 * The normalised brain; the scan itself is not kept.
 * @param {Case} given @param {Settings} settings @param {Report} report @param {(scan: {memory: number}) => void} accepted
 */
async function prepared(given, settings, report, accepted) {
  report("Reading the scan");
  const whole = await readNifti(given.scan.file, given.scan.name);
  const layout = layoutOf(whole);
  checkGrid(whole.name, layout, settings.checks);
  const scan = toRas(whole, layout);
  const nifti = headerAlone(whole);
  checkScan(nifti.name, scan, settings.checks);
  accepted({ memory: memoryOf(layout, settings) });
  report(given.brain === "estimate" ? "Estimating the brain mask" : "Preparing the brain mask");
  const { mask, warnings: ofMask } = await brainMask(given, scan, layout, settings);
  const ofContrast = contrastWarnings(scan, mask, layout.spacing, given.brain !== "whole", settings.contrast);
  report("Resampling");
  const box = boxAround(mask, settings.margin);
  const grid = workingGrid(box, layout, settings.spacing);
  const { image, brain } = resampled(scan, mask, box, grid);
  const ofTraining = trainedRangeWarnings(
    layout, given.brain === "whole" ? null : { image, brain, spacing: grid.spacing }, settings,
  );
  normaliseInBrain(image, brain, settings.normalisation);
  return { image, box, grid, nifti, layout, warnings: [...nifti.warnings, ...ofMask, ...ofContrast, ...ofTraining] };
}

/** @param {Case} given @param {Volume} scan @param {Layout} layout @param {Settings} settings @returns {Promise<{mask: Mask, warnings: string[]}>} */
async function brainMask(given, scan, layout, settings) {
  if (given.brain === "given" && given.mask) {
    const nifti = await readNifti(given.mask.file, given.mask.name);
    const own = layoutOf(nifti);
    checkGrid(nifti.name, own, settings.checks);
    return checkedMask(nifti.name, toRas(nifti, own), own, layout, scan, settings.checks);
  }
  if (given.brain === "whole") {
    return { mask: { data: new Uint8Array(scan.data.length).fill(1), shape: scan.shape }, warnings: [] };
  }
  return { mask: estimateBrainMask(scan, layout.spacing, settings.brain_mask), warnings: [] };
}

/** @param {Volume} image  normalised @param {Settings} settings @param {Report} report @returns {Promise<{probability: Volume, device: string}>} */
async function inWindows(image, settings, report) {
  report("Loading the network");
  const layout = layoutOfWindows(image.shape, settings);
  const { window } = layout;
  const corners = brainWindows(image, layout);
  const network = await openNetwork(window, cut(image, corners[0], window));
  const probability = { data: new Float32Array(image.data.length), shape: image.shape };
  const stitcher = new SlabStitcher(probability, importance(window, settings.blending), window);
  for (const [number, corner] of corners.entries()) {
    report(`Finding vessels, on the ${network.device}: window ${number + 1} of ${corners.length}`, number / corners.length);
    stitcher.add(await network.run(cut(image, corner, window)), corner);
  }
  stitcher.finish();
  return { probability, device: network.device };
}
