// The worker as the page sees it. Cancelling ends it; the next scan gets a new one.

/** @typedef {import("./worker.js").Answer} Answer */
/** @typedef {import("./worker.js").Kind} Kind */
/** @typedef {import("./worker.js").Request} Request */
/**
 * @typedef {object} Listener
 * @property {(words: string, share?: number) => void} onProgress
 * @property {(memory: number) => void} onAccepted
 * @property {(device: string, warnings: string[], file: Blob) => void} onDone
 * @property {(mask: Uint8Array<ArrayBuffer>, millilitres: number) => void} onMask
 * @property {(kind: Kind, file: Blob) => void} onFile
 * @property {(words: string) => void} onError
 */

export class Segmenter {
  /** @param {Listener} listener */
  constructor(listener) {
    this.listener = listener;
    /** @type {Worker | null} */ this.worker = null;
    /** @type {number | null} */ this.wanted = null; // the last threshold asked for while a mask is made
    this.busy = false;
  }

  /** @param {import("./segment.js").Case} given */
  start(given) {
    this.cancel();
    this.worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
    this.worker.onmessage = ({ data }) => this.hear(data);
    this.worker.onerror = (event) => this.listener.onError(event.message || "The worker could not be started.");
    this.send({ task: "segment", given });
  }

  cancel() {
    this.worker?.terminate();
    this.worker = null;
    this.busy = false;
    this.wanted = null;
  }

  /** Masks are made one at a time; of the thresholds that come meanwhile the last counts. @param {number} value */
  threshold(value) {
    if (this.busy) {
      this.wanted = value;
      return;
    }
    this.busy = true;
    this.send({ task: "threshold", threshold: value });
  }

  /** @param {Kind} kind @param {number} threshold */
  save(kind, threshold) {
    this.send({ task: "save", kind, threshold });
  }

  /** @param {Request} request */
  send(request) {
    this.worker?.postMessage(request);
  }

  /** @param {Answer} answer */
  hear(answer) {
    if (answer.kind === "progress") this.listener.onProgress(answer.words, answer.share);
    else if (answer.kind === "accepted") this.listener.onAccepted(answer.memory);
    else if (answer.kind === "done") this.listener.onDone(answer.device, answer.warnings, answer.file);
    else if (answer.kind === "file") this.listener.onFile(answer.of, answer.file);
    else if (answer.kind === "error") this.listener.onError(answer.words);
    else {
      this.busy = false;
      this.listener.onMask(answer.mask, answer.millilitres);
      if (this.wanted !== null) {
        const value = this.wanted;
        this.wanted = null;
        this.threshold(value);
      }
    }
  }
}
