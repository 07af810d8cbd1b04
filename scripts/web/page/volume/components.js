// Connected components by runs along the last axis: memory grows with the number of runs, not with the volume.

/** @typedef {import("./volume.js").Triple} Triple */
/** @typedef {{starts: Uint32Array, ends: Uint32Array}} Runs  of voxels in memory order, ends exclusive */

/**
 * @param {ArrayLike<number> | null} indices  of candidates, ascending; null: all voxels
 * @param {number} length  of candidates
 * @param {(candidate: number) => boolean} isSet
 * @param {number} width  of a row, voxels
 * @returns {Runs}
 */
export function runsOf(indices, length, isSet, width) {
  /** @type {number[]} */ const starts = [];
  /** @type {number[]} */ const ends = [];
  let end = -1;
  for (let i = 0; i < length; i++) {
    if (!isSet(i)) continue;
    const at = indices ? indices[i] : i;
    if (at === end && at % width) ends[ends.length - 1] = at + 1;
    else {
      starts.push(at);
      ends.push(at + 1);
    }
    end = at + 1;
  }
  return { starts: Uint32Array.from(starts), ends: Uint32Array.from(ends) };
}

/**
 * The component of each run, by its first run; and the voxels of each component, at its first run.
 * @param {Runs} runs
 * @param {Triple} shape
 * @param {number} connectivity  1: voxels of a component share faces; 3: or corners
 * @returns {{roots: Int32Array, sizes: Uint32Array}}
 */
export function components(runs, shape, connectivity) {
  const [depth, height, width] = shape;
  const rows = firstRuns(runs, depth * height, width);
  const parents = Int32Array.from(runs.starts, (_, run) => run);
  const find = (/** @type {number} */ run) => {
    while (parents[run] !== run) run = parents[run] = parents[parents[run]];
    return run;
  };
  const reach = connectivity === 3 ? 1 : 0;
  const before = connectivity === 3 ? [[-1, -1], [-1, 0], [-1, 1], [0, -1]] : [[-1, 0], [0, -1]];
  for (let row = 0; row < depth * height; row++) {
    if (rows[row] === rows[row + 1]) continue;
    const [plane, line] = [Math.floor(row / height), row % height];
    for (const [dz, dy] of before) {
      if (plane + dz < 0 || line + dy < 0 || line + dy >= height) continue;
      const other = row + dz * height + dy;
      const shift = (row - other) * width;
      let a = rows[row];
      let b = rows[other];
      while (a < rows[row + 1] && b < rows[other + 1]) {
        const [start, end] = [runs.starts[b] + shift, runs.ends[b] + shift];
        if (start < runs.ends[a] + reach && end + reach > runs.starts[a]) {
          const [x, y] = [find(a), find(b)];
          parents[Math.max(x, y)] = Math.min(x, y);
        }
        if (runs.ends[a] < end) a++;
        else b++;
      }
    }
  }
  const sizes = new Uint32Array(parents.length);
  const roots = parents.map((_, run) => find(run));
  roots.forEach((root, run) => { sizes[root] += runs.ends[run] - runs.starts[run]; });
  return { roots, sizes };
}

/** Number of the first run of each row, and of one row more. @param {Runs} runs @param {number} count @param {number} width */
function firstRuns(runs, count, width) {
  const first = new Int32Array(count + 1);
  for (const start of runs.starts) first[Math.floor(start / width) + 1]++;
  for (let row = 0; row < count; row++) first[row + 1] += first[row];
  return first;
}
