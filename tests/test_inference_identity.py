"""Results are a scan's, not a name's; and commands that write into one folder at once do not disturb each other."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import torch

from scripts.results.run_outcome import CasesFailed
from tests.bright_network import BrightNetwork
from tests.dicom_series import save_series
from tests.faulty_scans import AFFINE, SCAN, nifti
from tests.killed_runs import TINY, configs, start
from tests.run_inference import SMALL, run_inference, summary

OTHER = SCAN[::-1].copy()  # another patient, on the same grid


def mask(folder: Path, name: str = "tof") -> np.ndarray:
    return np.asarray(nib.load(folder / f"{name}_vessels.nii.gz").dataobj)


@pytest.mark.parametrize("kind", ["file", "series"])
def test_another_scan_of_the_name_is_refused_and_costs_the_first_nothing(tmp_path: Path, kind: str) -> None:
    for patient, scan in (("1", SCAN), ("2", OTHER)):
        (tmp_path / patient).mkdir()
        if kind == "file":
            nifti(tmp_path / patient / "tof.nii.gz", scan)
        else:
            save_series(tmp_path / patient / "tof", scan, AFFINE)
    nifti(tmp_path / "2" / "more.nii.gz")
    out = tmp_path / "out"
    run_inference(tmp_path / "1", out, tmp_path / "model.pt", brain_mask="none")
    before = mask(out)
    with pytest.raises(CasesFailed, match="holds results of another scan of this name, .*/1/tof"):
        run_inference(tmp_path / "2", out, tmp_path / "model.pt", brain_mask="none", overwrite=True)
    np.testing.assert_array_equal(mask(out), before)
    with open(out / "summary.csv", newline="") as stream:
        rows = [(row["name"], Path(row["scan"]).parent.name, row["status"]) for row in csv.DictReader(stream)]
    assert rows == [("tof", "1", "done"), ("more", "2", "done"), ("tof", "2", "refused")]
    run_inference(tmp_path / "2", tmp_path / "out 2", tmp_path / "model.pt", brain_mask="none")
    assert (mask(tmp_path / "out 2") != before).any()


def test_a_file_name_that_is_not_utf_8_ends_nothing(tmp_path: Path) -> None:
    (tmp_path / "scans").mkdir()
    nifti(tmp_path / "plain.nii.gz")
    for name in (b"a.nii.gz", b"M\xfcller.nii.gz", b"na\xefve.nii.gz"):
        (tmp_path / "scans" / os.fsdecode(name)).write_bytes((tmp_path / "plain.nii.gz").read_bytes())
    (tmp_path / "scans" / os.fsdecode(b"na\xefve.nii.gz")).write_bytes(b"damaged")
    out = tmp_path / "out"
    with pytest.raises(CasesFailed, match="^1 case") as error:
        run_inference(tmp_path / "scans", out, tmp_path / "model.pt", brain_mask="none", report_names=True)
    str(error.value).encode()
    rows = summary(out)
    assert {name: row["status"] for name, row in rows.items()} == {"a": "done", "M%FCller": "done", "na%EFve": "failed"}
    assert rows["M%FCller"]["scan"].endswith("/M%FCller.nii.gz")
    np.testing.assert_array_equal(mask(out, "M%FCller"), mask(out, "a"))
    assert "<td>M%FCller</td>" in (out / "report.html").read_text(encoding="utf-8")
    assert (out / "report.html").read_text(encoding="utf-8").count("<figure>") == 2


def test_commands_into_one_folder_at_once(tmp_path: Path) -> None:
    torch.save(BrightNetwork().state_dict(), tmp_path / "model.pt")
    arguments = {key: value for key, value in TINY.items() if key != "channels"}
    arguments |= {**SMALL, "ckpt": str(tmp_path / "model.pt"), "output_dir": str(tmp_path / "out")}
    names = {folder: [f"{folder}{i}" for i in range(4)] for folder in "abc"}
    for folder in names:
        (tmp_path / folder).mkdir()
        for name in (*names[folder], "same"):  # the same name in every folder, and a scan of its own
            nifti(tmp_path / folder / f"{name}.nii.gz", np.roll(SCAN, ord(folder), axis=0))
    processes = [start(configs("inference"), {**arguments, "dataset_dir": str(tmp_path / folder)}) for folder in names]
    for process in processes:
        process.join(300)
    assert sorted(process.exitcode for process in processes) == [0, 1, 1]  # one of them has the name
    with open(tmp_path / "out" / "summary.csv", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 3 * 5
    for row in rows:
        assert row["status"] == ("done" if row["name"] != "same" else row["status"])
    same = {row["status"]: row for row in rows if row["name"] == "same"}
    assert len([row for row in rows if row["status"] == "refused"]) == 2
    folder = Path(same["done"]["scan"]).parent.name
    np.testing.assert_array_equal(mask(tmp_path / "out", "same"), mask(tmp_path / "out", f"{folder}0"))
    assert not list((tmp_path / "out").glob(".*"))
