"""NIfTI files drawn from a seed: valid ones of every kind, and ones with damage in header or bytes."""

from __future__ import annotations

import gzip
from pathlib import Path

import nibabel as nib
import numpy as np

from tests.phantom import LPS, RAS, SUPERIOR_FIRST, grid, oblique, phantom

SHAPE = (20, 18, 12)
SPACING = (0.6, 0.6, 0.6)
TYPES = [np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64, np.float32, np.float64]
NASTY = [0, 1, -1, 2, 7, 8, 127, 255, 348, 352, 16384, 32767, -32768, 2**31 - 1, -(2**31), 1e-30, 1e30]
NOT_A_NUMBER = [np.nan, np.inf, -np.inf]


def valid(rng: np.random.Generator) -> tuple[bytes, np.ndarray]:
    """Content of an uncompressed file, and its vessel mask (20, 18, 12)."""
    affine = grid([RAS, LPS, SUPERIOR_FIRST, oblique()][rng.integers(4)], SPACING, SHAPE)
    scan, vessel = phantom(affine, SHAPE)
    dtype = TYPES[rng.integers(len(TYPES))]
    scan = (scan / 2 if dtype is np.uint8 else scan).astype(dtype)
    endian = "<>"[rng.integers(2)]
    kind = [nib.Nifti1Header, nib.Nifti2Header][rng.integers(2)]
    header = kind(endianness=endian)
    header.set_data_shape((*SHAPE, 1) if rng.random() < 0.2 else SHAPE)
    header.set_data_dtype(np.dtype(dtype).newbyteorder(endian))
    codes = [(1, 1), (1, 0), (0, 1), (2, 0), (0, 4)][rng.integers(5)]
    header.set_sform(affine, codes[0])
    header.set_qform(affine, codes[1])
    header["pixdim"][1:4] = SPACING
    header["descrip"] = b"\xff" * int(rng.integers(80))
    if rng.random() < 0.3:  # stored values are scaled
        header.set_slope_inter(rng.uniform(0.1, 10), rng.uniform(-100, 100))
    header["vox_offset"] = (352 if kind is nib.Nifti1Header else 544) + 16 * int(rng.integers(3))
    voxels = scan.astype(scan.dtype.newbyteorder(endian)).tobytes(order="F")
    gap = bytes(int(header["vox_offset"]) - len(header.binaryblock))
    return header.binaryblock + gap + voxels, vessel


def damaged(content: bytes, rng: np.random.Generator) -> bytes:
    """The content with one to three changes of header fields, bytes or length."""
    for _ in range(rng.integers(1, 4)):
        content = [_field, _bytes, _cut, _insert][rng.choice(4, p=[0.6, 0.2, 0.1, 0.1])](content, rng)
    return content


def _field(content: bytes, rng: np.random.Generator) -> bytes:
    """One value of the header replaced by a nasty one, in the version and byte order that the file says it has."""
    sizes = {int.from_bytes(content[:4], order): order for order in ("little", "big")}
    header = (nib.Nifti2Header if 540 in sizes else nib.Nifti1Header).template_dtype
    if len(content) < header.itemsize:
        return content
    order = "<" if sizes.get(540, sizes.get(348)) == "little" else ">"
    fields = np.frombuffer(content[: header.itemsize], header.newbyteorder(order)).copy()
    name = str(rng.choice(list(fields.dtype.names)))
    values = fields[name].reshape(-1)  # a view
    if values.dtype.kind in "iuf":
        nasty = NASTY + (NOT_A_NUMBER if values.dtype.kind == "f" else [])
        with np.errstate(over="ignore", invalid="ignore"):
            values[rng.integers(len(values))] = np.array(nasty[rng.integers(len(nasty))]).astype(values.dtype)
    else:
        values[0] = rng.bytes(values.dtype.itemsize)
    return fields.tobytes() + content[header.itemsize :]


def _bytes(content: bytes, rng: np.random.Generator) -> bytes:
    changed = bytearray(content)
    for place in rng.integers(max(min(len(changed), 600), 1), size=rng.integers(1, 9)):
        changed[place : place + 1] = rng.bytes(1)
    return bytes(changed)


def _cut(content: bytes, rng: np.random.Generator) -> bytes:
    return content[: int(rng.integers(len(content) + 1))]


def _insert(content: bytes, rng: np.random.Generator) -> bytes:
    place = int(rng.integers(len(content) + 1))
    return content[:place] + rng.bytes(int(rng.integers(1, 40))) + content[place:]


def write(folder: Path, seed: int) -> tuple[Path, np.ndarray | None]:
    """Write file number `seed`: every fourth one is valid; the vessel mask of a valid one, else None."""
    rng = np.random.default_rng(seed)
    content, vessel = valid(rng)
    sound = seed % 4 == 0
    if not sound:
        content = damaged(content, rng)
    compressed = rng.random() < 0.5
    if compressed:
        content = gzip.compress(content, 1)
        if not sound and rng.random() < 0.2:
            content = _bytes(content, rng) if rng.random() < 0.5 else _cut(content, rng)
    path = folder / f"{seed:06d}.nii{'.gz' if compressed else ''}"
    path.write_bytes(content)
    return path, vessel if sound else None
