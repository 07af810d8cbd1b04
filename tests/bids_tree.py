"""A small BIDS tree: with and without sessions, with runs, with acquisitions."""

from __future__ import annotations

import json
from pathlib import Path

from tests.faulty_scans import AFFINE, SCAN
from tests.phantom import save

SCANS = (
    "sub-01/ses-1/anat/sub-01_ses-1_angio.nii.gz",
    "sub-01/ses-2/anat/sub-01_ses-2_acq-tof_run-1_angio.nii.gz",
    "sub-01/ses-2/anat/sub-01_ses-2_acq-tof_run-2_angio.nii.gz",
    "sub-02/anat/sub-02_angio.nii.gz",
)


def bids_tree(root: Path) -> Path:
    """Write the tree; returns its root."""
    for scan in SCANS:
        (root / scan).parent.mkdir(parents=True, exist_ok=True)
        save(root / scan, SCAN, AFFINE)
        (root / scan.replace(".nii.gz", ".json")).write_text("{}")
    description = {
        "Name": "test",
        "BIDSVersion": "1.10.0",
        "DatasetType": "raw",
        "License": "CC0",
        "Authors": ["A", "B"],
    }
    (root / "dataset_description.json").write_text(json.dumps(description))
    (root / "README.md").write_text("Scans made by a test of the bundle. " * 5)
    return root
