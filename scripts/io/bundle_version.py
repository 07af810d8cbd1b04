"""Name and version of this bundle, which stand in its metadata.json."""

from __future__ import annotations

import json
from pathlib import Path

METADATA = Path(__file__).parents[2] / "configs" / "metadata.json"


def bundle_version() -> str:
    """Such as "1.2.0"."""
    return str(_metadata()["version"])


def bundle_title() -> str:
    """What it is called, and its version."""
    return f"{_metadata()['name']} {bundle_version()}"


def _metadata() -> dict[str, object]:
    content: dict[str, object] = json.loads(METADATA.read_text(encoding="utf-8"))
    return content
