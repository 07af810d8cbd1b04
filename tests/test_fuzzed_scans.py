"""Whatever is in a NIfTI file, it is segmented or refused in words; `make soak` does this to thousands."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from scripts.results.run_outcome import CasesFailed
from tests import fuzzed_nifti
from tests.run_inference import run_inference, summary

FIRST = int(os.environ.get("FUZZ_FIRST", 0))
COUNT = int(os.environ.get("FUZZ_COUNT", 120))


def test_every_file_is_segmented_or_refused_in_words(tmp_path: Path) -> None:
    scans, out = tmp_path / "scans", tmp_path / "out"
    scans.mkdir()
    vessels = {}
    for seed in range(FIRST, FIRST + COUNT):
        path, vessel = fuzzed_nifti.write(scans, seed)
        vessels[path] = vessel
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    settings = {"graph": False, "report": False, "brain_mask": "none", "min_component": 0.0}
    with pytest.raises(CasesFailed):
        run_inference(scans, out, tmp_path / "model.pt", **settings)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before  # kB
    rows = summary(out)
    assert len(rows) == COUNT
    for path, vessel in vessels.items():
        row = rows[path.name.partition(".")[0]]
        if row["status"] == "failed":
            assert vessel is None, row["error"]
            assert str(path) in row["error"] and len(row["error"]) > len(str(path)) + 20
            assert not any(kind in row["error"] for kind in ("Error:", "Traceback", "Exception")), row["error"]
            assert not list(out.glob(f"{row['name']}_*"))
        if vessel is not None:
            found = np.asarray(nib.load(out / f"{row['name']}_vessels.nii.gz").dataobj) > 0
            assert 2 * (found & vessel).sum() / (found.sum() + vessel.sum()) > 0.9, path
    assert grown < 2**20, "more than 1 GB"
