"""What weights need of the run that uses them, in a JSON file beside them: model.json beside model.pt."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .atomic_file import write_atomically
from .user_error import BadInput


def needs_file(weights: str | Path) -> Path:
    """The file that stands beside a file of weights."""
    return Path(weights).with_suffix(".json")


def read_needs(weights: str | Path) -> dict[str, Any]:
    """Settings that weights were trained with, by name; empty where nothing was noted of them.

    Raises:
        ValueError: the file holds something else.
    """
    file = needs_file(weights)
    try:
        needs = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise BadInput(f"{file}: cannot be read ({error}); copy it anew, or remove it.") from error
    if not isinstance(needs, dict):
        raise BadInput(f"{file}: holds no settings by name; copy it anew, or remove it.")
    return needs


def write_needs(weights: str | Path, needs: dict[str, Any]) -> None:
    """Note what weights need, unless just that stands there."""
    file, text = needs_file(weights), json.dumps(needs, indent=4) + "\n"
    if not file.is_file() or file.read_text(encoding="utf-8") != text:
        write_atomically(file, lambda partial: partial.write_text(text, encoding="utf-8"))
