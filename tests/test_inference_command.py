"""The command of inference.yaml, as a user types it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import torch

from scripts.networks.vessel_unet import VesselSegmenter
from tests.monai_command import monai_command, torchrun
from tests.phantom import LPS, grid, phantom, save
from tests.report.results_folder import results_folder
from tests.run_inference import summary
from tests.synthetic_head import synthetic_head

ROOT = Path(__file__).parent.parent
CHANNELS = [2, 2, 4, 4, 4]
MULTI_GPU = [f"configs/{name}.yaml" for name in ("inference", "multi_gpu_inference")]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "model.pt"
    torch.save(VesselSegmenter(channels=CHANNELS).state_dict(), path)
    return path


def run(config, cwd, checkpoint, *arguments):
    return monai_command("--config_file", config, *arguments, *small(checkpoint), cwd=cwd)


def small(checkpoint):
    return ("--ckpt", checkpoint, "--channels", CHANNELS, "--window", "[32,32,32]")


def started_anew(config, cwd, checkpoint, *arguments, launcher=(), **environment):
    """The command from a Python that has imported nothing."""
    words = [*launcher, "-m", "monai.bundle", "run", "--config_file", config, *arguments, *small(checkpoint)]
    command = [sys.executable, *map(str, words)]
    return subprocess.run(
        command, cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, timeout=300
    )


def test_a_folder_of_scans_from_another_directory_without_tensorboard(tmp_path, checkpoint):
    scans, out, absent = (tmp_path / name for name in ("scans", "out", "absent"))
    for folder in (scans, absent / "tensorboard"):
        folder.mkdir(parents=True)
    (absent / "tensorboard" / "__init__.py").write_text("raise ImportError('no tensorboard here')")
    scan, _, _ = synthetic_head(spacing=4.0)
    affine = grid(LPS, (4.0, 4.0, 4.0), scan.shape)
    save(scans / "head.nii.gz", scan, affine)
    arguments = ("--bundle_root", ROOT, "--dataset_dir", scans, "--output_dir", out, "--spacing", "4.0")
    arguments += ("--report", "False")
    done = started_anew(ROOT / "configs/inference.yaml", tmp_path, checkpoint, *arguments, PYTHONPATH=str(absent))
    assert done.returncode == 0, done.stdout + done.stderr
    mask = nib.load(out / "head_brain_mask.nii.gz")  # none was given: it is estimated and can be looked at
    assert mask.shape == scan.shape
    assert 0.1 < np.asarray(mask.dataobj).mean() < 0.6
    assert "estimated" in (out / "summary.csv").read_text()
    assert {path.name for path in tmp_path.iterdir()} == {"scans", "out", "absent"}
    assert not (out / "report.html").exists()


def test_one_file_from_the_bundle_folder(tmp_path, checkpoint):
    affine = grid(LPS, (0.6, 0.6, 0.6), (36, 32, 20))
    scan = save(tmp_path / "scan.mha", phantom(affine, (36, 32, 20))[0], affine)
    arguments = ("--dataset_dir", scan, "--output_dir", tmp_path / "out", "--brain_mask", "none", "--graph", "False")
    done = run("configs/inference.yaml", ROOT, checkpoint, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    ends = ("_preview.nii.gz", "_preview.png", "_probability.nii.gz", "_vessels.nii.gz")
    names = ["report.html", *(f"scan{end}" for end in ends), "summary.csv"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == names


def test_a_wrong_folder_is_named(tmp_path, checkpoint):
    done = run("configs/inference.yaml", ROOT, checkpoint, "--dataset_dir", tmp_path / "nowhere")
    assert done.returncode != 0
    assert "no such file or folder; give --dataset_dir a folder of scans" in done.stderr


def test_a_report_of_results_on_disk(tmp_path):
    results_folder(tmp_path)
    options = ("--results_dir", tmp_path / "out", "--report_names", "True")
    done = monai_command("--config_file", "configs/report.yaml", *options, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "<td>sub-01</td>" in (tmp_path / "out" / "report.html").read_text()


def test_processes_share_the_scans_and_leave_one_summary(tmp_path, checkpoint):
    scans = written_scans(tmp_path / "scans", "abcde")
    (tmp_path / "scans" / "c.nii").write_bytes(b"")
    arguments = ("--dataset_dir", scans, "--output_dir", tmp_path / "out", "--brain_mask", "none")
    launcher = ("-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2")
    done = started_anew(MULTI_GPU, ROOT, checkpoint, *arguments, launcher=launcher)
    log = done.stdout + done.stderr
    assert done.returncode == 1, log
    assert done.stderr.count("1 case(s) failed, see summary.csv") == 1
    check_results(tmp_path / "out", {**dict.fromkeys("abde", "done"), "c": "failed"}, log)


@pytest.mark.parametrize("scans", ["abcde", "a"])
def test_there_may_be_fewer_scans_than_processes(tmp_path, checkpoint, scans):
    folder = written_scans(tmp_path / "scans", scans)
    arguments = ("--dataset_dir", folder, "--output_dir", tmp_path / "out", "--brain_mask", "none")
    ended = torchrun(3, "--config_file", MULTI_GPU, *arguments, *small(checkpoint), cwd=ROOT)
    log = "".join(done.stdout + done.stderr for done in ended)
    assert [done.returncode for done in ended] == [0, 0, 0], log
    check_results(tmp_path / "out", dict.fromkeys(scans, "done"), log)


def written_scans(folder, names):
    affine = grid(LPS, (0.6, 0.6, 0.6), (36, 32, 20))
    scan = phantom(affine, (36, 32, 20))[0]
    folder.mkdir()
    for name in names:
        save(folder / f"{name}.nii", scan, affine)
    return folder


def check_results(output_dir, expected, log):
    assert {name: row["status"] for name, row in summary(output_dir).items()} == expected
    for name, status in expected.items():
        assert (output_dir / f"{name}_vessels.nii.gz").is_file() == (status == "done")
        assert len(re.findall(rf" {name}: \S+ ml of vessel", log)) == (status == "done")  # not twice
    assert not list(output_dir.glob(".*"))
