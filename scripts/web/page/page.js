// What a person sees and does: files in, progress, threshold, files out.

import { Segmenter } from "./segmenter.js";
import { readSettings } from "./settings.js";
import { Viewer } from "./viewer.js";

/** @typedef {import("./worker.js").Kind} Kind */

/** @template {HTMLElement} T @param {string} id @param {new () => T} kind @returns {T} */
function element(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${id}`);
  return found;
}

const text = (/** @type {string} */ id, /** @type {string} */ words) => { element(id, HTMLElement).textContent = words; };
const show = (/** @type {string} */ id, /** @type {boolean} */ shown) => { element(id, HTMLElement).hidden = !shown; };

const settings = await readSettings();
const threshold = element("threshold", HTMLInputElement);
const brain = element("brain", HTMLSelectElement);
const viewer = await Viewer.on(element("canvas", HTMLCanvasElement)).catch(withoutView);
/** @type {{scan: File | null, mask: File | null}} */ const files = { scan: null, mask: null };
/** @type {Promise<void | null> | undefined} */ let scanShown;
let begun = 0; // when the first window was

const segmenter = new Segmenter({
  onProgress(words, share) {
    text("status", words);
    if (share === 0) begun = performance.now();
    text("left", share ? timeLeft((performance.now() - begun) * (1 / share - 1)) : "");
    const bar = element("progress", HTMLProgressElement);
    if (share === undefined) bar.removeAttribute("value");
    else bar.value = share;
  },
  onAccepted(memory) {
    text("memory", `This scan needs about ${(memory / 1e9).toFixed(1)} GB of memory.`);
    show("view", true);
    if (files.scan) scanShown = viewer?.showScan(files.scan).catch(withoutView);
  },
  async onDone(device, warnings, file) {
    await scanShown;
    await viewer?.addVessels(file).catch(withoutView);
    text("warnings", warnings.map((words) => `Warning: ${words}.`).join(" "));
    text("device", `Done, on the ${device}.`);
    show("run", false);
    show("save-brain_mask", brain.value === "estimate"); // the others are the user's own
    show("result", true);
    segmenter.threshold(threshold.valueAsNumber);
  },
  onMask(mask, millilitres) {
    viewer?.setMask(mask);
    text("volume", `${millilitres.toFixed(2)} ml of vessel`);
    document.body.dataset.state = "shown";
  },
  onFile(kind, file) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = (files.scan?.name ?? "scan").replace(/\.nii(\.gz)?$/i, "") + settings.files[kind].end;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    show("saving", false);
  },
  onError: fail,
});

/** @param {number} milliseconds */
function timeLeft(milliseconds) {
  const seconds = milliseconds / 1000;
  return `About ${seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`} left.`;
}

/** Vessels are found and saved all the same. @param {unknown} error @returns {null} */
function withoutView(error) {
  text("view-note", `The picture cannot be shown: ${error instanceof Error ? error.message : error}`);
  return null;
}

/** @param {string} words */
function fail(words) {
  text("error", words);
  show("error", true);
  show("run", false);
  document.body.dataset.state = "failed";
}

function start() {
  if (!files.scan) return;
  if (brain.value === "given" && !files.mask) {
    element("mask-file", HTMLInputElement).click();
    return;
  }
  for (const id of ["error", "result"]) show(id, false);
  for (const id of ["warnings", "memory"]) text(id, "");
  text("scan-name", files.scan.name + (brain.value === "given" ? `, brain mask ${files.mask?.name}` : ""));
  show("run", true);
  document.body.dataset.state = "running";
  const mask = files.mask && { name: files.mask.name, file: files.mask };
  const kind = /** @type {"estimate" | "whole" | "given"} */ (brain.value);
  segmenter.start({ scan: { name: files.scan.name, file: files.scan }, mask, brain: kind });
}

/** @param {Iterable<File> | null} given */
function take(given) {
  const stem = settings.files.brain_mask.end.replace(/\.nii\.gz$/, "");
  const [masks, scans] = [true, false].map((is) => [...(given ?? [])].filter((file) => file.name.includes(stem) === is));
  if (!masks.length && brain.value === "given") brain.value = "estimate"; // that mask was another scan's
  if (masks.length) brain.value = "given";
  files.mask = masks.at(-1) ?? null;
  files.scan = scans.at(-1) ?? files.scan;
  start();
}

// ---- files
element("scan-file", HTMLInputElement).addEventListener("change", (event) => {
  const input = /** @type {HTMLInputElement} */ (event.target);
  take(input.files);
  input.value = ""; // the same file may be chosen again
});
element("mask-file", HTMLInputElement).addEventListener("change", (event) => {
  files.mask = /** @type {HTMLInputElement} */ (event.target).files?.[0] ?? null;
  start();
});
document.addEventListener("dragover", (event) => {
  event.preventDefault();
  document.body.classList.add("over");
});
document.addEventListener("dragleave", () => document.body.classList.remove("over"));
document.addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("over");
  take(event.dataTransfer?.files ?? null);
});

// ---- controls
brain.value = settings.brain_mask_mode === "none" ? "whole" : "estimate";
brain.addEventListener("change", start);
element("cancel", HTMLButtonElement).addEventListener("click", () => {
  segmenter.cancel();
  show("run", false);
  document.body.dataset.state = "cancelled";
});
threshold.min = String(settings.lowest_threshold);
threshold.value = String(settings.threshold);
const tell = () => text("threshold-value", threshold.valueAsNumber.toFixed(2));
threshold.addEventListener("input", () => {
  tell();
  segmenter.threshold(threshold.valueAsNumber);
});
["scan", "vessels"].forEach((name, volume) => element(`${name}-opacity`, HTMLInputElement).addEventListener("input", (event) =>
  viewer?.setOpacity(volume, /** @type {HTMLInputElement} */ (event.target).valueAsNumber)));
element("view-kind", HTMLSelectElement).addEventListener("change", (event) =>
  viewer?.setKind(/** @type {HTMLSelectElement} */ (event.target).value));
for (const kind of /** @type {Kind[]} */ (["vessels", "probability", "brain_mask"])) {
  element(`save-${kind}`, HTMLButtonElement).addEventListener("click", () => {
    show("saving", true);
    segmenter.save(kind, threshold.valueAsNumber);
  });
}
tell();
text("about", `${settings.about.bundle}. Weights: ${settings.about.weights}, SHA-256 ${settings.about.sha256.slice(0, 12)}.`);
document.body.dataset.state = "ready";
