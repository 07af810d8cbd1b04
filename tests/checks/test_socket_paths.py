from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from multiprocessing import util
from pathlib import Path

import pytest

from scripts.checks.socket_paths import LONGEST, SOCKET, make_room_for_sockets
from scripts.io.user_error import UserError
from tests.killed_runs import ROOT

# torch alone is imported: it takes a third of the time that MONAI does
LOADING = """
import tempfile, torch
from scripts.checks.socket_paths import make_room_for_sockets
make_room_for_sockets()
loader = torch.utils.data.DataLoader(list(torch.arange(3)), batch_size=None, num_workers=1, timeout=10)
print([int(item) for item in loader], tempfile.gettempdir())
"""


def test_loader_workers_do_their_work_where_the_folder_for_temporary_files_is_too_long(tmp_path: Path) -> None:
    long = tmp_path / ("long" * 25)
    long.mkdir()
    environment = {**os.environ, "TMPDIR": str(long)}
    done = subprocess.run(
        [sys.executable, "-c", LOADING], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.stdout.strip() == f"[0, 1, 2] {long}", done.stderr
    assert not list(long.iterdir())


def test_a_path_that_is_short_enough_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(util, "get_temp_dir", pytest.fail)
    monkeypatch.setattr(tempfile, "tempdir", "x" * (LONGEST - len(SOCKET)))
    make_room_for_sockets()


def test_without_a_short_folder_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(util, "get_temp_dir", refuse)
    monkeypatch.setattr(tempfile, "tempdir", "/" + "long" * 25)
    with pytest.raises(UserError, match=r"Set TMPDIR to another, or give --num_workers 0\.$"):
        make_room_for_sockets()
    assert tempfile.tempdir == "/" + "long" * 25
