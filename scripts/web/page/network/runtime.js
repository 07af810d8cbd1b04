// The network by onnxruntime-web: on the graphics processor where its answer is right, else on the processor.

/** @typedef {typeof import("onnxruntime-web")} Ort */
/** @typedef {import("onnxruntime-web").InferenceSession} Session */
/** @typedef {{run: (window: Float32Array<ArrayBuffer>) => Promise<Float32Array>, device: string}} Network */

const LIBRARIES = new URL("../libraries/", import.meta.url);
const MODEL = new URL("../network.onnx", import.meta.url).href;
const MOST_THREADS = 8; // more wait for each other
const SAME = 1e-3; // of a probability; rounding differs between processors by less

/**
 * @param {import("../volume/volume.js").Triple} window
 * @param {Float32Array<ArrayBuffer>} example  a window to try processors with
 * @returns {Promise<Network>}
 */
export async function openNetwork(window, example) {
  const processor = await onProcessor(window);
  const adapter = "gpu" in navigator ? await navigator.gpu.requestAdapter().catch(() => null) : null;
  if (!adapter || adapter.info.isFallbackAdapter) return processor; // which would do the work of that adapter, slower
  try {
    const graphics = await open("ort.webgpu.min.mjs", "webgpu", "graphics processor (WebGPU)", window);
    const [expected, found] = [await processor.run(example), await graphics.run(example)];
    // written so that a NaN counts as different
    if (!expected.some((value, i) => !(Math.abs(value - found[i]) <= SAME))) return graphics;
    return { ...processor, device: `${processor.device}; the graphics processor computes wrongly` };
  } catch (error) {
    return { ...processor, device: `${processor.device}; the graphics processor cannot compute this network` };
  }
}

/** @param {import("../volume/volume.js").Triple} window */
function onProcessor(window) {
  const threads = self.crossOriginIsolated ? Math.min(navigator.hardwareConcurrency, MOST_THREADS) : 1;
  return open("ort.wasm.min.mjs", "wasm", `processor, ${threads} ${threads === 1 ? "thread" : "threads"}`, window, threads);
}

/**
 * @param {string} library @param {string} provider @param {string} device
 * @param {import("../volume/volume.js").Triple} window @param {number} threads
 * @returns {Promise<Network>}
 */
async function open(library, provider, device, window, threads = 1) {
  const ort = /** @type {Ort} */ (await import(new URL(library, LIBRARIES).href));
  ort.env.wasm.wasmPaths = LIBRARIES.href;
  ort.env.wasm.numThreads = threads;
  ort.env.logLevel = "error";
  const session = await ort.InferenceSession.create(MODEL, { executionProviders: [provider] });
  return {
    device,
    async run(data) {
      const tensor = new ort.Tensor("float32", data, [1, 1, ...window]);
      const answer = (await session.run({ [session.inputNames[0]]: tensor }))[session.outputNames[0]];
      return /** @type {Float32Array} */ (await answer.getData());
    },
  };
}
