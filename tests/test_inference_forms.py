"""sform and qform of a scan, however they stand, are those of its results: ITK reads scan and mask at one place."""

from __future__ import annotations

from pathlib import Path

import itk
import nibabel as nib
import numpy as np
import pytest

from scripts.io.nifti_writer import QFORM, SFORM
from tests.faulty_scans import AFFINE, SCAN, nifti
from tests.run_inference import run_inference, summary

ANGLE = np.deg2rad(12)
TURNED = np.array(
    [[np.cos(ANGLE), -np.sin(ANGLE), 0, 4], [np.sin(ANGLE), np.cos(ANGLE), 0, 7], [0, 0, 1, -9], [0, 0, 0, 1]]
)
SHEARED = AFFINE + 0.004 * np.outer(AFFINE[:, 0], [0, 0, 1, 0])


def forms(path: Path, sform: np.ndarray, sform_code: int, qform: np.ndarray, qform_code: int) -> None:
    image = nib.Nifti1Image(SCAN.astype(np.int16), AFFINE)
    image.set_sform(sform, sform_code)
    image.set_qform(qform, qform_code)
    nib.save(image, path)


SCANS = {
    # name: how it is written
    "two_forms": lambda path: forms(path, TURNED @ AFFINE, 2, AFFINE, 1),
    "two_scanner_forms": lambda path: forms(path, TURNED @ AFFINE, 1, AFFINE, 1),
    "qform_only": lambda path: forms(path, AFFINE, 0, TURNED @ AFFINE, 1),
    "sform_only": lambda path: forms(path, TURNED @ AFFINE, 1, AFFINE, 0),
    "no_form": lambda path: nifti(path, sform_code=0, qform_code=0),
    "negative": lambda path: nifti(path, sform_code=0, qform_code=0, pixdim=[1, -0.6, -0.6, -0.6, 1, 1, 1, 1]),
    "mni_code": lambda path: forms(path, AFFINE, 4, AFFINE, 4),
    "slightly_sheared": lambda path: forms(path, SHEARED, 1, SHEARED, 1),
    "no_unit": lambda path: nifti(path, xyzt_units=0),
    "wrong_unit": lambda path: nifti(path, xyzt_units=1),  # metres, says the header of a scan in mm
}
DIFFER = {"two_forms", "two_scanner_forms"}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    root = tmp_path_factory.mktemp("forms")
    (root / "scans").mkdir()
    for name, write in SCANS.items():
        write(root / "scans" / f"{name}.nii.gz")
    run_inference(root / "scans", root / "out", root / "model.pt", brain_mask="none", graph=False)
    return root / "scans", root / "out"


@pytest.mark.parametrize("name", SCANS)
def test_itk_reads_scan_and_results_at_one_place(results: tuple[Path, Path], name: str) -> None:
    scan = itk.imread(str(results[0] / f"{name}.nii.gz"))
    for kind in ("vessels", "probability"):
        result = itk.imread(str(results[1] / f"{name}_{kind}.nii.gz"))
        for method in ("GetOrigin", "GetSpacing"):
            np.testing.assert_allclose(getattr(result, method)(), getattr(scan, method)(), rtol=1e-6)
        directions = [itk.array_from_matrix(image.GetDirection()) for image in (result, scan)]
        np.testing.assert_allclose(*directions, atol=1e-6)


@pytest.mark.parametrize("name", SCANS)
def test_both_forms_and_codes_are_the_scans(results: tuple[Path, Path], name: str) -> None:
    scan, mask = (nib.load(results[i] / f"{name}{end}.nii.gz") for i, end in enumerate(("", "_vessels")))
    for field in QFORM + SFORM:
        np.testing.assert_array_equal(mask.header[field], scan.header[field])
    np.testing.assert_array_equal(mask.affine, scan.affine)


@pytest.mark.parametrize("name", SCANS)
def test_forms_that_differ_are_named_with_the_one_that_is_used(results: tuple[Path, Path], name: str) -> None:
    warnings = summary(results[1])[name]["warnings"]
    assert ("mm apart: the sform is used" in warnings) == (name in DIFFER)
