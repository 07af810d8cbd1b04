import sys

import nibabel as nib
import numpy as np
import pytest

from scripts.io.user_error import UserError
from scripts.results.dicom_seg_writer import DicomSegWriter
from scripts.results.result_folder import ResultFolder
from scripts.results.run_outcome import CasesFailed
from tests.dicom_series import save_series
from tests.phantom import LPS, SUPERIOR_FIRST, grid, oblique, phantom, save
from tests.run_inference import run_inference, summary

SHAPE = (30, 26, 12)


def test_without_highdicom_the_user_is_told_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "highdicom", None)
    with pytest.raises(UserError, match="pip install highdicom"):
        DicomSegWriter(ResultFolder(tmp_path, dicom_seg=True))


@pytest.mark.parametrize("axes", [oblique(), SUPERIOR_FIRST])  # ITK reads the slices of the second in reverse
def test_the_segmentation_lies_on_the_series(tmp_path, axes):
    highdicom = pytest.importorskip("highdicom")
    affine = grid(axes, (0.6, 0.7, 0.8), SHAPE)
    scan, _ = phantom(affine, SHAPE)
    (tmp_path / "scans").mkdir()
    save_series(tmp_path / "scans" / "tof", scan, affine)
    save(tmp_path / "scans" / "other.nii.gz", scan, affine)
    out = tmp_path / "out"
    run_inference(tmp_path / "scans", out, tmp_path / "model.pt", brain_mask="none", dicom_seg=True)
    assert {row["status"] for row in summary(out).values()} == {"done"}
    assert [path.name for path in out.glob("*.dcm")] == ["tof_vessels.dcm"]

    segmentation = highdicom.seg.segread(out / "tof_vessels.dcm")
    assert segmentation.PatientName == "Doe^Jane"  # it belongs to the study
    assert segmentation.get_segment_description(1).segment_label == "vessels"
    volume = segmentation.get_volume(combine_segments=True, allow_missing_positions=True)
    nifti = nib.load(out / "tof_vessels.nii.gz")
    expected = np.argwhere(np.asarray(nifti.dataobj) > 0)  # (n, 3)
    found = np.argwhere(np.asarray(volume.array) > 0)
    assert len(found) == len(expected) > 100
    places = [nib.affines.apply_affine(nifti.affine, expected), nib.affines.apply_affine(volume.affine, found)]
    places[1] *= [-1, -1, 1]  # DICOM's world is LPS
    for place in places:
        place[:] = place[np.lexsort(place.round(2).T)]
    np.testing.assert_allclose(places[1], places[0], atol=1e-3)


def test_headers_that_lack_something_do_not_cost_the_other_results(tmp_path):
    pytest.importorskip("highdicom")
    affine = grid(LPS, (0.6, 0.7, 0.8), SHAPE)
    save_series(tmp_path / "tof", phantom(affine, SHAPE)[0], affine, frame="")
    out = tmp_path / "out"
    with pytest.raises(CasesFailed, match="no DICOM Segmentation can be made with its headers .*Frame Of Reference"):
        run_inference(tmp_path / "tof", out, tmp_path / "model.pt", brain_mask="none", dicom_seg=True)
    assert summary(out)["tof"]["status"] == "failed"
    assert (out / "tof_vessels.nii.gz").is_file()
    assert not list(out.glob("*.dcm"))


@pytest.mark.parametrize("uid", ["1.2", "9.9"])  # ITK sorts series by it; a Segmentation's lies between
def test_a_segmentation_beside_the_slices_is_no_second_series(tmp_path, uid):
    pytest.importorskip("highdicom")
    affine = grid(LPS, (0.6, 0.7, 0.8), SHAPE)
    series = tmp_path / "tof"
    save_series(series, phantom(affine, SHAPE)[0], affine, uid=uid)
    masks = []
    for _ in range(2):
        run_inference(series, series, tmp_path / "model.pt", brain_mask="none", dicom_seg=True, overwrite=True)
        masks.append(np.asarray(nib.load(series / "tof_vessels.nii.gz").dataobj))
    assert (series / "tof_vessels.dcm").is_file()
    np.testing.assert_array_equal(*masks)
