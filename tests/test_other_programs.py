"""What FSL, FreeSurfer and MRtrix read beside the voxels: the header's words, and tables of colours."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from tests.faulty_scans import nifti
from tests.run_inference import ROOT, run_inference

LUTS = ROOT / "docs" / "luts"
LABELS = {0: "background", 1: "vessel"}


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    nifti(folder / "a.nii.gz", descrip=b"FSL5.0", intent_code=1005)  # of the scan, not of its results
    run_inference(folder / "a.nii.gz", folder / "out", folder / "model.pt", tta=True)
    return folder / "out"


@pytest.mark.parametrize(
    ("kind", "intent", "words"),
    [
        ("vessels", "label", "VesselSLD: 0 background, 1 vessel"),
        ("brain_mask", "label", "VesselSLD: 0 background, 1 brain (estimated)"),
        ("probability", "estimate", "VesselSLD: probability of vessel, 0 to 1"),
        ("confidence", "estimate", "VesselSLD: agreement of turned copies, |2 p - 1|, 0 to 1"),
    ],
)
def test_the_header_says_what_the_values_are(out: Path, kind: str, intent: str, words: str) -> None:
    header = nib.load(out / f"a_{kind}.nii.gz").header
    assert header.get_intent()[0] == intent
    assert bytes(header["descrip"]).rstrip(b"\0").decode() == words


def test_the_table_for_fsleyes(out: Path) -> None:
    """Its own rules: label, red, green, blue from 0 to 1, name; its reader needs two rows, and tells by the second."""
    columns = {"names": ("label", "r", "g", "b"), "formats": (int, float, float, float)}
    table = np.genfromtxt(LUTS / "vessels.lut", usecols=(0, 1, 2, 3), dtype=columns)
    names = [line.split(None, 4)[4].strip() for line in (LUTS / "vessels.lut").read_text().splitlines()]
    assert dict(zip(table["label"].tolist(), names)) == LABELS
    assert all(0 <= table[channel].min() <= table[channel].max() <= 1 for channel in "rgb")
    assert set(np.unique(nib.load(out / "a_vessels.nii.gz").dataobj)) == set(LABELS)


def test_the_table_for_freesurfer_and_mrtrix_has_the_same_colours() -> None:
    rows = [line.split() for line in (LUTS / "vessels_freesurfer.txt").read_text().splitlines() if line[0] != "#"]
    assert {int(number): name for number, name, *_ in rows} == LABELS
    shades = {int(row[0]): [int(value) / 255 for value in row[2:5]] for row in rows}
    assert all(len(row) == 6 and row[5] == "0" for row in rows)  # FreeSurfer's last column is transparency
    for line in (LUTS / "vessels.lut").read_text().splitlines():
        label, *colour, _ = line.split()
        np.testing.assert_allclose(shades[int(label)], [float(value) for value in colour], atol=1e-5)
