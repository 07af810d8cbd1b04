"""A simulated head of a few centimetres with arteries, stored as scanners do: axes permuted, mirrored and oblique."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np

from scripts.simulation.arterial_tree import grow_arterial_tree
from scripts.simulation.tof_mra import TofMraSimulator
from scripts.vessels.swc import VesselTree
from tests.phantom import oblique

SPACING = 0.8


def simulated_head(scan: Path, mask: Path) -> None:
    """Write a scan and its brain mask."""
    whole = grow_arterial_tree(0, terminals=20)
    case = TofMraSimulator(spacing=SPACING)(VesselTree(whole.points * 0.2, whole.radii, whole.parents), 5)
    affine = oblique(10) @ np.diag([SPACING] * 3 + [1.0])
    head = np.clip(case.scan * (2000 / case.scan.max()), 0, None).astype(np.int16)
    for volume, file in ((head, scan), (case.brain_mask.astype(np.uint8), mask)):
        image = nib.as_closest_canonical(nib.Nifti1Image(volume, affine))
        posterior_left_superior = nib.orientations.axcodes2ornt("PLS")
        stored = image.as_reoriented(
            nib.orientations.ornt_transform(nib.io_orientation(affine), posterior_left_superior)
        )
        stored.set_qform(stored.affine, 1)
        nib.save(stored, file)
