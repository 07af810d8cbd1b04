// The brain of a scan that comes without mask: scripts/transforms/brain_mask.py step by step, which says why.

import { components, runsOf } from "../volume/components.js";
import { complement, squaredDistance, within } from "../volume/distance.js";
import { gaussian, opened } from "../volume/filters.js";
import { area, trilinear } from "../volume/scaling.js";
import { deviations, median, otsu, percentile, range } from "../volume/statistics.js";
import { count, round } from "../volume/volume.js";

/** @typedef {import("../volume/volume.js").Mask} Mask */
/** @typedef {import("../volume/volume.js").Triple} Triple */
/** @typedef {import("../volume/volume.js").Volume} Volume */
/** @typedef {import("../settings.js").Settings["brain_mask"]} Numbers */

const NORMAL = 1.482602218505602; // standard deviation over MAD of a normal distribution

/**
 * @param {Volume} scan  in RAS
 * @param {number[]} spacing  mm
 * @param {Numbers} numbers
 * @returns {Mask}
 * @throws {Error} the brain was not found
 */
export function estimateBrainMask(scan, spacing, numbers) {
  const { data, shape } = scan;
  const empty = faceValue(scan);
  const background = { data: Uint8Array.from(data, (value) => Number(value === empty)), shape };
  if (count(background) / data.length > 1 - numbers.sparse) return { data: background.data.fill(1), shape };
  const tissue = complement(opened(background, spacing.map((side) => 2 * round(numbers.hole / 2 / side) + 1)));
  if (Math.max(shape[0] * spacing[0], shape[1] * spacing[1]) < numbers.inside) return tissue;
  const coarse = /** @type {Triple} */ (
    shape.map((side, axis) => Math.max(1, round(side / Math.max(1, numbers.working_spacing / spacing[axis]))))
  );
  const small = area(data, shape, coarse);
  const mm = coarse.map((side, axis) => (spacing[axis] * shape[axis]) / side);
  const stripped = count(tissue) / data.length < 1 - numbers.stripped;
  let found = brainOfTissue(aboveZero(small), coarse, mm, numbers, stripped);
  if (!found) return tissue;
  if (found.data.includes(1)) found = withArteries(found, small, mm, numbers);
  const share = trilinear(found.data, coarse, shape);
  const brain = { data: tissue.data.map((value, i) => value & Number(share[i] >= numbers.tight)), shape };
  if (count(brain) >= numbers.least * count(tissue)) return brain;
  if (stripped) return tissue;
  throw new Error("the brain could not be found. Give a brain mask, or use the whole field of view.");
}

/** The most frequent value on the six faces. @param {Volume} scan */
function faceValue({ data, shape: [depth, height, width] }) {
  /** @type {Map<number, number>} */ const counts = new Map();
  const add = (/** @type {number} */ i, /** @type {number} */ j, /** @type {number} */ k) => {
    const value = data[(i * height + j) * width + k];
    counts.set(value, (counts.get(value) ?? 0) + 1);
  };
  for (const i of [0, depth - 1]) for (let j = 0; j < height; j++) for (let k = 0; k < width; k++) add(i, j, k);
  for (const j of [0, height - 1]) for (let i = 0; i < depth; i++) for (let k = 0; k < width; k++) add(i, j, k);
  for (const k of [0, width - 1]) for (let i = 0; i < depth; i++) for (let j = 0; j < height; j++) add(i, j, k);
  return [...counts].reduce((a, b) => (b[1] > a[1] || (b[1] === a[1] && b[0] < a[0]) ? b : a))[0];
}

/** A scan may come standardised. @param {Float32Array<ArrayBuffer>} image */
function aboveZero(image) {
  const low = Math.min(range(image)[0], 0);
  return image.map((value) => value - low);
}

/**
 * @param {Float32Array<ArrayBuffer>} image
 * @param {Triple} shape
 * @param {number[]} mm
 * @param {Numbers} numbers
 * @param {boolean} stripped  all of its tissue may be brain
 * @returns {Mask | undefined}  nothing where it is
 */
function brainOfTissue(image, shape, mm, numbers, stripped) {
  const bright = percentile(image.slice().sort(), 99);
  const middle = otsu(image.map((value) => Math.min(value, bright)));
  const noise = numbers.noise * percentile(image.filter((value) => value > 0).sort(), numbers.air);
  const headLimit = Math.min(Math.max(noise, middle / 2), (3 * middle) / 4);
  const head = { data: Uint8Array.from(image, (value) => Number(value > headLimit)), shape };
  const signal = withoutBias(image, head, mm, numbers);
  const limit = otsu(signal.filter((_, i) => image[i] > 0));
  const outline = withoutHoles(eroded(within(head, numbers.gap, mm), numbers.gap, mm));
  const skin = within(complement(outline), numbers.skin, mm);
  const first = brainAbove(limit, { data: signal, shape }, mm, numbers);
  const exposed = shareWithin(first, skin);
  if (stripped && exposed > numbers.touching) return undefined;
  if (exposed <= numbers.exposed) return first;
  const least = (exposed > numbers.scalp ? numbers.without_scalp : numbers.without_eyes) * count(first);
  for (const factor of numbers.stricter) {
    const brain = brainAbove(factor * limit, { data: signal, shape }, mm, numbers);
    if (shareWithin(brain, skin) <= numbers.exposed && count(brain) >= least) return brain;
  }
  return first;
}

/** @param {Mask} mask @param {Mask} region */
function shareWithin(mask, region) {
  const both = mask.data.reduce((sum, value, i) => sum + (value & region.data[i]), 0);
  return mask.data.includes(1) ? both / count(mask) : 1;
}

/** @param {number} limit @param {Volume} signal @param {number[]} mm @param {Numbers} numbers @returns {Mask} */
function brainAbove(limit, { data, shape }, mm, numbers) {
  const depth = squaredDistance({ data: Uint8Array.from(data, (value) => Number(value > limit)), shape }, mm);
  const core = largest({ data: Uint8Array.from(depth, (square) => Number(Math.sqrt(square) > numbers.bridge)), shape });
  return withoutHoles(eroded(within(core, numbers.bridge + numbers.closing, mm), numbers.closing, mm));
}

/** @param {Float32Array<ArrayBuffer>} image @param {Mask} mask  of the head @param {number[]} mm @param {Numbers} numbers */
function withoutBias(image, mask, mm, numbers) {
  const { shape } = mask;
  const head = Float32Array.from(mask.data);
  const typical = median(image.filter((_, i) => head[i]));
  const signal = image.map((value) => Math.min(value, 1.5 * typical));
  const sigma = mm.map((side) => numbers.bias / side);
  const sums = gaussian(signal.map((value, i) => value * head[i]), shape, sigma);
  const shares = gaussian(head, shape, sigma);
  return signal.map((value, i) => value / (sums[i] / (shares[i] + 1e-3) + 0.1 * typical));
}

/** @param {Mask} brain @param {Float32Array<ArrayBuffer>} image @param {number[]} mm @param {Numbers} numbers @returns {Mask} */
function withArteries(brain, image, mm, numbers) {
  const { shape } = brain;
  const tissue = image.filter((_, i) => brain.data[i]);
  const middle = median(tissue);
  const limit = middle + numbers.bright * NORMAL * percentile(deviations(tissue, middle), 50);
  const along = within(brain, numbers.margin, mm);
  const bright = { data: along.data.map((value, i) => value & Number(image[i] > limit)), shape };
  const around = within(bright, numbers.around, mm);
  return { data: brain.data.map((value, i) => value | (along.data[i] & around.data[i])), shape };
}

/** @param {Mask} mask @param {number} distance  mm @param {number[]} mm @returns {Mask} */
function eroded(mask, distance, mm) {
  return complement(within(complement(mask), distance, mm));
}

/** @param {Mask} mask @returns {Mask} its largest component, by faces */
function largest({ data, shape }) {
  const runs = runsOf(null, data.length, (i) => data[i] === 1, shape[2]);
  const { roots, sizes } = components(runs, shape, 1);
  const best = sizes.indexOf(sizes.reduce((a, b) => Math.max(a, b), 0));
  const result = new Uint8Array(data.length);
  roots.forEach((root, run) => { if (root === best) result.fill(1, runs.starts[run], runs.ends[run]); });
  return { data: result, shape };
}

/** Holes of every axial slice filled. @param {Mask} mask @returns {Mask} */
function withoutHoles({ data, shape: [depth, height, width] }) {
  const result = new Uint8Array(data.length).fill(1);
  for (let k = 0; k < width; k++) {
    /** @type {number[]} */ const open = [];
    const visit = (/** @type {number} */ i, /** @type {number} */ j) => {
      const at = (i * height + j) * width + k;
      if (i < 0 || j < 0 || i >= depth || j >= height || data[at] || !result[at]) return;
      result[at] = 0;
      open.push(i, j);
    };
    for (let i = 0; i < depth; i++) for (const j of [0, height - 1]) visit(i, j);
    for (let j = 0; j < height; j++) for (const i of [0, depth - 1]) visit(i, j);
    while (open.length) {
      const j = /** @type {number} */ (open.pop());
      const i = /** @type {number} */ (open.pop());
      visit(i - 1, j);
      visit(i + 1, j);
      visit(i, j - 1);
      visit(i, j + 1);
    }
  }
  return { data: result, shape: [depth, height, width] };
}
