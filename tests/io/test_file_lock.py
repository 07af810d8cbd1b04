import errno
import multiprocessing
import os
import time

import pytest

from scripts.io import file_lock as module
from scripts.io.file_lock import file_lock

FORK = multiprocessing.get_context("fork")


def count(file, times):
    for _ in range(times):
        with file_lock(file) as held:
            assert held
            number = int(file.read_text() or 0)
            time.sleep(0.001)
            file.write_text(str(number + 1))


def test_no_step_of_another_process_falls_between_two_of_one(tmp_path):
    file = tmp_path / "number"
    file.touch()
    processes = [FORK.Process(target=count, args=(file, 30)) for _ in range(5)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0
    assert file.read_text() == "150"
    assert [path.name for path in tmp_path.iterdir()] == ["number"]


def hold(file, ready):
    with file_lock(file):
        ready.set()
        time.sleep(60)


def test_a_killed_process_holds_no_lock(tmp_path):
    ready = FORK.Event()
    process = FORK.Process(target=hold, args=(tmp_path / "a", ready))
    process.start()
    assert ready.wait(30)
    process.kill()
    process.join()
    with file_lock(tmp_path / "a") as held:
        assert held
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_does_not_stop_the_work(tmp_path, monkeypatch, number):
    def refuse(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(module.fcntl, "flock", refuse)
    with file_lock(tmp_path / "a") as held:
        assert not held
    assert not list(tmp_path.iterdir())
