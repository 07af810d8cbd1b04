"""Cases of a JSON list in the style of the Medical Segmentation Decathlon."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from ..io.expanded_path import expanded_path
from ..io.user_error import BadInput, MissingInput
from .mask_pairing import with_brain_masks
from .scan_files import refuse_duplicates, scan_name


def json_cases(file: Path, split: str, keys: Sequence[str]) -> list[dict[str, str]]:
    """One split of a list; its paths are relative to the file's folder.

    Args:
        file: a dictionary of splits; an entry is a path, or a dictionary of paths.
        split: missing splits are empty.
        keys: what every entry must have; `brain_mask` may be there, or is found by name.

    Returns:
        list of dictionaries of absolute paths, sorted by name.

    Raises:
        FileNotFoundError: a file of the list is not there.
        ValueError: no such list, an entry lacks a key, or two scans have one name.
    """
    content = _read(file)
    if not isinstance(content, dict):
        raise BadInput(f"{file}: not a JSON dictionary of splits.")
    entries = content.get(split, [])
    if not isinstance(entries, list):
        raise BadInput(f"{file}: '{split}' is no list of cases; give it one, which may be empty.")
    cases = [_case(file, entry, keys, ["brain_mask"]) for entry in entries]
    refuse_duplicates(Path(case["image"]) for case in cases)
    return sorted(with_brain_masks(cases), key=lambda case: scan_name(case["image"]))


def json_scans(file: Path) -> list[dict[str, str]]:
    """Cases for inference: a list of entries, or the `test` entries of a dictionary of splits; order is kept.

    An entry is a path (a file, or a folder with a DICOM series), or a dictionary: `image`, and where wanted
    `brain_mask`, `label`, and `name`, that of the results; without it they have the scan's name.

    Raises:
        FileNotFoundError: no entry, or a file of the list is not there.
        ValueError: no such list, an entry has no image, two cases have one name, or a name leads out of its folder.
    """
    content = _read(file)
    entries = content.get("test", []) if isinstance(content, dict) else content
    if not isinstance(entries, list) or not entries:
        raise MissingInput(f"{file}: names no scan; give it a list, or a dictionary with a list under 'test'.")
    cases: dict[str, dict[str, str]] = {}
    for entry in entries:
        case = _case(file, entry, ["image"], ["brain_mask", "label"])
        name = PurePosixPath(str(entry.get("name", "")) if isinstance(entry, dict) else "")
        case["name"] = str(name) if name.parts else scan_name(case["image"])  # a//b and ./a/b are a/b
        if name.is_absolute() or ".." in name.parts:
            raise BadInput(f"{file}: the name '{name}' leads out of the output folder.")
        if case["name"] in cases:
            raise BadInput(f"{file}: two entries have the results' name '{case['name']}'; give them a 'name' each.")
        cases[case["name"]] = case
    return with_brain_masks(list(cases.values()))


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{file}: not a JSON file ({error}).") from error


def _case(file: Path, entry: Any, required: Sequence[str], optional: Sequence[str]) -> dict[str, str]:
    """Absolute paths of one entry."""
    entry = {"image": entry} if isinstance(entry, str) else entry
    for key in required:
        if not isinstance(entry, dict) or not isinstance(entry.get(key), str) or not entry[key]:
            raise BadInput(f"{file}: the entry {entry} has no '{key}'.")
    paths = {key: _path(file.parent, str(entry[key])) for key in [*required, *optional] if entry.get(key)}
    for path in paths.values():
        if not path.exists():
            raise MissingInput(f"{path}: named in {file}, but not there.")
    return {key: str(path) for key, path in paths.items()}


def _path(folder: Path, name: str) -> Path:
    """A path relative to a folder; ~ and $VARIABLES are replaced where no file is called so."""
    path = folder / name
    return path if path.exists() else folder / expanded_path(name)
