"""A batch with bad scans in it: the good ones are segmented, the bad ones are named, a second run goes on."""

from __future__ import annotations

import logging
import shutil

import nibabel as nib
import numpy as np
import pytest

from scripts.io.user_error import UserError
from scripts.io.weights_needs import write_needs
from scripts.results.run_outcome import CasesFailed
from tests.dicom_series import save_series
from tests.faulty_scans import AFFINE, FAULTS, SCAN, SHAPE, SOUND, nifti
from tests.phantom import save
from tests.run_inference import run_inference, summary


@pytest.fixture(scope="module")
def batch(tmp_path_factory):
    """Folder of scans, output folder, and the error of a run over sound and faulty scans."""
    root = tmp_path_factory.mktemp("batch")
    scans, out = root / "scans", root / "out"
    scans.mkdir()
    for name, make in {**{name: make for name, (make, _) in FAULTS.items()}, **SOUND}.items():
        make(scans / (name if name == "series_with_gap" else f"{name}.nii.gz"))
    cut_mask = scans / "mask_cut_brain_mask.nii.gz"
    cut_mask.write_bytes(cut_mask.read_bytes()[:60])
    with pytest.raises(CasesFailed) as error:
        run_inference(scans, out, root / "model.pt")
    return scans, out, str(error.value)


def test_sound_scans_are_segmented(batch):
    _, out, _ = batch
    rows = summary(out)
    assert {name for name, row in rows.items() if row["status"] == "done"} == set(SOUND)
    for name in SOUND:
        assert (out / f"{name}_vessels.nii.gz").is_file()
        assert rows[name]["error"] == ""


@pytest.mark.parametrize("name", FAULTS)
def test_faulty_scans_are_named_with_the_reason(batch, name):
    scans, out, error = batch
    row = summary(out)[name]
    assert row["status"] == "failed"
    assert FAULTS[name][1] in row["error"]
    assert str(scans / name) in row["error"]  # the file, or the mask beside it
    assert f"\n{name}: {row['error']}" in error
    assert not list(out.glob(f"{name}_*"))


def test_the_number_of_failures_ends_the_run(batch):
    _, _, error = batch
    assert f"{len(FAULTS)} case(s) failed, see summary.csv" in error


def test_a_scan_without_orientation_is_done_with_a_warning(batch):
    _, out, _ = batch
    assert "left and right are a guess" in summary(out)["no_position"]["warnings"]
    assert "guess" not in summary(out)["small"]["warnings"]


def test_nothing_half_written_is_left(batch):
    _, out, _ = batch
    assert not list(out.glob(".*"))


def test_a_second_run_does_only_what_is_not_done(batch, tmp_path, caplog):
    scans, first, _ = batch
    out = tmp_path / "out"
    shutil.copytree(first, out)
    chosen = tmp_path / "chosen"
    chosen.mkdir()
    for name in ("small", "thin", "negative", "nan"):
        shutil.copy2(scans / f"{name}.nii.gz", chosen)
    (out / "thin_preview.png").unlink()
    nifti(chosen / "nan.nii.gz")  # mended
    before = {file.name: file.stat().st_mtime_ns for file in out.iterdir()}
    caplog.set_level(logging.INFO)
    run_inference(chosen, out, tmp_path / "model.pt")
    written = {file.name for file in out.iterdir() if file.stat().st_mtime_ns != before.get(file.name)}
    ends = (
        "brain_mask.nii.gz",
        "preview.nii.gz",
        "preview.png",
        "probability.nii.gz",
        "vessels.nii.gz",
        "centreline.swc",
        "segments.csv",
    )
    files = {f"{name}_{end}" for name in ("nan", "thin") for end in ends}
    assert written == files | {"summary.csv", "report.html"}
    rows = summary(out)
    assert set(rows) == set(summary(first))
    assert rows["small"] == summary(first)["small"]
    assert rows["nan"]["status"] == "done"
    assert "small: its results are there, skipped" in caplog.text
    assert "2 of 4 cases were skipped" in caplog.text

    for change in ({"overwrite": True}, {"threshold": 0.65}):
        caplog.clear()
        run_inference(chosen, out, tmp_path / "model.pt", **change)
        assert "skipped" not in caplog.text
    assert (out / "small_vessels.nii.gz").stat().st_mtime_ns != before["small_vessels.nii.gz"]


def test_results_beside_the_scans_are_not_taken_for_scans(tmp_path, caplog):
    caplog.set_level(logging.INFO)
    nifti(tmp_path / "a.nii.gz")
    save_series(tmp_path / "tof", SCAN, AFFINE)
    for _ in range(2):
        run_inference(tmp_path, tmp_path, tmp_path / "model.pt")
    assert set(summary(tmp_path)) == {"a", "tof"}
    assert "2 of 2 cases were skipped" in caplog.text


def test_a_scan_whose_results_cannot_be_written_stops_no_other(tmp_path):
    scans, out = tmp_path / "scans", tmp_path / "out"
    for folder in (scans, out / "a_preview.png"):  # a folder where a file is to be
        folder.mkdir(parents=True)
    for name in ("a", "b"):
        nifti(scans / f"{name}.nii.gz")
    with pytest.raises(CasesFailed, match="^1 case"):
        run_inference(scans, out, tmp_path / "model.pt")
    rows = summary(out)
    assert {name: row["status"] for name, row in rows.items()} == {"a": "failed", "b": "done"}
    assert "a_preview.png" in rows["a"]["error"]
    assert str(scans / "a.nii.gz") in rows["a"]["error"]
    assert not list(out.glob(".*"))


def test_an_output_folder_that_cannot_be_written_to_is_named_first(tmp_path):
    nifti(tmp_path / "a.nii.gz")
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="file/out: cannot be written to"):
        run_inference(tmp_path / "a.nii.gz", tmp_path / "file" / "out", tmp_path / "model.pt")


def test_results_of_a_bids_tree_lie_like_its_scans(tmp_path):
    folder = tmp_path / "Ü bids" / "sub-01" / "ses-1" / "anat"
    folder.mkdir(parents=True)
    nifti(folder / "sub-01_ses-1_angio.nii.gz")
    run_inference(tmp_path / "Ü bids", tmp_path / "out", tmp_path / "model.pt")
    assert (tmp_path / "out/sub-01/ses-1/anat/sub-01_ses-1_label-vessel_mask.nii.gz").is_file()
    assert set(summary(tmp_path / "out")) == {"sub-01/ses-1/anat/sub-01_ses-1_angio"}


def test_confidence(tmp_path):
    scan, out = tmp_path / "a.nii.gz", tmp_path / "out"
    nifti(scan)
    run_inference(scan, out, tmp_path / "model.pt", brain_mask="none")
    run_inference(scan, out, tmp_path / "model.pt", brain_mask="none", tta=True)  # is not done yet
    probability, confidence = (nib.load(out / f"a_{kind}.nii.gz") for kind in ("probability", "confidence"))
    np.testing.assert_allclose(confidence.affine, AFFINE, atol=1e-5)
    np.testing.assert_allclose(confidence.get_fdata(), np.abs(2 * probability.get_fdata() - 1), atol=1e-6)
    assert confidence.get_data_dtype() == np.float32
    assert set(summary(out)) == {"a"}


def test_confidence_is_0_outside_the_brain(tmp_path):
    nifti(tmp_path / "a.nii.gz")
    brain = np.zeros(SHAPE, np.uint8)
    brain[2:18, 2:16] = 1
    save(tmp_path / "a_brain_mask.nii.gz", brain, AFFINE)
    run_inference(tmp_path / "a.nii.gz", tmp_path / "out", tmp_path / "model.pt", tta=True)
    confidence = nib.load(tmp_path / "out" / "a_confidence.nii.gz").get_fdata()
    assert not confidence[brain == 0].any()
    assert confidence[brain > 0].max() > 0.5


def test_a_phase_image_is_named_and_nothing_in_it_is_certain(tmp_path):
    noise = np.random.default_rng(0).uniform(-np.pi, np.pi, (40, 40, 40)).astype(np.float32)
    save(tmp_path / "phase.nii.gz", noise, np.diag([1.0, 1, 1, 1]) + np.eye(4, k=3))  # 64 ml
    save(tmp_path / "phase_brain_mask.nii.gz", np.ones(noise.shape, np.uint8), np.diag([1.0, 1, 1, 1]) + np.eye(4, k=3))
    run_inference(tmp_path / "phase.nii.gz", tmp_path / "out", tmp_path / "model.pt", tta=True)
    row = summary(tmp_path / "out")["phase"]
    assert row["status"] == "done" and row["warnings"].startswith("does not look like TOF-MRA: ")
    assert not nib.load(tmp_path / "out" / "phase_confidence.nii.gz").get_fdata().any()


def test_a_scan_outside_the_range_of_the_weights_is_named_in_the_summary(tmp_path):
    save(tmp_path / "scan.nii.gz", np.random.default_rng(0).normal(100, 20, (40, 40, 40)), np.diag([0.9, 1, 1, 1]))
    save(tmp_path / "scan_brain_mask.nii.gz", np.ones((40, 40, 40), np.uint8), np.diag([0.9, 1, 1, 1]))
    write_needs(tmp_path / "model.pt", {"trained_range": {"voxel_size": [None, 0.8], "field_of_view": [30, None]}})
    run_inference(tmp_path / "scan.nii.gz", tmp_path / "out", tmp_path / "model.pt")
    words = "unlike the scans of the training: voxels of 1.00 mm (up to 0.8)"
    row = summary(tmp_path / "out")["scan"]
    assert row["status"] == "done" and words in row["warnings"].split("; ") and "field" not in row["warnings"]
    assert words in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
