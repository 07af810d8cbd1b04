"""Scans that the page reads, and those that it refuses."""

from __future__ import annotations

import nibabel as nib
import numpy as np
import pytest

from scripts.web.page_settings import page_settings
from tests.phantom import LPS, RAS, SUPERIOR_FIRST, grid, oblique
from tests.run_inference import inference_config
from tests.web.run_module import PAGE, needs_node, run_module

pytestmark = needs_node


READ = """(async () => {
  const { layoutOf, toRas } = await import(new URL("orientation.js", given.folder));
  const { niftiFile } = await import(new URL("nifti_write.js", given.folder));
  const nifti = await page.readNifti(new Blob([given.bytes]), "scan.nii");
  const layout = layoutOf(nifti);
  const back = niftiFile(nifti, Float32Array.from(nifti.voxels), { intent: 1002, meaning: 'what it is' });
  return { ras: toRas(nifti, layout).data, layout, warnings: nifti.warnings,
    again: new Uint8Array(await back.arrayBuffer()) };
})()"""


def read(image) -> dict:
    content = np.frombuffer(image.to_bytes(), dtype=np.uint8)
    return run_module("scan/nifti.js", READ, bytes=content, folder=(PAGE / "scan/nifti.js").as_uri())


@pytest.mark.parametrize("axes", [RAS, LPS, SUPERIOR_FIRST, oblique(), oblique(130) @ LPS])
@pytest.mark.parametrize("kind", [nib.Nifti1Image, nib.Nifti2Image])
def test_reading_a_scan(axes, kind) -> None:
    affine = grid(axes, (0.5, 0.6, 0.8), (5, 6, 7))
    voxels = np.arange(210, dtype=np.int16).reshape(5, 6, 7)
    image = kind(voxels, affine)
    image.header.set_slope_inter(2.0, -3.0)
    found = read(image)
    expected = nib.as_closest_canonical(kind.from_bytes(image.to_bytes()))
    assert found["layout"]["shape"] == list(expected.shape)
    np.testing.assert_array_equal(found["ras"].reshape(expected.shape), expected.get_fdata())
    np.testing.assert_allclose(found["layout"]["affine"], expected.affine[:3], atol=1e-5)
    again = nib.Nifti1Image.from_bytes(found["again"].tobytes())
    np.testing.assert_array_equal(again.affine, nib.Nifti1Image(voxels, image.affine).affine.astype(np.float32))
    np.testing.assert_array_equal(np.asarray(again.dataobj), voxels)
    assert again.header.get_intent()[0] == "label" and again.header["descrip"] == b"what it is"


@pytest.mark.parametrize("dtype", [">i2", "<u2", ">f4", "<f8", "u1", "<i4"])
def test_types_of_voxels(dtype) -> None:
    voxels = np.arange(60).reshape(3, 4, 5).astype(dtype)
    image = nib.Nifti1Image(voxels, np.diag([0.5, 0.5, 0.5, 1]), dtype=voxels.dtype.newbyteorder("="))
    image = image if dtype[0] != ">" else nib.Nifti1Image(voxels, None, image.header.as_byteswapped(">"))
    np.testing.assert_array_equal(read(image)["ras"].reshape(3, 4, 5), voxels)


CHECK = """(async () => {
  const { layoutOf, toRas } = await import(new URL("orientation.js", given.folder));
  const checks = await import(new URL("checks.js", given.folder));
  try {
    const nifti = await page.readNifti(new Blob([given.bytes]), "scan.nii");
    const layout = layoutOf(nifti);
    checks.checkGrid("scan.nii", layout, given.limits);
    const scan = toRas(nifti, layout);
    checks.checkScan("scan.nii", scan, given.limits);
    if (!given.mask) return "";
    const mask = await page.readNifti(new Blob([given.mask]), "mask.nii");
    checks.checkedMask("mask.nii", toRas(mask, layoutOf(mask)), layoutOf(mask), layout, scan, given.limits);
    return "";
  } catch (error) {
    return error.message;
  }
})()"""
GRID = np.diag([0.5, 0.5, 0.5, 1.0])
SCAN = np.random.default_rng(0).normal(100, 10, (30, 30, 30)).astype(np.float32)


def refused(content: bytes, mask: bytes = b"") -> str:
    """What the page says of a scan, and of its brain mask."""
    limits = page_settings(inference_config())["checks"]
    given = {"bytes": np.frombuffer(content, np.uint8), "folder": (PAGE / "scan/nifti.js").as_uri(), "limits": limits}
    return run_module("scan/nifti.js", CHECK, mask=np.frombuffer(mask, np.uint8) if mask else None, **given)


def nifti(volume: np.ndarray, affine: np.ndarray = GRID) -> bytes:
    return nib.Nifti1Image(volume, affine).to_bytes()


def changed(content: bytes, at: int, value: np.generic) -> bytes:
    return content[:at] + value.tobytes() + content[at + value.nbytes :]


SHEARED = GRID + 0.1 * np.eye(4, k=1) * [[1], [0], [0], [0]]
INFINITE = np.where(np.arange(30) == 3, np.inf, SCAN).astype(np.float32)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (nifti(SCAN), ""),
        (nifti(SCAN[..., None]), ""),
        (b"DICM" * 200, "no NIfTI"),
        (nifti(SCAN)[:-9], "bytes that its header promises"),
        (nifti(np.stack([SCAN, SCAN], axis=3)), "4 dimensions"),
        (nifti(SCAN.astype(np.complex64)), "complex"),
        (nifti(SCAN[:, :, :1]), "single slice"),
        (nifti(INFINITE), "NaN or infinite"),
        (nifti(0 * SCAN), "all voxels have the value 0"),
        (nifti((SCAN > 100).astype(np.uint8)), "a mask or a label"),
        (nifti(SCAN, np.diag([0.01, 0.5, 0.5, 1])), "0.0100 x 0.500 x 0.500 mm"),
        (nifti(SCAN, SHEARED), "right angles"),
        (changed(nifti(SCAN), 80, np.float32(0)), "0 mm"),
        (changed(nifti(SCAN), 80, np.float32(2)), "contradicts itself"),
        (changed(nifti(SCAN), 76, np.float32(3)), "no handedness"),
    ],
)
def test_a_scan_is_refused_in_words(content, words) -> None:
    assert words in refused(content) if words else refused(content) == ""


def block(*side: slice) -> np.ndarray:
    mask = np.zeros(SCAN.shape, dtype=np.uint8)
    mask[side] = 1
    return mask


ALL = slice(None)


@pytest.mark.parametrize(
    ("mask", "affine", "words"),
    [
        (block(slice(5, 25), ALL, ALL), GRID, ""),
        (block(slice(5, 25), ALL, ALL)[1:], GRID, "differs from its scan's"),
        (block(slice(5, 25), ALL, ALL), GRID + np.eye(4, k=3), "1.00 mm off"),
        (block(slice(0, 0)), GRID, "is empty"),
        (1 - block(*[slice(2, 28)] * 3), GRID, "inverted"),
        (block(ALL, slice(14, 18), slice(14, 18)), GRID, "nowhere 6 mm thick"),
    ],
)
def test_a_brain_mask_is_refused_in_words(mask, affine, words) -> None:
    answer = refused(nifti(SCAN), nifti(mask, affine))
    assert words in answer if words else answer == ""
