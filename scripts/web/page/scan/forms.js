// Where a NIfTI header says that its voxels lie.

/** @typedef {import("./nifti.js").Affine} Affine */

/** @param {DataView} view @param {boolean} little @param {boolean} second  NIfTI-2 @returns {Affine | null} */
export function sform(view, little, second) {
  const code = second ? view.getInt32(348, little) : view.getInt16(254, little);
  if (code <= 0) return null;
  const number = (/** @type {number} */ i) =>
    second ? view.getFloat64(400 + 8 * i, little) : view.getFloat32(280 + 4 * i, little);
  return [0, 1, 2].map((row) => [0, 1, 2, 3].map((column) => number(4 * row + column)));
}

/** @param {DataView} view @param {boolean} little @param {boolean} second  NIfTI-2 @returns {Affine | null} */
export function qform(view, little, second) {
  const code = second ? view.getInt32(344, little) : view.getInt16(252, little);
  if (code <= 0) return null;
  const number = (/** @type {number} */ i) =>
    second ? view.getFloat64(352 + 8 * i, little) : view.getFloat32(256 + 4 * i, little);
  const side = (/** @type {number} */ i) => (second ? view.getFloat64(104 + 8 * i, little) : view.getFloat32(76 + 4 * i, little));
  const [b, c, d] = [number(0), number(1), number(2)];
  const a = Math.sqrt(Math.max(1 - b * b - c * c - d * d, 0));
  const turn = [
    [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
    [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
    [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
  ];
  const sides = [side(1), side(2), side(3) * (side(0) === -1 ? -1 : 1)];
  return turn.map((row, i) => [...row.map((value, column) => value * sides[column]), number(3 + i)]);
}

/** @param {Affine} affine @param {number[]} at  voxel @returns {number[]} mm */
export function place(affine, at) {
  return affine.map((row) => row[0] * at[0] + row[1] * at[1] + row[2] * at[2] + row[3]);
}

/**
 * Greatest distance, mm, of a corner of the volume by one affine from the same by another.
 * @param {Affine} one @param {Affine} other @param {number[]} shape
 */
export function formsApart(one, other, shape) {
  let greatest = 0;
  for (let corner = 0; corner < 8; corner++) {
    const at = shape.map((side, axis) => ((corner >> axis) & 1) * (side - 1));
    const [p, q] = [place(one, at), place(other, at)];
    greatest = Math.max(greatest, Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]));
  }
  return greatest;
}
