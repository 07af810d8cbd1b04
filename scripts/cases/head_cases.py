"""The noise-free heads of a folder."""

from __future__ import annotations

from pathlib import Path

from ..io.user_error import MissingInput


def head_cases(heads_dir: str) -> list[dict[str, str]]:
    """Files that `write_heads` wrote, as cases with `image`, by name.

    Raises:
        FileNotFoundError: there is none.
    """
    cases = [{"image": str(path)} for path in sorted(Path(heads_dir).absolute().glob("head_*.npz"))]
    if not cases:
        raise MissingInput(f"{heads_dir}: no head_*.npz; configs/heads.yaml makes them.")
    return cases
