"""The commands of evaluate.yaml and score.yaml, run as a user does, on a scan whose vessels a threshold finds."""

from __future__ import annotations

import csv
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch

from scripts.metrics.case_metrics import METRICS
from scripts.networks.vessel_unet import VesselSegmenter
from tests.killed_runs import ROOT, configs
from tests.monai_command import monai_command
from tests.phantom import LPS, grid, save
from tests.synthetic_head import synthetic_head

CHANNELS = [2, 2, 4, 4, 4]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory) -> Path:
    """Two labelled cases with brain masks, one for validation and one for test, in LPS at 4 mm."""
    root = tmp_path_factory.mktemp("data")
    for seed, split in enumerate(("validation", "test")):
        scan, brain, vessels = synthetic_head(seed=seed, spacing=4.0)
        affine = grid(LPS, (4.0, 4.0, 4.0), scan.shape)
        for folder, volume in (("images", scan), ("labels", vessels), ("brain_masks", brain | vessels)):
            (root / split / folder).mkdir(parents=True)
            save(root / split / folder / f"{split}.nii.gz", volume.astype(np.float32), affine)
    return root


def run(config: str, cwd: Path, *arguments: object) -> subprocess.CompletedProcess:
    return monai_command("--config_file", configs(config), *arguments, cwd=cwd)


def rows(output_dir: Path) -> list[dict[str, str]]:
    with open(output_dir / "metrics.csv", newline="") as stream:
        return list(csv.DictReader(stream))


def test_evaluate_scores_the_test_split(dataset: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)
    torch.save(VesselSegmenter(channels=CHANNELS).state_dict(), tmp_path / "model.pt")
    out = tmp_path / "out"
    places = ("--bundle_root", ROOT, "--dataset_dir", dataset, "--output_dir", out, "--ckpt", tmp_path / "model.pt")
    numbers = ("--channels", CHANNELS, "--window", "[32,32,32]", "--spacing", "4.0", "--write_images", "True")
    done = run("evaluate", tmp_path, *places, *numbers)
    assert done.returncode == 0, done.stdout + done.stderr
    (row,) = rows(out)
    assert tuple(row) == ("case", *METRICS)
    assert row["case"] == "test"
    assert "| test |" in done.stdout and "threshold 0.3" in done.stdout
    assert (out / "summary.md").read_text().strip() in done.stdout
    assert (out / "test_vessels.nii.gz").is_file() and (out / "test_preview.png").is_file()

    # The files on disk, scored afterwards, have the same scores.
    again = run(
        "score",
        tmp_path,
        "--predictions_dir",
        out,
        "--labels_dir",
        dataset / "test/labels",
        "--output_dir",
        tmp_path,
    )
    assert again.returncode == 0, again.stdout + again.stderr
    assert rows(tmp_path) == rows(out)


def test_the_images_of_another_scan_of_the_name_stay(dataset: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    torch.save(VesselSegmenter(channels=CHANNELS).state_dict(), tmp_path / "model.pt")
    other = shutil.copytree(dataset, tmp_path / "other")
    for kind in ("images", "labels", "brain_masks"):  # another patient's, under the name of the first
        shutil.copy(dataset / "validation" / kind / "validation.nii.gz", other / "test" / kind / "test.nii.gz")
    numbers = ("--channels", CHANNELS, "--window", "[32,32,32]", "--spacing", "4.0", "--write_images", "True")
    places = ("--bundle_root", ROOT, "--output_dir", out, "--ckpt", tmp_path / "model.pt")
    assert run("evaluate", tmp_path, *places, *numbers, "--dataset_dir", dataset).returncode == 0
    before = (out / "test_vessels.nii.gz").read_bytes()
    refused = run("evaluate", tmp_path, *places, *numbers, "--dataset_dir", other)
    assert refused.returncode == 1
    assert f"{out} holds results of another scan of this name" in refused.stderr.splitlines()[-1]
    assert (out / "test_vessels.nii.gz").read_bytes() == before
    again = run("evaluate", tmp_path, *places, *numbers, "--dataset_dir", dataset)
    assert again.returncode == 0, again.stderr


def test_evaluate_names_a_missing_split(dataset: Path, tmp_path: Path) -> None:
    done = run("evaluate", tmp_path, "--bundle_root", ROOT, "--dataset_dir", tmp_path)
    assert done.returncode != 0
    assert "no test case found" in done.stderr


def test_classical_filter_takes_its_threshold_from_validation(dataset: Path, tmp_path: Path) -> None:
    numbers = ("--spacing", "4.0", "--min_component", "0")
    places = ("--dataset_dir", dataset, "--output_dir", tmp_path)
    done = run("classical", ROOT, "--filter", "threshold", *places, *numbers)
    assert done.returncode == 0, done.stdout + done.stderr
    (row,) = rows(tmp_path)
    # The vessels are the brightest voxels of the phantom: a global threshold finds them all.
    assert row["case"] == "test" and float(row["DSC"]) > 0.9
    assert " of validation." in (tmp_path / "summary.md").read_text()
