// One volume out of overlapping windows, with sums for a slab of it only: scripts/inferers/slab_stitcher.py.

/** @typedef {import("../volume/volume.js").Triple} Triple */

export class SlabStitcher {
  /**
   * @param {import("../volume/volume.js").Volume} result  zeros
   * @param {Float32Array} weights  of a window's voxels
   * @param {Triple} window
   */
  constructor(result, weights, window) {
    this.result = result;
    this.weights = weights;
    this.window = window;
    this.plane = result.shape[1] * result.shape[2];
    this.sums = new Float32Array(window[0] * this.plane);
    this.total = new Float32Array(window[0] * this.plane);
    this.first = 0; // the plane of `result` that is the first of the slab
  }

  /** Windows come in the order of their first axis. @param {Float32Array} prediction @param {Triple} corner */
  add(prediction, corner) {
    const [depth, height, width] = this.window;
    const shape = this.result.shape;
    const start = Math.max(corner[0], 0);
    if (start > this.first) this.moveTo(start);
    const [from, to] = [Math.max(-corner[2], 0), Math.min(width, shape[2] - corner[2])];
    for (let i = Math.max(-corner[0], 0); i < depth && corner[0] + i < shape[0]; i++) {
      for (let j = Math.max(-corner[1], 0); j < height && corner[1] + j < shape[1]; j++) {
        const source = (i * height + j) * width;
        const target = (corner[0] + i - this.first) * this.plane + (corner[1] + j) * shape[2] + corner[2];
        for (let k = from; k < to; k++) {
          this.sums[target + k] += prediction[source + k] * this.weights[source + k];
          this.total[target + k] += this.weights[source + k];
        }
      }
    }
  }

  /** Write the remaining planes; call it after the last window. */
  finish() {
    this.write(this.window[0]);
  }

  /** @param {number} plane */
  moveTo(plane) {
    const done = Math.min(plane - this.first, this.window[0]);
    this.write(done);
    for (const sums of [this.sums, this.total]) {
      sums.copyWithin(0, done * this.plane);
      sums.fill(0, (this.window[0] - done) * this.plane);
    }
    this.first = plane;
  }

  /** @param {number} planes */
  write(planes) {
    const count = Math.min(planes, this.result.shape[0] - this.first) * this.plane;
    const start = this.first * this.plane;
    for (let i = 0; i < count; i++) this.result.data[start + i] = this.sums[i] / Math.max(this.total[i], 1e-9);
  }
}
