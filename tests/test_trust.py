"""What the bundle never does: use the network, write elsewhere, run code from data, give patients' names away."""

from __future__ import annotations

import re
from pathlib import Path

import nibabel as nib
import pytest
import torch
from monai.bundle import ConfigParser

from scripts.results.run_outcome import CasesFailed
from tests.bright_network import BrightNetwork
from tests.dicom_series import save_series
from tests.faulty_scans import AFFINE, SCAN, SHAPE, nifti
from tests.guarded_runs import guarded
from tests.killed_runs import ROOT, configs, settings_of
from tests.phantom import save
from tests.run_inference import SMALL, run_inference, summary
from tests.tiny_dataset import tiny_dataset

ODD_NAMES = [
    "two words",
    "Ünï 血管 é",
    "-rf",
    "--help",
    "a..b",
    "..b",
    "$HOME",
    "@network",
    "100% {x}",
    "#1",
    'it\'s "so"; true',
    "line\nbreak",
    "1e5",
]


def test_inference_of_odd_names_stays_in_its_folder_and_off_the_network(tmp_path: Path) -> None:
    scans, out = tmp_path / "my scans $x", tmp_path / "out, ü"
    scans.mkdir()
    for name in ODD_NAMES:
        nifti(scans / f"{name}.nii.gz")
    save(scans / "ü meta.mha", SCAN, AFFINE)
    save_series(scans / "ü dicom", SCAN, AFFINE)
    torch.save(BrightNetwork().state_dict(), tmp_path / "model.pt")
    arguments = {**SMALL, "bundle_root": str(ROOT), "dataset_dir": str(scans), "output_dir": str(out)}
    arguments |= {"ckpt": str(tmp_path / "model.pt"), "brain_mask": "none", "num_workers": 1, "logging_file": False}
    assert guarded(configs("inference"), arguments, tmp_path) == []
    names = {*ODD_NAMES, "ü meta", "ü dicom"} - {"..b"}  # a hidden file
    assert {name: row["status"] for name, row in summary(out).items()} == dict.fromkeys(names, "done")
    for name in names:
        assert nib.load(out / f"{name}_vessels.nii.gz").shape == SHAPE
    assert {path.parent for path in out.rglob("*")} == {out}


def test_training_stays_in_its_folder_and_off_the_network(tmp_path: Path) -> None:
    dataset = tiny_dataset(tmp_path / "my data")
    arguments = {"epochs": 1, "pretrain_epochs": 1, "iterations_per_epoch": 1, "num_workers": 1}
    settings = settings_of(dataset, tmp_path / "my run", arguments)
    assert guarded(configs("train", "cpu"), settings, tmp_path) == []
    assert (tmp_path / "my run" / "train" / "model.pt").is_file()


def test_the_guard_of_these_tests_notices(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(
        "imports: ['$import socket']\noutput_dir: null\n"
        "run:\n- $open(@output_dir + '/../stray', 'w')\n- $socket.create_connection(('127.0.0.1', 9), 1)\n"
    )
    arguments = {"output_dir": str(tmp_path / "out"), "logging_file": False}
    (tmp_path / "out").mkdir()
    (first,) = guarded([str(tmp_path / "config.yaml")], arguments, tmp_path)
    assert first.startswith("open ") and "stray" in first


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of two DICOM scans in folders of a patient's name, one of which lacks a slice."""
    root = tmp_path_factory.mktemp("patient")
    save_series(root / "scans" / "DOE_JANE", SCAN, AFFINE)
    save_series(root / "scans" / "DOE_JANE_2", SCAN, AFFINE)[4].unlink()
    with pytest.raises(CasesFailed):
        run_inference(root / "scans", root / "out", root / "model.pt", tta=True)
    return root / "out"


def test_neither_headers_nor_file_names_reach_the_report(patient: Path) -> None:
    page = (patient / "report.html").read_text(encoding="utf-8")
    page = re.sub(
        r"[A-Za-z0-9+/=]{200,}", "", page
    )  # pictures and volumes in base64, which may spell anything; and a viewer "does" much
    assert page.count("<figure>") == 1 and "Case 2" in page
    assert not re.search("doe.jane|jane|1\\.2\\.3\\.4", page, re.IGNORECASE)


def test_no_other_result_holds_anything_of_a_header(patient: Path) -> None:
    files = [file for file in patient.iterdir() if file.name != "report.html"]
    assert len(files) > 5
    for file in files:
        content = nib.load(file).header.binaryblock if ".nii" in file.name else file.read_bytes()
        assert b"Doe^Jane" not in content and b"1.2.3.4" not in content, file.name


def test_every_file_of_tensors_is_read_without_running_code() -> None:
    loads = [
        line
        for file in (ROOT / "scripts").rglob("*.py")
        for line in file.read_text().splitlines()
        if "torch.load(" in line
    ]
    assert loads and all("weights_only=True" in line for line in loads)
    assert not [
        file
        for file in (ROOT / "scripts").rglob("*.py")
        if re.search(r"pickle\.load|allow_pickle=True", file.read_text())
    ]


def test_the_model_card_and_the_readme_state_the_limits() -> None:
    for file in ("README.md", "docs/README.md"):
        text = " ".join((ROOT / file).read_text(encoding="utf-8").lower().split())
        assert "not a medical device" in text and "research" in text, file
    metadata = ConfigParser.load_config_file(str(ROOT / "configs" / "metadata.json"))
    assert "research" in metadata["intended_use"].lower()
