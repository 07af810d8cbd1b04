"""How often a scan is decompressed on its way to mask, pictures and report."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.faulty_scans import SCAN, nifti
from tests.run_inference import run_inference, summary


@pytest.fixture
def decompressed(monkeypatch: pytest.MonkeyPatch) -> Counter:
    """Bytes that came out of each compressed file, by its name."""
    counted: Counter = Counter()
    read = gzip.GzipFile.read

    def count(stream: Any, *arguments: Any) -> bytes:
        content = read(stream, *arguments)
        counted[Path(str(stream.name)).name] += len(content)  # no name: bytes in memory
        return content

    monkeypatch.setattr(gzip.GzipFile, "read", count)
    return counted


def test_a_scan_is_decompressed_once(tmp_path: Path, decompressed: Counter) -> None:
    (tmp_path / "scans").mkdir()
    scan = np.kron(SCAN, np.ones((4, 4, 4), np.float32))  # large beside a header
    nifti(tmp_path / "scans" / "a.nii.gz", scan)
    run_inference(tmp_path / "scans", tmp_path / "out", tmp_path / "model.pt", brain_mask="none")
    assert summary(tmp_path / "out")["a"]["status"] == "done"
    whole = 352 + scan.nbytes
    headers = 20 * 8192  # is what opening a file for its header may read ahead
    assert whole <= decompressed["a.nii.gz"] <= whole + headers
    assert headers < whole / 4
