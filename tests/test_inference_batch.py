"""A batch with bad scans in it: the good ones are segmented, the bad ones are named, a second run goes on."""

from __future__ import annotations

import gzip
import logging
import shutil
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from scripts.handlers.run_outcome import CasesFailed
from tests.dicom_series import save_series
from tests.phantom import LPS, RAS, grid, phantom, save
from tests.run_inference import run_inference, summary

SHAPE = (20, 18, 12)
AFFINE = grid(LPS, (0.6, 0.6, 0.6), SHAPE)
SCAN = phantom(AFFINE, SHAPE)[0]
INVERTED = np.ones(SHAPE, np.uint8)
INVERTED[2:18, 2:16, 2:10] = 0


def nifti(path: Path, array=SCAN, affine=AFFINE, **header) -> None:
    """Header fields are written over what nibabel would write."""
    save(path, array, affine)
    content = bytearray(gzip.decompress(path.read_bytes()))
    fields = np.frombuffer(content, nib.Nifti1Header.template_dtype, 1).copy()
    for key, value in header.items():
        fields[0][key] = value
    content[:348] = fields.tobytes()
    path.write_bytes(gzip.compress(bytes(content)))


def cut(fraction):
    def write(path):
        save(path, SCAN, AFFINE)
        path.write_bytes(path.read_bytes()[: int(path.stat().st_size * fraction)])

    return write


def with_value(value):
    scan = SCAN.copy()
    scan[3, 4, 5] = value
    return scan


def colour(path):
    array = np.zeros(SHAPE, dtype=[("R", "u1"), ("G", "u1"), ("B", "u1")])
    nib.save(nib.Nifti1Image(array, AFFINE), path)


def sheared():
    affine = AFFINE.copy()
    affine[0, 2] = 0.2
    return affine


def mask(array, affine=AFFINE):
    def write(path):
        save(path, SCAN, AFFINE)
        save(path.with_name(path.name.replace(".nii.gz", "_brain_mask.nii.gz")), array, affine)

    return write


def dicom_with_a_gap(path):
    files = save_series(path, SCAN, AFFINE)
    files[4].unlink()


FAULTS = {
    # name of the scan: how it is made, what its user is told
    "cut10": (cut(0.1), "cannot read"),
    "cut50": (cut(0.5), "cannot read"),
    "cut99": (cut(0.99), "cannot read"),
    "zero_bytes": (lambda path: path.touch(), "cannot read"),
    "noise": (lambda path: path.write_bytes(np.random.default_rng(0).bytes(5000)), "cannot read"),
    "no_gz": (lambda path: path.write_bytes(b"NRRD0004\n"), "cannot read"),
    "picture": (lambda path: Image.new("L", (9, 9)).save(path, format="PNG"), "cannot read"),
    "broken_link": (lambda path: path.symlink_to("gone"), "cannot read"),
    "flat": (lambda path: nifti(path, SCAN[:, :, 0]), "a 3D scan is needed"),
    "slice": (lambda path: nifti(path, SCAN[:, :, :1]), "a single slice"),
    "series4d": (lambda path: nifti(path, np.stack([SCAN, SCAN], -1)), "2 values per voxel"),
    "colour": (colour, "grey-value"),
    "complex": (lambda path: save(path, SCAN.astype(np.complex64), AFFINE), "complex numbers"),
    "nan": (lambda path: nifti(path, with_value(np.nan)), "NaN or infinite"),
    "infinite": (lambda path: nifti(path, with_value(np.inf)), "NaN or infinite"),
    "too_large": (lambda path: nifti(path, with_value(1.0).astype(np.float64) * 1e60), "NaN or infinite"),
    "constant": (lambda path: nifti(path, np.full(SHAPE, 3, np.int16)), "all voxels have the value 3"),
    "huge_voxels": (lambda path: nifti(path, SCAN, np.diag([1000.0, 1000, 1000, 1])), "1e+03 x 1e+03 x 1e+03 mm"),
    "flat_voxels": (lambda path: nifti(path, SCAN, np.diag([0.6, 0.6, 1e-6, 1])), "voxels of 0.6 x 0.6 x 1e-06 mm"),
    "zero_row": (lambda path: nifti(path, srow_z=[0, 0, 0, 0], srow_x=[0, 0, 0, 0]), "contradicts itself"),
    "nowhere": (lambda path: nifti(path, srow_x=[np.nan, 0, 0, 0]), "contradicts itself"),
    "two_sizes": (lambda path: nifti(path, pixdim=[1, 0.6, 0.6, 1.2, 1, 1, 1, 1]), "contradicts itself"),
    "no_size": (lambda path: nifti(path, sform_code=0, pixdim=[1, 0, 0.6, 0.6, 1, 1, 1, 1]), "voxels of 0 mm"),
    "sheared": (lambda path: nifti(path, SCAN, sheared(), sform_code=1, qform_code=0), "not at right angles"),
    "other_grid": (mask(np.ones((20, 18, 11), np.uint8)), "resample it onto"),
    "moved_mask": (mask(np.ones(SHAPE, np.uint8), grid(RAS, (0.6, 0.6, 0.6), SHAPE) + np.eye(4)), "mm off its scan"),
    "empty_mask": (mask(np.zeros(SHAPE, np.uint8)), "is empty"),
    "inverted_mask": (mask(INVERTED), "is it inverted"),
    "cut_mask": (mask(np.ones(SHAPE, np.uint8)), "cannot read"),
    "series_with_gap": (dicom_with_a_gap, "slices are missing"),
}
SOUND = {
    # name of the scan: how it is made
    "small": lambda path: nifti(path),  # than the window, as they all are
    "thin": lambda path: nifti(path, SCAN[:, :, :2]),
    "no_position": lambda path: nifti(path, sform_code=0, qform_code=0),
    "negative": lambda path: nifti(path, sform_code=0, qform_code=0, pixdim=[1, -0.6, -0.6, -0.6, 1, 1, 1, 1]),
    "left_handed": lambda path: nifti(path, SCAN, grid(np.diag([-1.0, 1, 1, 1]), (0.6, 0.6, 0.6), SHAPE)),
    "long_integers": lambda path: nib.save(nib.Nifti1Image(SCAN.astype(int), AFFINE, dtype=np.uint64), path),
}


@pytest.fixture(scope="module")
def batch(tmp_path_factory):
    """Folder of scans, output folder, and the error of a run over sound and faulty scans."""
    root = tmp_path_factory.mktemp("batch")
    scans, out = root / "scans", root / "out"
    scans.mkdir()
    for name, make in {**{name: make for name, (make, _) in FAULTS.items()}, **SOUND}.items():
        make(scans / (name if name == "series_with_gap" else f"{name}.nii.gz"))
    cut_mask = scans / "cut_mask_brain_mask.nii.gz"
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

    for change in ({"overwrite": True}, {"threshold": 0.4}):
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
    with pytest.raises(RuntimeError) as error:
        run_inference(tmp_path / "a.nii.gz", tmp_path / "file" / "out", tmp_path / "model.pt")
    assert "file/out: cannot be written to" in str(error.getrepr(chain=True))


def test_results_of_a_bids_tree_lie_like_its_scans(tmp_path):
    folder = tmp_path / "Ü bids" / "sub-01" / "ses-1" / "anat"
    folder.mkdir(parents=True)
    nifti(folder / "sub-01_ses-1_angio.nii.gz")
    run_inference(tmp_path / "Ü bids", tmp_path / "out", tmp_path / "model.pt")
    assert (tmp_path / "out/sub-01/ses-1/anat/sub-01_ses-1_angio_vessels.nii.gz").is_file()
    assert set(summary(tmp_path / "out")) == {"sub-01/ses-1/anat/sub-01_ses-1_angio"}


def test_confidence(tmp_path):
    scan, out = tmp_path / "a.nii.gz", tmp_path / "out"
    nifti(scan)
    run_inference(scan, out, tmp_path / "model.pt", brain_mask="none")
    run_inference(scan, out, tmp_path / "model.pt", brain_mask="none", confidence=True)  # is not done yet
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
    run_inference(tmp_path / "a.nii.gz", tmp_path / "out", tmp_path / "model.pt", confidence=True)
    confidence = nib.load(tmp_path / "out" / "a_confidence.nii.gz").get_fdata()
    assert not confidence[brain == 0].any()
    assert confidence[brain > 0].max() > 0.5
