// A NIfTI file as nibabel reads it.

import { formsApart, qform, sform } from "./forms.js";

/** @typedef {import("../volume/volume.js").Triple} Triple */
/** @typedef {number[][]} Affine  three rows of four: voxel to millimetres, right-anterior-superior */
/**
 * @typedef {object} Nifti
 * @property {string} name  of the file, for messages
 * @property {Triple} dims  along the axes of the file, the first contiguous
 * @property {ArrayLike<number>} voxels  as stored
 * @property {number} slope
 * @property {number} intercept
 * @property {Affine} affine
 * @property {DataView} header
 * @property {boolean} little  endian
 * @property {string[]} warnings
 */

/** @type {Record<number, [number, (view: DataView, at: number, little: boolean) => number]>} bytes, reader by datatype */
const TYPES = {
  2: [1, (view, at) => view.getUint8(at)],
  4: [2, (view, at, little) => view.getInt16(at, little)],
  8: [4, (view, at, little) => view.getInt32(at, little)],
  16: [4, (view, at, little) => view.getFloat32(at, little)],
  64: [8, (view, at, little) => view.getFloat64(at, little)],
  256: [1, (view, at) => view.getInt8(at)],
  512: [2, (view, at, little) => view.getUint16(at, little)],
  768: [4, (view, at, little) => view.getUint32(at, little)],
};
/** @type {Record<number, new (buffer: ArrayBuffer, start: number, length: number) => ArrayLike<number>>} */
const ARRAYS = {
  2: Uint8Array, 4: Int16Array, 8: Int32Array, 16: Float32Array,
  64: Float64Array, 256: Int8Array, 512: Uint16Array, 768: Uint32Array,
};

/**
 * @param {Blob} file
 * @param {string} name
 * @returns {Promise<Nifti>}
 * @throws {Error} what is wrong with it, in words
 */
export async function readNifti(file, name) {
  const buffer = await decompressed(file, name);
  const view = new DataView(buffer);
  const wrong = (/** @type {string} */ words) => new Error(`${name}: ${words}`);
  if (buffer.byteLength < 352) throw wrong("is no NIfTI file (.nii or .nii.gz), or it is cut off.");
  const little = [348, 540].includes(view.getInt32(0, true));
  const second = view.getInt32(0, little) === 540;
  const magic = String.fromCharCode(...new Uint8Array(buffer, second ? 4 : 344, 3));
  if (![348, 540].includes(view.getInt32(0, little)) || magic !== (second ? "n+2" : "n+1")) {
    throw wrong("is no NIfTI file (.nii or .nii.gz); convert it, DICOM with dcm2niix.");
  }
  const fields = second ? fieldsOfNifti2(view, little) : fieldsOfNifti1(view, little);
  while (fields.dims.length > 3 && fields.dims.at(-1) === 1) fields.dims.pop();
  if (fields.dims.length !== 3) throw wrong(`has ${fields.dims.length} dimensions; a 3D scan is needed.`);
  const type = TYPES[fields.datatype];
  if (!type) throw wrong("its voxels are colours, complex or 64-bit whole numbers; give a 3D grey-value image.");
  const total = fields.dims.reduce((product, side) => product * side, 1);
  const promised = fields.offset + total * type[0];
  if (!(total > 0) || buffer.byteLength < promised) {
    throw wrong(`it holds ${buffer.byteLength} of the ${promised} bytes that its header promises; copy it anew.`);
  }
  const scaled = fields.slope !== 0 && Number.isFinite(fields.slope);
  const [byS, byQ] = [sform(view, little, second), qform(view, little, second)];
  const affine = byS ?? byQ ?? ofSizes(fields.dims, fields.pixdim);
  checkSizes(affine, fields.pixdim, wrong);
  const dims = /** @type {Triple} */ (fields.dims);
  const warnings = [];
  const apart = byS && byQ ? formsApart(byS, byQ, dims) : 0;
  if (apart > 0.5 * Math.min(...fields.pixdim.slice(1, 4))) {
    warnings.push(`sform and qform of its header lie up to ${apart.toFixed(1)} mm apart: the sform is used`);
  }
  if (!byS && !byQ) warnings.push("neither sform nor qform is set: left and right are a guess");
  return {
    name, dims, voxels: voxels(view, fields.offset, total, fields.datatype, little), affine,
    slope: scaled ? fields.slope : 1, intercept: scaled ? fields.intercept : 0, header: view, little, warnings,
  };
}

/** What places a scan, without its voxels. @param {Nifti} nifti @returns {Nifti} */
export function headerAlone(nifti) {
  return { ...nifti, voxels: [], header: new DataView(nifti.header.buffer.slice(0, 544)) };
}

/** @param {Blob} file @param {string} name @returns {Promise<ArrayBuffer>} */
async function decompressed(file, name) {
  const start = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  if (start[0] !== 0x1f || start[1] !== 0x8b) return file.arrayBuffer();
  try {
    return await new Response(file.stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
  } catch (error) {
    throw new Error(`${name}: cannot be decompressed; it is damaged, cut off, or too large for this browser.`);
  }
}

/** @param {DataView} view @param {boolean} little */
function fieldsOfNifti1(view, little) {
  return {
    dims: Array.from({ length: view.getInt16(40, little) }, (_, i) => view.getInt16(42 + 2 * i, little)),
    datatype: view.getInt16(70, little),
    pixdim: Array.from({ length: 4 }, (_, i) => view.getFloat32(76 + 4 * i, little)),
    offset: view.getFloat32(108, little),
    slope: view.getFloat32(112, little),
    intercept: view.getFloat32(116, little),
  };
}

/** @param {DataView} view @param {boolean} little */
function fieldsOfNifti2(view, little) {
  return {
    dims: Array.from({ length: Number(view.getBigInt64(16, little)) }, (_, i) =>
      Number(view.getBigInt64(24 + 8 * i, little))),
    datatype: view.getInt16(12, little),
    pixdim: Array.from({ length: 4 }, (_, i) => view.getFloat64(104 + 8 * i, little)),
    offset: Number(view.getBigInt64(168, little)),
    slope: view.getFloat64(176, little),
    intercept: view.getFloat64(184, little),
  };
}

/** Neither form: nibabel's guess, left to right turned, the centre at 0. @param {number[]} dims @param {number[]} pixdim */
function ofSizes(dims, pixdim) {
  return [0, 1, 2].map((row) => {
    const side = row === 0 ? -pixdim[1] : pixdim[row + 1];
    return [0, 1, 2].map((column) => (row === column ? side : 0)).concat(-side * ((dims[row] - 1) / 2));
  });
}

/** @param {Affine} affine @param {number[]} pixdim @param {(words: string) => Error} wrong */
function checkSizes(affine, pixdim, wrong) {
  for (let axis = 0; axis < 3; axis++) {
    const side = Math.hypot(affine[0][axis], affine[1][axis], affine[2][axis]);
    if (pixdim[axis + 1] === 0) throw wrong("its header gives voxels of 0 mm; correct it.");
    if (Math.abs(side - Math.abs(pixdim[axis + 1])) > 1e-3) {
      throw wrong("its header contradicts itself (voxel sizes in pixdim and in sform or qform); save the scan anew.");
    }
  }
  if (![-1, 0, 1].includes(pixdim[0])) throw wrong("its header gives the qform no handedness; correct it.");
}

/**
 * @param {DataView} view @param {number} offset @param {number} total @param {number} datatype @param {boolean} little
 * @returns {ArrayLike<number>} without a copy where the machine reads them as they are
 */
function voxels(view, offset, total, datatype, little) {
  const [bytes, read] = TYPES[datatype];
  const buffer = /** @type {ArrayBuffer} */ (view.buffer);
  if (little && offset % bytes === 0) return new ARRAYS[datatype](buffer, offset, total);
  return Float64Array.from({ length: total }, (_, i) => read(view, offset + i * bytes, little));
}
