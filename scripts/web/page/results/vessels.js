// The mask of a threshold: small components off, at once, since only voxels that some threshold can reach are looked at.

import { components, runsOf } from "../volume/components.js";

/** @typedef {import("../volume/volume.js").Triple} Triple */

export class Vessels {
  /**
   * @param {Float32Array<ArrayBuffer>} probability  in the order of the scan's file
   * @param {Triple} dims  along the axes of the file, the first contiguous
   * @param {number} voxel  mm3
   * @param {import("../settings.js").Settings} settings
   */
  constructor(probability, dims, voxel, settings) {
    this.probability = probability;
    this.shape = /** @type {Triple} */ ([dims[2], dims[1], dims[0]]);
    this.voxel = voxel;
    this.settings = settings;
    const lowest = Math.fround(settings.lowest_threshold);
    let length = 0;
    for (const value of probability) if (value >= lowest) length++;
    this.candidates = new Uint32Array(length);
    for (let i = 0, at = 0; i < probability.length; i++) if (probability[i] >= lowest) this.candidates[at++] = i;
  }

  /** @param {number} threshold @returns {{mask: Uint8Array<ArrayBuffer>, millilitres: number}} in the order of the file */
  mask(threshold) {
    const { candidates, probability, shape, settings } = this;
    const limit = Math.fround(threshold);
    const least = settings.min_component * (1 - settings.checks.component_rounding);
    const runs = runsOf(candidates, candidates.length, (i) => probability[candidates[i]] >= limit, shape[2]);
    const { roots, sizes } = components(runs, shape, settings.connectivity);
    const mask = new Uint8Array(probability.length);
    let voxels = 0;
    roots.forEach((root, run) => {
      if (sizes[root] * this.voxel < least) return;
      mask.fill(1, runs.starts[run], runs.ends[run]);
      voxels += runs.ends[run] - runs.starts[run];
    });
    return { mask, millilitres: (voxels * this.voxel) / 1000 };
  }
}
