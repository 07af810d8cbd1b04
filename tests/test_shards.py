"""The shares of an array job, at once and one after another, into one output folder."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
import torch

from tests.bright_network import BrightNetwork
from tests.faulty_scans import SCAN, nifti
from tests.killed_runs import ROOT, TINY, configs, start
from tests.run_inference import SMALL, run_inference, summary

NAMES = [f"scan{i}" for i in range(5)]


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scans")
    for name in NAMES:
        nifti(folder / f"{name}.nii.gz", SCAN)
    return folder


def done(log: str) -> list[str]:
    """The cases that a log says were segmented, as often as it says so."""
    return re.findall(r"(\w+): \S+ ml of vessel", log)


def check_results(out: Path) -> None:
    assert {name: row["status"] for name, row in summary(out).items()} == dict.fromkeys(NAMES, "done")
    assert all((out / f"{name}_vessels.nii.gz").is_file() for name in NAMES)
    page = (out / "report.html").read_text(encoding="utf-8")
    assert page.count("<figure>") == len(NAMES)  # that of the share that ended last has them all
    assert not list(out.glob(".*"))


def test_at_once(scans: Path, tmp_path: Path) -> None:
    torch.save(BrightNetwork().state_dict(), tmp_path / "model.pt")
    arguments = {key: value for key, value in TINY.items() if key != "channels"}
    arguments |= {**SMALL, "ckpt": str(tmp_path / "model.pt"), "dataset_dir": str(scans)}
    processes = []
    for share in (1, 2, 3):
        log = tmp_path / f"{share}.log"
        configuration = (ROOT / "configs" / "logging.conf").read_text(encoding="utf-8")
        configuration = re.sub("StreamHandler", "FileHandler", configuration)
        (tmp_path / f"{share}.conf").write_text(re.sub("args=.*", f"args=({str(log)!r},)", configuration))
        own = {
            "shard": f"{share}/3",
            "output_dir": str(tmp_path / "out"),
            "logging_file": str(tmp_path / f"{share}.conf"),
        }
        processes.append(start(configs("inference"), {**arguments, **own}))
    for process in processes:
        process.join(300)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    logs = [(tmp_path / f"{share}.log").read_text() for share in (1, 2, 3)]
    assert Counter(case for log in logs for case in done(log)) == Counter(NAMES)
    assert all(done(log) for log in logs)
    check_results(tmp_path / "out")


@pytest.mark.parametrize("order", [(2, 3, 1), (3, 1, 2)], ids=str)
def test_one_after_another(
    scans: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, order: tuple[int, ...]
) -> None:
    caplog.set_level("INFO")
    for share in order:
        settings = {"shard": f"{share}/3", "brain_mask": "none"}
        run_inference(scans, tmp_path / "out", tmp_path / "model.pt", **settings)
    assert Counter(done(caplog.text)) == Counter(NAMES)
    assert "skipped" not in caplog.text  # no share was given what another has
    check_results(tmp_path / "out")


def test_a_share_without_scans_ends_well(scans: Path, tmp_path: Path) -> None:
    run_inference(scans, tmp_path / "out", tmp_path / "model.pt", shard="9/9", brain_mask="none")
    assert not (tmp_path / "out" / "summary.csv").exists()
