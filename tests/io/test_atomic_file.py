import errno
import multiprocessing
import os
import time
from pathlib import Path

import pytest

from scripts.io import atomic_file
from scripts.io.atomic_file import write_atomically


def test_folders_are_made_and_the_extension_is_kept(tmp_path: Path) -> None:
    names = []

    def write(path: Path) -> None:
        names.append(path.name)
        path.write_text("new")

    write_atomically(tmp_path / "a" / "b.nii.gz", write)
    assert (tmp_path / "a" / "b.nii.gz").read_text() == "new"
    assert names[0].startswith(".") and names[0].endswith(".nii.gz")  # hidden: no scan, should it be left behind


def fail(number: int) -> None:
    raise OSError(number, os.strerror(number))


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "No space left on device; free space"),
        (errno.EDQUOT, "Disk quota exceeded; free space"),
        (errno.EACCES, "Permission denied; give an output_dir that may be written to"),
        (errno.EROFS, "Read-only file system; give an output_dir"),
        (errno.ENAMETOOLONG, "File name too long; give the scan a shorter name"),
        (errno.EIO, "Input/output error"),
        (errno.ENOENT, "No such file or directory"),
    ],
)
def test_what_fails_half_way_leaves_the_old_file_and_nothing_else_and_says_what_it_was(
    tmp_path: Path, number: int, words: str
) -> None:
    (tmp_path / "a.txt").write_text("old")
    with pytest.raises(OSError, match="a.txt") as error:
        write_atomically(tmp_path / "a.txt", lambda path: (path.write_text("ne"), fail(number)))
    assert error.value.errno == number
    assert error.value.strerror.startswith(words)
    assert ("free space" in error.value.strerror) == (number in (errno.ENOSPC, errno.EDQUOT))
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {"a.txt": "old"}


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EPERM])
def test_a_file_system_without_fsync_gets_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: fail(number))
    write_atomically(tmp_path / "a.txt", lambda path: path.write_text("new"))
    assert (tmp_path / "a.txt").read_text() == "new"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EDQUOT])
def test_content_that_fsync_could_not_keep_is_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: fail(number))
    with pytest.raises(OSError, match="a.txt"):
        write_atomically(tmp_path / "a.txt", lambda path: path.write_text("new"))
    assert not list(tmp_path.iterdir())


def write_slowly(file: Path, text: str) -> None:
    def write(path: Path) -> None:
        with open(path, "w") as stream:
            for letter in text:
                stream.write(letter)
                stream.flush()
                time.sleep(0.002)

    write_atomically(file, write)


def test_processes_that_write_one_file_at_once_leave_one_of_theirs_whole(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    texts = [letter * 100 for letter in "abcd"]
    processes = [context.Process(target=write_slowly, args=(tmp_path / "a.txt", text)) for text in texts]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0
    assert (tmp_path / "a.txt").read_text() in texts
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]


def test_what_killed_processes_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    dead = multiprocessing.get_context("fork").Process(target=int)
    dead.start()
    dead.join()
    here, elsewhere = atomic_file._machine(), "00000000"
    names = [f".part_{here}_{dead.pid}_a", f".part_{here}_{os.getppid()}_a", f".part_{elsewhere}_{dead.pid}_a"]
    for name in (*names, ".part_old"):
        (tmp_path / name).touch()
    os.utime(tmp_path / ".part_old", (1, 1))
    write_atomically(tmp_path / "b", Path.touch)
    write_atomically(tmp_path / "b", Path.touch)
    assert {file.name for file in tmp_path.iterdir()} == {*names[1:], "b"}
