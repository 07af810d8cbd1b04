// Where windows lie and how they are blended: MONAI's sliding window without windows that hold no brain.

/** @typedef {import("../volume/volume.js").Triple} Triple */
/** @typedef {import("../volume/volume.js").Volume} Volume */

/**
 * First voxels of the windows that hold brain, by their first axis; a side shorter than the window's starts before 0.
 * @param {Volume} image  0 outside the brain @param {Triple} window @param {number} overlap  a fraction of the window
 * @returns {Triple[]}
 */
export function brainWindows(image, window, overlap) {
  const [xs, ys, zs] = window.map((side, axis) => startsAlong(image.shape[axis], side, overlap));
  /** @type {Triple[]} */ const corners = [];
  for (const x of xs) for (const y of ys) for (const z of zs) if (holdsBrain(image, [x, y, z], window)) corners.push([x, y, z]);
  return corners;
}

/** @param {number} length @param {number} side @param {number} overlap */
function startsAlong(length, side, overlap) {
  if (length <= side) return [-Math.floor((side - length) / 2)]; // padded evenly with zeros
  const step = Math.max(Math.floor(side * (1 - overlap)), 1);
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

/** A window of a scan, zeros around it. @param {Volume} image @param {Triple} corner @param {Triple} window @returns {Float32Array<ArrayBuffer>} */
export function cut({ data, shape }, corner, window) {
  const result = new Float32Array(window[0] * window[1] * window[2]);
  const [first, last] = [Math.max(corner[2], 0), Math.min(corner[2] + window[2], shape[2])];
  for (let i = 0; i < window[0]; i++) {
    for (let j = 0; j < window[1]; j++) {
      const [x, y] = [corner[0] + i, corner[1] + j];
      if (x < 0 || y < 0 || x >= shape[0] || y >= shape[1]) continue;
      const row = (x * shape[1] + y) * shape[2];
      result.set(data.subarray(row + first, row + last), (i * window[1] + j) * window[2] + first - corner[2]);
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
