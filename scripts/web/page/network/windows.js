// Where windows lie and how they are blended: MONAI's sliding window without windows that hold no brain.
// Their size is the user's, or fits the scan: scripts/inferers/fitted_windows.py.

/** @typedef {import("../volume/volume.js").Triple} Triple */
/** @typedef {import("../volume/volume.js").Volume} Volume */
/** @typedef {{window: Triple, step: Triple}} Layout  sides of windows, and how far apart they are; voxels */

/** @param {Triple} shape  of the scan @param {Pick<import("../settings.js").Settings, "window" | "overlap" | "fitted_windows">} settings @returns {Layout} */
export function layoutOfWindows(shape, { window, overlap, fitted_windows: limits }) {
  const stepOf = (/** @type {number} */ side) => Math.max(Math.floor(side * (1 - overlap)), 1);
  if (window !== "auto") return { window, step: /** @type {Triple} */ (window.map(stepOf)) };
  const lap = limits.least - stepOf(limits.least);
  const [xs, ys, zs] = shape.map((length) => shortestSides(length, lap, limits));
  let best = { cost: Infinity, voxels: Infinity, window: shape };
  for (const [i, x] of xs) {
    for (const [j, y] of ys) {
      for (const [k, z] of zs) {
        const voxels = x * y * z;
        const cost = i * j * k * voxels;
        const less = cost < best.cost || (cost === best.cost && voxels < best.voxels);
        if (voxels <= limits.most && less) best = { cost, voxels, window: [x, y, z] };
      }
    }
  }
  return { window: best.window, step: /** @type {Triple} */ (best.window.map((side) => Math.max(side - lap, 1))) };
}

/**
 * For each number of windows along an axis the shortest side with which they cover it.
 * @param {number} length @param {number} lap @param {import("../settings.js").Settings["fitted_windows"]} limits
 * @returns {Map<number, number>}
 */
function shortestSides(length, lap, { least, step }) {
  const longest = Math.ceil(length / step) * step;
  const shortest = new Map();
  for (let side = Math.min(least, longest); side <= longest; side += step) {
    const count = Math.ceil(Math.max(length - side, 0) / Math.max(side - lap, 1)) + 1;
    if (!shortest.has(count)) shortest.set(count, side);
  }
  return shortest;
}

/**
 * First voxels of the windows that hold brain, by their first axis; a side shorter than the window's starts before 0.
 * @param {Volume} image  0 outside the brain @param {Layout} layout
 * @returns {Triple[]}
 */
export function brainWindows(image, { window, step }) {
  const [xs, ys, zs] = window.map((side, axis) => startsAlong(image.shape[axis], side, step[axis]));
  /** @type {Triple[]} */ const corners = [];
  for (const x of xs) for (const y of ys) for (const z of zs) if (holdsBrain(image, [x, y, z], window)) corners.push([x, y, z]);
  return corners;
}

/** @param {number} length @param {number} side @param {number} step */
function startsAlong(length, side, step) {
  if (length <= side) return [-Math.floor((side - length) / 2)]; // padded evenly
  const starts = [];
  for (let start = 0; ; start += step) {
    starts.push(Math.min(start, length - side));
    if (start + side >= length) return starts;
  }
}

/** @param {Volume} image @param {Triple} corner @param {Triple} window */
function holdsBrain({ data, shape }, corner, window) {
  const [start, end] = [corner.map((at) => Math.max(at, 0)), corner.map((at, axis) => Math.min(at + window[axis], shape[axis]))];
  for (let i = start[0]; i < end[0]; i++) {
    for (let j = start[1]; j < end[1]; j++) {
      const row = (i * shape[1] + j) * shape[2];
      for (let k = start[2]; k < end[2]; k++) if (data[row + k]) return true;
    }
  }
  return false;
}

/** A window of a scan, whose outermost voxels go on around it. @param {Volume} image @param {Triple} corner @param {Triple} window @returns {Float32Array<ArrayBuffer>} */
export function cut({ data, shape }, corner, window) {
  const result = new Float32Array(window[0] * window[1] * window[2]);
  const [first, last] = [Math.max(corner[2], 0), Math.min(corner[2] + window[2], shape[2])];
  const inside = (/** @type {number} */ at, /** @type {number} */ length) => Math.min(Math.max(at, 0), length - 1);
  for (let i = 0; i < window[0]; i++) {
    for (let j = 0; j < window[1]; j++) {
      const row = (inside(corner[0] + i, shape[0]) * shape[1] + inside(corner[1] + j, shape[1])) * shape[2];
      const line = result.subarray((i * window[1] + j) * window[2], (i * window[1] + j + 1) * window[2]);
      line.fill(data[row + first], 0, first - corner[2]);
      line.set(data.subarray(row + first, row + last), first - corner[2]);
      line.fill(data[row + last - 1], last - corner[2]);
    }
  }
  return result;
}

/** MONAI's compute_importance_map. @param {Triple} window @param {"gaussian" | "constant"} mode */
export function importance(window, mode) {
  if (mode === "constant") return new Float32Array(window[0] * window[1] * window[2]).fill(1);
  const [x, y, z] = window.map((side) => {
    const sigma = 0.125 * side;
    return Float32Array.from({ length: side }, (_, i) => Math.exp((i - (side - 1) / 2) ** 2 / (-2 * sigma ** 2)));
  });
  const least = Math.max(x[0] * y[0] * z[0], 1e-3);
  const result = new Float32Array(window[0] * window[1] * window[2]);
  let at = 0;
  for (const a of x) for (const b of y) for (const c of z) result[at++] = Math.max(a * b * c, least);
  return result;
}
