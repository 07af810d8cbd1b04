"""TOF-MRA of every contrast passes; T1, T2, phase images and CT, over the same anatomy, are named."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from monai.data import MetaTensor

from scripts.io.scan_warnings import is_unlike_tof, warnings_of
from scripts.io.volumes import read_volume, reorient_to_ras
from scripts.simulation.scanner import acquire
from scripts.simulation.tof_mra import HeadSignal
from scripts.transforms.brain_mask import estimate_brain_mask
from scripts.transforms.contrast_check import CheckContrastd, standing_out
from tests.coarse_head import NOISE, SPACING, coarse_brain, coarse_head, masks, tof

# signals of air, bone, fluid, grey and white matter, fat, in TOF-MRA and in other contrasts
TOF = (0.02, 0.15, 0.55, 0.88, 1.0, 1.8)
T1 = (0.01, 0.1, 0.22, 0.68, 1.0, 1.5)
T2 = (0.01, 0.1, 3.5, 1.4, 1.0, 1.6)
CT = (-1000.0, 900.0, 8.0, 38.0, 28.0, -90.0)


@pytest.fixture
def head() -> HeadSignal:
    return coarse_head()


@pytest.fixture
def brain() -> np.ndarray:
    return coarse_brain()


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def mri(head: HeadSignal, signals: tuple[float, ...], blood: float) -> np.ndarray:
    signal = np.interp(head.bare, TOF, signals)
    return acquire(signal + head.fraction * (blood - signal), SPACING, 0.05, rng())


def ct(head: HeadSignal, blood: float = 350.0) -> np.ndarray:
    values = np.interp(head.bare, TOF, CT)
    return values + head.fraction * (blood - values) + rng().normal(0, 10, values.shape)


def phase(head: HeadSignal) -> np.ndarray:
    noise = rng().normal(0, 0.12, (2, *head.tissue.shape))
    field = np.linspace(-2, 2, head.tissue.shape[1])[:, None]  # rad
    return np.angle(head.tissue * np.exp(1j * (field + head.fraction)) + noise[0] + 1j * noise[1])


def warned(scan: np.ndarray, mask: np.ndarray, source: str = "user") -> str:
    affine = np.diag([SPACING, SPACING, SPACING, 1.0])
    volumes = {"image": scan.astype(np.float32), "brain_mask": mask.astype(np.uint8)}
    case = {key: MetaTensor(torch.from_numpy(array[None]), affine=affine) for key, array in volumes.items()}
    image = CheckContrastd()({**case, "mask_source": source})["image"]
    assert is_unlike_tof(image) == bool(warnings_of(image))
    return "; ".join(warnings_of(image))


@pytest.mark.parametrize(
    ("noise", "contrast", "gamma"),
    [(0.5, 1.0, 1.0), (1.0, 1.0, 0.6), (1.0, 0.6, 1.6), (2.0, 1.0, 1.0), (2.0, 0.6, 1.0), (2.0, 0.6, 0.6)],
)
def test_no_tof_mra_is_warned_of(head: HeadSignal, brain: np.ndarray, noise, contrast, gamma) -> None:
    scan = tof(head, noise * NOISE, contrast, gamma)
    assert [kind for kind, mask in masks(scan, brain).items() if warned(scan, mask)] == []


@pytest.mark.parametrize(
    "change", [lambda scan, brain: (scan - scan.mean()) / scan.std(), lambda s, b: s * b - 1000 * ~b]
)
def test_neither_is_one_that_a_tool_has_rescaled_or_emptied(head: HeadSignal, brain: np.ndarray, change) -> None:
    scan = change(100 * tof(head), brain)
    assert warned(scan, brain) == ""


def test_neither_are_parts_of_a_head(head: HeadSignal, brain: np.ndarray) -> None:
    scan = tof(head, 2 * NOISE, 0.6)
    middle = [side // 2 for side in scan.shape]
    for part in (np.s_[:, :, 25:58], np.s_[: middle[0]], np.s_[middle[0] - 25 : middle[0] + 25, 42:92, 21:58]):
        assert warned(scan[part], brain[part]) == "", part
        assert warned(scan[part], np.ones_like(brain[part]), "none") == "", part


@pytest.mark.parametrize(
    "make",
    [
        lambda head: mri(head, T1, 0.3),
        lambda head: mri(head, T1, 1.3),  # inflow makes its arteries bright, too
        lambda head: mri(head, T2, 0.1),
        lambda head: phase(head),
        lambda head: -tof(head),
        lambda head: tof(head).max() - tof(head),
        lambda head: ct(head) + 1024,
    ],
    ids=["t1", "t1_inflow", "t2", "phase", "negative", "inverted", "ct_1024"],
)
def test_other_contrasts_are_warned_of(head: HeadSignal, brain: np.ndarray, make) -> None:
    scan = make(head)
    estimated = estimate_brain_mask(scan.astype(np.float32), [SPACING] * 3)
    assert "no few voxels of the brain are far brighter" in warned(scan, estimated)
    if scan.max() < 100:  # within a given mask CT angiography has the contrast of vessels
        assert "does not look like TOF-MRA" in warned(scan, brain)


@pytest.mark.parametrize("blood", [350.0, 45.0])
def test_hounsfield_units_are_known_also_within_a_given_mask(head: HeadSignal, brain: np.ndarray, blood) -> None:
    assert warned(ct(head, blood), brain) == "does not look like TOF-MRA but like CT: its values are Hounsfield units"


def test_closed_form_and_what_cannot_be_told() -> None:
    image = np.zeros((40, 40, 40))
    image[:8] = 1.0
    image[:4, :2, :2] = 7.0  # 16 of 64,000 voxels
    brain = np.ones(image.shape, bool)
    assert standing_out(image, brain, [2.0] * 3) == pytest.approx(7.0)
    assert standing_out(np.minimum(image, 1.0), brain, [2.0] * 3) == pytest.approx(1.0)
    assert standing_out(image, brain, [0.5] * 3) == float("inf")  # 8 ml
    assert standing_out(image > 1, brain, [2.0] * 3) == float("inf")
    assert standing_out(image, image > 9, [2.0] * 3) == float("inf")


@pytest.mark.skipif("VESSEL_SLD_DATA" not in os.environ, reason="VESSEL_SLD_DATA names no folder of real scans")
def test_a_real_scan_is_not_warned_of() -> None:
    scan = reorient_to_ras(read_volume(str(Path(os.environ["VESSEL_SLD_DATA"]) / "scans" / "chris_MRA.nii.gz")))
    mask = estimate_brain_mask(scan[0].numpy(), scan.pixdim.tolist())
    assert warned(scan[0].numpy(), mask) == ""
