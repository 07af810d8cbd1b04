// Order statistics, and Otsu's threshold as scikit-image computes it.

/**
 * numpy.percentile, linear between neighbours.
 * @param {Float32Array} sorted  ascending
 * @param {number} percent
 */
export function percentile(sorted, percent) {
  const at = ((sorted.length - 1) * percent) / 100;
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

/** numpy.median. @param {Float32Array} values */
export function median(values) {
  return percentile(values.slice().sort(), 50);
}

/** torch.median, the lower of the two in the middle. @param {Float32Array} sorted  ascending */
export function lowerMedian(sorted) {
  return sorted[(sorted.length - 1) >> 1];
}

/** @param {Float32Array} values @param {number} centre @returns {Float32Array<ArrayBuffer>} distances to it, ascending */
export function deviations(values, centre) {
  return Float32Array.from(values, (value) => Math.abs(value - centre)).sort();
}

/** @param {ArrayLike<number>} values @returns {[number, number]} least and greatest */
export function range(values) {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    if (values[i] < low) low = values[i];
    if (values[i] > high) high = values[i];
  }
  return [low, high];
}

/** @param {Float32Array} values @returns {number} */
export function otsu(values) {
  const [low, high] = range(values);
  if (low === high) return low;
  const bins = 256;
  const counts = new Float64Array(bins);
  const width = (high - low) / bins;
  for (const value of values) counts[Math.min(Math.floor((value - low) / width), bins - 1)]++;
  const centre = (/** @type {number} */ bin) => low + (bin + 0.5) * width;
  let [total, sum] = [0, 0];
  for (let bin = 0; bin < bins; bin++) {
    total += counts[bin];
    sum += counts[bin] * centre(bin);
  }
  let [best, threshold, weight, part] = [-1, low, 0, 0];
  for (let bin = 0; bin < bins - 1; bin++) {
    weight += counts[bin];
    part += counts[bin] * centre(bin);
    const variance = weight * (total - weight) * (part / weight - (sum - part) / (total - weight)) ** 2;
    if (variance > best) [best, threshold] = [variance, centre(bin)];
  }
  return threshold;
}
