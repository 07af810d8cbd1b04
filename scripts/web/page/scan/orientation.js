// From the axes of a file to right-anterior-superior (RAS), and back.

/** @typedef {import("../volume/volume.js").Triple} Triple */
/** @typedef {import("../volume/volume.js").Volume} Volume */
/** @typedef {import("./nifti.js").Nifti} Nifti */
/**
 * Where a voxel of the RAS volume lies in the file: first + i steps[0] + j steps[1] + k steps[2].
 * @typedef {{shape: Triple, spacing: Triple, steps: Triple, first: number, affine: import("./nifti.js").Affine}} Layout
 */

/** @param {Nifti} nifti @returns {Layout} */
export function layoutOf({ dims, affine }) {
  const sides = [0, 1, 2].map((axis) => Math.hypot(affine[0][axis], affine[1][axis], affine[2][axis])); // mm
  const axes = axesOf(affine.map((row) => row.slice(0, 3).map((value, axis) => value / sides[axis])));
  const inFile = [1, dims[0], dims[0] * dims[1]];
  /** @type {Layout} */
  const layout = {
    shape: [0, 0, 0], spacing: [0, 0, 0], steps: [0, 0, 0], first: 0,
    affine: affine.map((row) => [0, 0, 0, row[3]]),
  };
  axes.forEach((axis, world) => {
    const turned = affine[world][axis] < 0;
    const last = dims[axis] - 1;
    layout.shape[world] = dims[axis];
    layout.spacing[world] = sides[axis];
    layout.steps[world] = turned ? -inFile[axis] : inFile[axis];
    if (turned) layout.first += last * inFile[axis];
    layout.affine.forEach((row, i) => {
      row[world] = turned ? -affine[i][axis] : affine[i][axis];
      if (turned) row[3] += affine[i][axis] * last;
    });
  });
  return layout;
}

/**
 * The file's axis along each world axis: the surest file axis chooses first.
 * @param {number[][]} directions  (world, file), columns of length 1
 */
function axesOf(directions) {
  const strength = (/** @type {number} */ axis) => Math.max(...directions.map((row) => Math.abs(row[axis])));
  const axes = [-1, -1, -1];
  for (const axis of [0, 1, 2].sort((a, b) => strength(b) - strength(a))) {
    const free = [0, 1, 2].filter((world) => axes[world] < 0);
    axes[free.reduce((a, b) => (Math.abs(directions[b][axis]) > Math.abs(directions[a][axis]) ? b : a))] = axis;
  }
  return axes;
}

/** @param {Nifti} nifti @param {Layout} layout @returns {Volume} its values in RAS */
export function toRas(nifti, { shape, steps, first }) {
  const data = new Float32Array(shape[0] * shape[1] * shape[2]);
  let at = 0;
  for (let i = 0; i < shape[0]; i++) {
    for (let j = 0; j < shape[1]; j++) {
      let from = first + i * steps[0] + j * steps[1];
      for (let k = 0; k < shape[2]; k++, from += steps[2]) data[at++] = nifti.voxels[from] * nifti.slope + nifti.intercept;
    }
  }
  return { data, shape };
}
