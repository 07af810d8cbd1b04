"""Files of which only the names matter."""

from __future__ import annotations

from pathlib import Path


def touch(root: Path, *names: str) -> None:
    """Make empty files, given as paths below `root`, and their folders."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
