"""A damaged file is never segmented as if it were whole, and never takes memory for what it does not hold."""

from __future__ import annotations

import gzip
import os
import tracemalloc
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from scripts.io.nifti_file import read_whole
from scripts.io.volumes import read_volume

NOISE = np.random.default_rng(0).integers(0, 1000, (20, 18, 12)).astype(np.int16)


def save(path: Path, array: np.ndarray = NOISE) -> Path:
    nib.save(nib.Nifti1Image(array, np.eye(4)), path)
    return path


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
def test_a_whole_file_passes(tmp_path: Path, name: str) -> None:
    np.testing.assert_array_equal(np.asarray(read_whole(save(tmp_path / name)).dataobj), NOISE)


def test_no_changed_byte_of_a_compressed_scan_is_overlooked(tmp_path: Path) -> None:
    whole = save(tmp_path / "a.nii.gz").read_bytes()
    rng = np.random.default_rng(0)
    for place in rng.integers(30, len(whole), 60):  # behind gzip's own header, which holds time and name
        changed = bytearray(whole)
        changed[place] ^= 1 << int(rng.integers(8))
        (tmp_path / "a.nii.gz").write_bytes(changed)
        with pytest.raises(ValueError, match="cannot read"):
            read_volume(str(tmp_path / "a.nii.gz"))


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
@pytest.mark.parametrize("side", [1000, 32767])
def test_memory_is_not_set_aside_for_what_a_file_does_not_hold(tmp_path: Path, name: str, side: int) -> None:
    save(tmp_path / "a.nii")
    content = bytearray((tmp_path / "a.nii").read_bytes())
    content[42:48] = np.array([side] * 3, "<i2").tobytes()
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    tracemalloc.start()
    with pytest.raises(ValueError, match="cannot read .*(of the .* bytes that|claims .* voxels)"):
        read_volume(str(tmp_path / name))
    assert tracemalloc.get_traced_memory()[1] < 2**25
    tracemalloc.stop()


def test_a_pipe_is_no_scan(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.nii.gz")
    with pytest.raises(ValueError, match="no file but a pipe"):  # instead of waiting for ever
        read_volume(str(tmp_path / "a.nii.gz"))
