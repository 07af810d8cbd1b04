// Everything that takes long, beside the page: segments a scan, keeps its probability, makes masks of thresholds.

import { compressed, niftiFile } from "./scan/nifti_write.js";
import { readSettings } from "./settings.js";
import { segment } from "./segment.js";
import { Vessels } from "./results/vessels.js";

/** @typedef {"vessels" | "probability" | "brain_mask"} Kind */
/**
 * @typedef {{task: "segment", given: import("./segment.js").Case} | {task: "threshold", threshold: number} |
 *   {task: "save", kind: Kind, threshold: number}} Request
 */
/**
 * @typedef {{kind: "progress", words: string, share?: number} | {kind: "accepted", memory: number} |
 *   {kind: "done", device: string, warnings: string[], file: Blob} |
 *   {kind: "mask", mask: Uint8Array<ArrayBuffer>, millilitres: number} | {kind: "file", of: Kind, file: Blob} |
 *   {kind: "error", words: string}} Answer
 */

/** @type {import("./segment.js").Segmented | null} */ let segmented = null;
/** @type {Vessels | null} */ let vessels = null;
/** @type {import("./settings.js").Settings["files"]} */ let files;

self.onmessage = async ({ data }) => {
  try {
    await answer(data);
  } catch (error) {
    say({ kind: "error", words: error instanceof RangeError ? `too little memory for this scan (${error.message}).` : wordsOf(error) });
  }
};

/** @param {Request} request */
async function answer(request) {
  if (request.task === "segment") {
    const settings = await readSettings();
    files = settings.files;
    segmented = await segment(
      request.given, settings,
      (words, share) => say({ kind: "progress", words, share }), ({ memory }) => say({ kind: "accepted", memory }),
    );
    const { nifti, layout, probability, device, warnings } = segmented;
    const [x, y, z] = layout.spacing;
    vessels = new Vessels(probability, nifti.dims, x * y * z, settings);
    // an empty mask: the page asks for that of its threshold; of labels the view would show those alone that it holds
    const file = niftiFile(nifti, new Uint8Array(probability.length), { intent: 0, meaning: "" });
    say({ kind: "done", device, warnings, file });
  } else if (segmented && vessels && request.task === "threshold") {
    const { mask, millilitres } = vessels.mask(request.threshold);
    say({ kind: "mask", mask, millilitres }, [mask.buffer]);
  } else if (segmented && vessels && request.task === "save") {
    const volumes = { probability: segmented.probability, brain_mask: segmented.brain };
    const voxels = request.kind === "vessels" ? vessels.mask(request.threshold).mask : volumes[request.kind];
    say({ kind: "file", of: request.kind, file: await compressed(niftiFile(segmented.nifti, voxels, files[request.kind])) });
  }
}

/** @param {Answer} message @param {Transferable[]} transferred */
function say(message, transferred = []) {
  self.postMessage(message, { transfer: transferred });
}

/** @param {unknown} error */
function wordsOf(error) {
  return error instanceof Error ? error.message : String(error);
}
