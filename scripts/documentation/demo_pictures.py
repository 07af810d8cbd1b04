"""Pictures of the scan that `make demo` simulates: what is simulated, and what is found in it."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np

from ..vessels.bounding_box import bounding_box
from .panels import axial, coloured, grey, write_panels

NAME = "grown_test_000"  # the case of `make demo`
RED, ORANGE, BLUE, WHITE = (1.0, 0.2, 0.2), (0.9, 0.62, 0.0), (0.34, 0.71, 0.91), (1.0, 1.0, 1.0)


def write_scan_and_vessels(demo: Path, path: Path) -> None:
    """Axial projections of a simulated scan, of the vessels found in it, and of the errors.

    Args:
        demo: the folder that `make demo` leaves.
        path: of the PNG.

    Raises:
        FileNotFoundError: `make demo` has not been run.
    """
    scan, label, brain = _demo_case(demo)  # (D, H, W) each
    found = _volume(demo / "result" / f"{NAME}_vessels.nii.gz") > 0
    inside = _crop_to(brain, scan * brain, label, found)
    scan, label, found = inside[0], inside[1] > 0, inside[2] > 0
    projection = axial(grey(scan.max(axis=2), np.percentile(scan.max(axis=2), 99.5)))
    false, missed, right = found & ~label, label & ~found, found & label
    layers = [(axial(mask.max(axis=2)), colour) for mask, colour in ((false, ORANGE), (missed, BLUE), (right, WHITE))]
    panels = [
        ("a simulated scan", projection),
        ("the vessels found in it", coloured(projection, [(axial(found.max(axis=2)), RED)])),
        ("right: white, false: orange, missed: blue", coloured(0.4 * projection, layers)),
    ]
    write_panels(path, panels)


def write_simulated_scan(demo: Path, path: Path) -> None:
    """An axial slice and projections of a simulated scan, its brain and its arteries."""
    scan, label, brain = _demo_case(demo)
    middle = int(label.sum(axis=(0, 1)).argmax())  # the slice with most vessel
    bright = float(np.percentile((scan * brain).max(axis=2), 99.5))
    panels = [
        ("a slice", axial(grey(scan[..., middle], bright))),
        ("projection of the head", axial(grey(scan.max(axis=2), bright))),
        ("projection of the brain", axial(grey((scan * brain).max(axis=2), bright))),
        ("its arteries: the label", axial(label.any(axis=2).astype(float))),
    ]
    write_panels(path, panels, height=3.6)


def _demo_case(demo: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    scan, label, brain = (
        _volume(demo / "test" / kind / f"{NAME}.nii.gz") for kind in ("images", "labels", "brain_masks")
    )
    return scan, label > 0, brain > 0


def _volume(file: Path) -> np.ndarray:
    if not file.is_file():
        raise FileNotFoundError(f"{file} is not there: run `make demo` first.")
    return np.asarray(nib.as_closest_canonical(nib.load(file)).dataobj)  # (D, H, W), RAS


def _crop_to(region: np.ndarray, *volumes: np.ndarray) -> list[np.ndarray]:
    """Volumes cropped to the first two axes of a region's box."""
    return [volume[bounding_box(region)[:2]] for volume in volumes]
