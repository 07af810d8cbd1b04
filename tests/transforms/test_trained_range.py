"""Scans as the training drew them pass; noisier, weaker, coarser and smaller ones are named with what was measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from monai.data import MetaTensor

from scripts.benchmark.trained_range import SEED, measured_range, scan_measures
from scripts.benchmark.trained_range import SPACING as WORKING_SPACING
from scripts.datasets.random_scanner import RESOLUTION, RandomScanner
from scripts.datasets.random_view import SIDES
from scripts.io.scan_warnings import warnings_of
from scripts.io.weights_needs import read_needs
from scripts.simulation.head_file import read_head, write_head
from scripts.transforms.preprocessing import preprocessing
from scripts.transforms.trained_range import CheckTrainedRanged, measures, noise, trained_range
from tests.coarse_head import NOISE, SPACING, coarse_brain, coarse_head, masks, tof
from tests.phantom import save
from tests.run_inference import ROOT

BEGIN = "unlike the scans of the training: "
WEIGHTS = str(ROOT / "models" / "model.pt")


def case(scan: np.ndarray, mask: np.ndarray, spacing: float = SPACING, source: str = "user") -> dict:
    affine = np.diag([spacing, spacing, spacing, 1.0])
    volumes = {"image": scan.astype(np.float32), "brain_mask": mask.astype(np.uint8)}
    tensors = {key: MetaTensor(torch.from_numpy(array[None]), affine=affine) for key, array in volumes.items()}
    return {**tensors, "mask_source": source}


def warned(scan: np.ndarray, mask: np.ndarray, **settings) -> list[str]:
    return warnings_of(CheckTrainedRanged(trained_range(WEIGHTS))(case(scan, mask, **settings))["image"])


@pytest.mark.parametrize(
    ("noise_factor", "contrast", "gamma"), [(1.0, 1.0, 1.0), (1.5, 0.7, 1.0), (0.5, 0.6, 1.0), (1.0, 1.0, 0.7)]
)
def test_scans_like_those_of_the_training_are_not_warned_of(noise_factor, contrast, gamma) -> None:
    scan = tof(coarse_head(), noise_factor * NOISE, contrast, gamma)
    found = {kind: warned(scan, mask) for kind, mask in masks(scan, coarse_brain()).items()}
    assert found == {"given": [], "estimated": [], "large": [], "small": []}


def test_neither_is_a_slab_or_half_a_head() -> None:
    scan = tof(coarse_head())
    for part in (np.s_[:, :, 25:60], np.s_[: scan.shape[0] // 2]):
        assert warned(scan[part], coarse_brain()[part]) == [], part


@pytest.mark.parametrize(
    ("scan", "spacing", "words"),
    [
        (lambda: tof(coarse_head(), 5 * NOISE), SPACING, "noise of 0.45 of the tissue's signal ("),
        (lambda: tof(coarse_head(), NOISE, 0.2), SPACING, "arteries 0.74 of the tissue's signal above it ("),
        (lambda: tof(coarse_head()), 1.6, "voxels of 1.60 mm (up to 1.2)"),
        (lambda: tof(coarse_head())[:, :, 30:55], SPACING, "a field of view of 30 mm (from 40)"),
    ],
    ids=["noise", "contrast", "voxel_size", "field_of_view"],
)
def test_others_are_named(scan, spacing, words) -> None:
    image = scan()
    brain = coarse_brain() if image.shape == coarse_brain().shape else coarse_brain()[:, :, 30:55]
    (warning,) = warned(image, brain, spacing=spacing)
    assert warning.startswith(BEGIN + words)


def test_what_is_measured() -> None:
    rng = np.random.default_rng(0)
    image = np.full((60, 60, 60), 200.0) + np.arange(60)  # a slope is no noise, but for its steps
    image[:30] += 50
    brain = np.ones(image.shape, bool)
    assert noise(image + rng.normal(0, 20, image.shape), brain) == pytest.approx(20, rel=0.02)
    image = np.full((60, 60, 60), 100.0)
    image[:4, :4, :4] = 350.0  # 64 of 216,000 voxels; the brightest ten thousandth are 22
    found = measures(case(image, brain, 2.0)["image"], brain)
    assert found == {"voxel_size": 2.0, "field_of_view": 120.0, "noise": 0.0, "contrast": pytest.approx(2.5)}


def test_what_cannot_be_measured_is_left_out() -> None:
    rng = np.random.default_rng(0)
    image = rng.normal(100, 90, (50, 50, 50))
    brain = np.ones(image.shape, bool)
    assert measures(case(image, brain, 1.0)["image"], brain).keys() == {
        "voxel_size",
        "field_of_view",
        "noise",
    }  # 125 ml
    assert measures(case(image, brain, 0.5)["image"], brain).keys() == {"voxel_size", "field_of_view"}  # 16 ml
    assert measures(case(image - 200, brain, 2.0)["image"], brain).keys() == {"voxel_size", "field_of_view"}
    assert warned(image, brain, source="none") == []
    assert "noise of 0.90" in warned(image, brain)[0]


def test_the_scan_as_it_was_read_counts_for_voxels_and_noise_after_resampling(tmp_path: Path) -> None:
    import nibabel as nib

    rng = np.random.default_rng(0)
    scan, affine = rng.normal(100, 20, (30, 40, 35)).astype(np.float32), np.diag([-1.5, 2.0, 1.0, 1.0])
    for name, volume in (("a.nii.gz", scan), ("mask.nii.gz", np.ones(scan.shape, np.uint8))):
        nib.save(nib.Nifti1Image(volume, affine), tmp_path / name)
    files = {"image": str(tmp_path / "a.nii.gz"), "brain_mask": str(tmp_path / "mask.nii.gz")}
    limits = {"voxel_size": (None, 1.9), "field_of_view": (36.0, None), "noise": (0.16, None)}
    found = warnings_of(preprocessing(0.5, trained_range=limits)(files)["image"])
    begins = [warning.removeprefix(BEGIN) for warning in found if warning.startswith(BEGIN)]
    assert begins[:2] == ["voxels of 2.00 mm (up to 1.9)", "a field of view of 35 mm (from 36)"]
    assert begins[2].startswith("noise of 0.0") and len(begins) == 3  # 0.2 in the file's own voxels
    assert not any(warning.startswith(BEGIN) for warning in warnings_of(preprocessing(0.5)(files)["image"]))


def test_a_volume_in_memory_is_measured_like_its_file(tmp_path: Path) -> None:
    scan, affine = np.random.default_rng(0).normal(100, 20, (60, 30, 50)).astype(np.float32), np.eye(4)
    file = str(save(tmp_path / "a.nii", scan, affine))
    for image in (file, MetaTensor(torch.from_numpy(scan), affine=torch.from_numpy(affine))):
        read = preprocessing(0.5, brain_mask="none")({"image": image})["image"]
        assert measures(read, None) == {"voxel_size": 1.0, "field_of_view": 30.0}


def test_the_shipped_range_is_that_of_what_the_training_draws(tmp_path: Path) -> None:
    noted = read_needs(WEIGHTS)["trained_range"]
    assert noted["voxel_size"] == [None, pytest.approx(WORKING_SPACING / RESOLUTION[0])]
    assert noted["field_of_view"] == [SIDES[0], None]
    assert noted.keys() == {"voxel_size", "field_of_view", "noise", "contrast"}
    assert trained_range(str(tmp_path / "model.pt")) == {}  # nothing is known of other weights


def test_a_head_is_scanned_as_the_training_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scripts.benchmark.trained_range.SPACING", SPACING)
    write_head(coarse_head(), coarse_brain(), tmp_path / "head.npz")
    head, rng = read_head(tmp_path / "head.npz"), [np.random.default_rng([SEED, 0, 0]) for _ in range(2)]
    found, scanner = scan_measures(head, rng[0]), RandomScanner(rng[1])
    assert found["noise"] == pytest.approx(scanner.noise * scanner.gamma, rel=0.3)
    assert measured_range([head])["contrast"] == [round(found["contrast"], 3)] * 2
