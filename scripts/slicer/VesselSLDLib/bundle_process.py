"""The bundle in a process of its own, with a Python that has its requirements; Slicer's own has not.

Slicer's Python runs this file, so it uses the standard library alone.
"""

from __future__ import annotations

import subprocess
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

BUNDLE = Path(__file__).resolve().parents[3]
PLACES = (".venv/bin/python", ".venv/Scripts/python.exe", ".venv/python.exe")  # where `make env` and venv put it


def bundle_python(bundle: Path = BUNDLE) -> Path | None:
    """The Python of the bundle's environment; None where there is none."""
    return next((bundle / place for place in PLACES if (bundle / place).is_file()), None)


def bundle_command(python: str | Path, scan: Path, output_dir: Path, settings: Mapping[str, Any]) -> list[str]:
    """The words of the command that segments one scan.

    Args:
        python: of an environment with the bundle's requirements.
        scan: its file; a brain mask is found beside it, under `<scan>_brain_mask.nii.gz`.
        output_dir: where the results go.
        settings: options of `configs/inference.yaml`, such as `threshold`.
    """
    config = BUNDLE / "configs" / "inference.yaml"
    command = [str(python), "-m", "monai.bundle", "run", "--config_file", str(config), "--bundle_root", str(BUNDLE)]
    command += ["--dataset_dir", str(scan), "--output_dir", str(output_dir), "--report", "False", "--graph", "False"]
    return [*command, *(word for key, value in settings.items() for word in (f"--{key}", str(value)))]


def run(command: list[str], environment: Mapping[str, str], show: Callable[[str], None]) -> None:
    """Run a command to its end; `show` gets every line of its output, progress bars included.

    Raises:
        RuntimeError: the command cannot be started, or it failed; the message is for the user.
    """
    last: deque[str] = deque(maxlen=40)
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "stdin": subprocess.DEVNULL}
    try:
        with subprocess.Popen(command, env=dict(environment), text=True, errors="replace", **pipes) as process:
            for line in process.stdout or ():
                last.append(line.rstrip())
                show(line.rstrip())
    except OSError as error:
        raise RuntimeError(f"{command[0]!r} cannot be started ({error}); choose the Python of the bundle.") from error
    if process.returncode:
        raise RuntimeError(failure(list(last), process.returncode))


def failure(lines: list[str], status: int) -> str:
    """What went wrong, from the end of a command's output: what the bundle, or Python, says last."""
    if any("No module named 'monai'" in line or "No module named monai" in line for line in lines):
        return "This Python has no MONAI: install the bundle's requirements.txt into it, or choose another."
    starts = [number for number, line in enumerate(lines) if "case(s) failed" in line]
    message = lines[starts[-1] + 1 :] if starts else [line for line in lines if line][-1:]
    return "\n".join(message) or f"The command ended with status {status} and said nothing."


def found_mask(output_dir: Path) -> Path:
    """The mask that a run left.

    Raises:
        RuntimeError: there is none, or there are several.
    """
    masks = sorted(output_dir.rglob("*_vessels.nii.gz"))
    if len(masks) != 1:
        raise RuntimeError(f"{output_dir} holds {len(masks)} masks, where one was expected.")
    return masks[0]
