"""A BIDS tree in, a valid BIDS derivative out."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from tests.bids_tree import SCANS, bids_tree
from tests.faulty_scans import AFFINE, SCAN
from tests.phantom import save
from tests.run_inference import run_inference, summary

VALIDATOR = shutil.which("bids-validator-deno", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
FIRST = "sub-01/ses-1/anat/sub-01_ses-1"


@pytest.fixture(scope="module")
def derivative(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("bids")
    run_inference(bids_tree(root / "raw"), root / "out", root / "model.pt", tta=True, surface=True, threshold=0.3)
    return root


def test_every_scan_has_its_results_under_the_names_of_the_standard(derivative: Path) -> None:
    out = derivative / "out"
    for scan in SCANS:
        stem = str(out / scan).removesuffix("_angio.nii.gz")
        for end in (
            "label-vessel_mask",
            "label-vessel_probseg",
            "label-vessel_desc-confidence_probseg",
            "desc-brain_mask",
        ):
            image, sidecar = nib.load(f"{stem}_{end}.nii.gz"), json.loads(Path(f"{stem}_{end}.json").read_text())
            np.testing.assert_allclose(image.affine, nib.load(derivative / "raw" / scan).affine, atol=1e-4)
            assert sidecar["Sources"] == [f"bids:raw:{scan}"]
            assert sidecar["VesselSLD"]["threshold"] == 0.3
    assert {row["status"] for row in summary(out).values()} == {"done"} and len(summary(out)) == len(SCANS)
    assert not list(out.rglob("*angio*")) and not list(out.rglob("*.part*"))


def test_the_table_of_segments_has_a_data_dictionary(derivative: Path) -> None:
    with open(derivative / "out" / f"{FIRST}_desc-vessels_stats.tsv", newline="") as stream:
        columns = csv.DictReader(stream, delimiter="\t").fieldnames
    dictionary = json.loads((derivative / "out" / f"{FIRST}_desc-vessels_stats.json").read_text())
    assert columns == list(dictionary)


def test_the_derivative_says_what_made_it_of_what(derivative: Path) -> None:
    about = json.loads((derivative / "out" / "dataset_description.json").read_text())
    assert about["DatasetType"] == "derivative"
    assert "SHA-256" in about["GeneratedBy"][0]["Description"]
    assert about["DatasetLinks"]["raw"] == (derivative / "raw").as_uri()


def test_the_report_shows_every_case(derivative: Path) -> None:
    assert (derivative / "out" / "report.html").read_text().count("<img") == len(SCANS)


def test_a_second_run_skips_all_and_a_filter_takes_some(derivative: Path, caplog: pytest.LogCaptureFixture) -> None:
    masks = sorted((derivative / "out").rglob("*_mask.nii.gz"))
    before = [mask.stat().st_mtime_ns for mask in masks]
    again = {"tta": True, "surface": True, "threshold": 0.3}
    run_inference(derivative / "raw", derivative / "out", derivative / "model.pt", **again)
    assert [mask.stat().st_mtime_ns for mask in masks] == before
    run_inference(
        derivative / "raw", derivative / "some", derivative / "model.pt", bids_filter={"ses": "2", "run": "1"}
    )
    assert list(summary(derivative / "some")) == ["sub-01/ses-2/anat/sub-01_ses-2_acq-tof_run-1_angio"]


def test_a_listed_scan_with_a_name_of_the_standard_may_lie_anywhere(tmp_path: Path) -> None:
    scan = save(tmp_path / "tof.nii.gz", SCAN, AFFINE)
    (tmp_path / "lists").mkdir()
    listed = tmp_path / "lists" / "scans.json"
    listed.write_text(json.dumps([{"image": str(scan), "name": "sub-01/anat/sub-01_angio"}]))
    run_inference(listed, tmp_path / "out", tmp_path / "model.pt", graph=False, report=False)
    assert summary(tmp_path / "out")["sub-01/anat/sub-01_angio"]["status"] == "done"
    assert (tmp_path / "out/sub-01/anat/sub-01_label-vessel_mask.nii.gz").is_file()
    assert not (tmp_path / "out/dataset_description.json").exists()  # of no tree


@pytest.mark.skipif(VALIDATOR is None, reason="bids-validator-deno is not installed")
@pytest.mark.parametrize("tree", ["raw", "out"])
def test_the_official_validator_finds_no_error(derivative: Path, tree: str) -> None:
    done = subprocess.run([str(VALIDATOR), str(derivative / tree), "--ignoreWarnings"], capture_output=True, text=True)
    assert done.returncode == 0 and "[ERROR]" not in done.stdout, done.stdout
