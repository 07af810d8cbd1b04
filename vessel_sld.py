"""Where every run enters the bundle, under a name of its own: other folders hold packages called `scripts`, too."""

import sys
from pathlib import Path

ROOT = str(Path(__file__).resolve().parent)

loaded = sys.modules.get("scripts")
if loaded is not None and ROOT not in {str(Path(folder).resolve().parent) for folder in loaded.__path__}:
    raise ImportError(
        f"this Python process has imported the package `scripts` of {list(loaded.__path__)[0]}, which hides that of "
        f"{ROOT}: restart the process or notebook kernel, and use one bundle in each."
    )
if loaded is None:
    sys.path.insert(0, ROOT)

from scripts.checks.command_line import take_over  # noqa: E402
from scripts.checks.workflow import CheckedWorkflow  # noqa: E402

__all__ = ["CheckedWorkflow", "take_over"]
