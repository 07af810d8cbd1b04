// Results as NIfTI files on the grid of the scan, placed by its header to the bit.

/** @typedef {import("./nifti.js").Nifti} Nifti */

const OFFSET = 352; // bytes before the voxels
const UNIT_OF_LENGTH = 7; // bits of `xyzt_units`

/**
 * @param {Nifti} scan
 * @param {Uint8Array<ArrayBuffer> | Float32Array<ArrayBuffer>} voxels  in the order of the scan's file
 * @param {{intent: number, meaning: string}} what  the values are
 * @returns {Blob} .nii
 */
export function niftiFile(scan, voxels, { intent, meaning }) {
  const header = new DataView(new ArrayBuffer(OFFSET));
  const from = reader(scan);
  header.setInt32(0, 348, true);
  [3, ...scan.dims, 1, 1, 1, 1].forEach((side, i) => header.setInt16(40 + 2 * i, side, true));
  header.setInt16(68, intent, true);
  header.setInt16(70, voxels instanceof Uint8Array ? 2 : 16, true);
  header.setInt16(72, 8 * voxels.BYTES_PER_ELEMENT, true);
  for (let i = 0; i < 8; i++) header.setFloat32(76 + 4 * i, i < 4 ? from.pixdim(i) : 1, true);
  header.setFloat32(108, OFFSET, true);
  header.setFloat32(112, 1, true); // slope
  header.setUint8(123, from.units() & UNIT_OF_LENGTH);
  [...meaning].forEach((letter, i) => header.setUint8(148 + i, letter.charCodeAt(0)));
  header.setInt16(252, from.code(0), true);
  header.setInt16(254, from.code(1), true);
  for (let i = 0; i < 18; i++) header.setFloat32(256 + 4 * i, from.form(i), true);
  [..."n+1"].forEach((letter, i) => header.setUint8(344 + i, letter.charCodeAt(0)));
  return new Blob([header, voxels]);
}

/** @param {Blob} file @returns {Promise<Blob>} .gz */
export function compressed(file) {
  return new Response(file.stream().pipeThrough(new CompressionStream("gzip"))).blob();
}

/** What places a scan, out of its header. @param {Nifti} scan */
function reader({ header, little }) {
  const second = header.getInt32(0, little) === 540;
  return {
    pixdim: (/** @type {number} */ i) =>
      second ? header.getFloat64(104 + 8 * i, little) : header.getFloat32(76 + 4 * i, little),
    units: () => (second ? header.getInt32(500, little) : header.getUint8(123)),
    code: (/** @type {number} */ i) =>
      second ? header.getInt32(344 + 4 * i, little) : header.getInt16(252 + 2 * i, little),
    form: (/** @type {number} */ i) => // quaternion and offset, then the three rows
      second ? header.getFloat64(352 + 8 * i, little) : header.getFloat32(256 + 4 * i, little),
  };
}
