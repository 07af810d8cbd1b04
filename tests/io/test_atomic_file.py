from pathlib import Path

import pytest

from scripts.io.atomic_file import write_atomically


def test_folders_are_made_and_the_extension_is_kept(tmp_path: Path) -> None:
    names = []

    def write(path: Path) -> None:
        names.append(path.name)
        path.write_text("new")

    write_atomically(tmp_path / "a" / "b.nii.gz", write)
    assert (tmp_path / "a" / "b.nii.gz").read_text() == "new"
    assert names[0].startswith(".") and names[0].endswith(".nii.gz")  # hidden: no scan, should it be left behind


def test_what_fails_half_way_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("old")

    def fail(path: Path) -> None:
        path.write_text("ne")
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        write_atomically(tmp_path / "a.txt", fail)
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {"a.txt": "old"}
