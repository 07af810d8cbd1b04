"""Which files make a case: folders of scans, the data set layout of docs/data.md, and Decathlon-style JSON lists."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from pathlib import Path

FORMATS = (".nii.gz", ".nii", ".nrrd", ".mha", ".mhd")
SPLITS = ("training", "validation", "test")
RESULTS = ("_vessels", "_probability")  # files that inference writes; they may lie beside the scans
BRAIN_MASK = "_brain_mask"

logger = logging.getLogger(__name__)


def scan_name(path: str | Path) -> str:
    """File name without folder and without image extension: `a/sub-01.nii.gz` -> `sub-01`.

    Raises:
        ValueError: the extension is none of `FORMATS`.
    """
    name = Path(path).name
    for extension in FORMATS:
        if name.lower().endswith(extension):
            return name[: -len(extension)]
    raise ValueError(f"{path}: unsupported file type; convert it to one of {', '.join(FORMATS)}.")


def training_cases(dataset_dir: str, split: str = "training") -> list[dict[str, str]]:
    """Cases of one split, sorted by name.

    A case has `image`, `brain_mask` where there is one, and, in validation and test, `label`. Labels of the training
    split are never looked at. `dataset_dir` holds a `dataset.json`, or folders `training`, `validation`, `test` with
    `images`, `labels`, `brain_masks` in each, or nothing but scans: these are then the training split.

    Returns:
        list of dictionaries of absolute paths; empty for a validation split that does not exist.

    Raises:
        FileNotFoundError: a folder or file is missing, or there is no scan in it.
        ValueError: an unknown split, two scans of one name, or a broken `dataset.json`.
    """
    if split not in SPLITS:
        raise ValueError(f"split '{split}' is unknown; choose one of {', '.join(SPLITS)}.")
    root = _existing_folder(dataset_dir)
    labelled = split != "training"
    if (root / "dataset.json").is_file():
        cases = _json_cases(root / "dataset.json", split)
    elif (root / split / "images").is_dir():
        cases = _folder_cases(root / split, labelled=labelled)
    elif labelled or (root / "training").is_dir():
        cases = []
    else:
        cases = _folder_cases(root)
    if not cases and split != "validation":
        raise FileNotFoundError(f"{root}: no {split} case found; expected scans in {root / split / 'images'}.")
    return cases


def scan_cases(dataset_dir: str, brain_mask: str = "auto") -> list[dict[str, str]]:
    """Cases for inference: one scan file, a folder of scans, or a folder with `images` (and `brain_masks`, `labels`).

    Of a data set with splits (see `training_cases`) they are those of its test split.

    Args:
        dataset_dir: file or folder.
        brain_mask: "auto" pairs the masks that are there with their scans, "none" leaves masks out.

    Returns:
        list of dictionaries of absolute paths, sorted by name: `image`, `brain_mask` where there is one, and `truth`
        where `labels` has a file of the scan's name (it is shown in the preview and used for nothing else).

    Raises:
        FileNotFoundError: nothing there, or no scan in the folder.
        ValueError: unsupported file type, or two scans of one name.
    """
    path = Path(dataset_dir).expanduser().absolute()
    if path.is_file():
        cases = [_with_mask({"image": str(path)}, [path.parent / "brain_masks", path.parent.parent / "brain_masks"])]
        scan_name(path)
    else:
        cases = _folder_cases(_test_split(_existing_folder(dataset_dir)))
    for case in cases:
        if brain_mask == "none":
            case.pop("brain_mask", None)
        if truth := _named(Path(case["image"]).parent.parent / "labels", scan_name(case["image"])):
            case["truth"] = str(truth)
    return cases


def _test_split(folder: Path) -> Path:
    """`folder/test`, if `folder` holds it and no scans of its own; else `folder`."""
    own = (folder / "images").is_dir() or any(file.name.lower().endswith(FORMATS) for file in folder.iterdir())
    return folder / "test" if (folder / "test" / "images").is_dir() and not own else folder


def _existing_folder(folder: str) -> Path:
    path = Path(folder).expanduser().absolute()
    if not path.is_dir():
        raise FileNotFoundError(f"{path}: no such file or folder; give --dataset_dir a folder of scans.")
    return path


def _folder_cases(folder: Path, labelled: bool = False) -> list[dict[str, str]]:
    """Cases of `folder/images` with its sibling folders, or of `folder` itself when it holds the scans."""
    images = folder / "images" if (folder / "images").is_dir() else folder
    mask_folders = [images / "brain_masks", images.parent / "brain_masks"]
    cases = [_with_mask({"image": str(scan)}, mask_folders) for scan in _scans(images)]
    masks = [mask for mask_folder in mask_folders if mask_folder.is_dir() for mask in mask_folder.iterdir()]
    if masks and not any("brain_mask" in case for case in cases):
        raise ValueError(f"{masks[0].parent}: no brain mask there has the name of a scan in {images}; rename them.")
    for case in cases if labelled else []:
        label = _named(folder / "labels", scan_name(case["image"]))
        if label is None:
            raise FileNotFoundError(f"{case['image']}: its label is missing in {folder / 'labels'} (same file name).")
        case["label"] = str(label)
    return cases


def _scans(folder: Path) -> list[Path]:
    """Scans in a folder, sorted by name; brain masks and results of earlier runs beside them are left out."""
    files = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    images = [path for path in files if path.name.lower().endswith(FORMATS)]
    if not images:
        others = f"; it holds {files[0].name}, which is not supported" if files else ""
        raise FileNotFoundError(f"{folder}: no scan found ({', '.join(FORMATS)}){others}.")
    names = {scan_name(path) for path in images}
    scans = [path for path in images if not _belongs_to_another(scan_name(path), names)]
    if not scans:
        raise FileNotFoundError(f"{folder}: holds brain masks ('*{BRAIN_MASK}') but no scan.")
    _refuse_duplicates(scans)
    return sorted(scans, key=scan_name)


def _belongs_to_another(name: str, names: Iterable[str]) -> bool:
    return name.endswith(BRAIN_MASK) or any(name.endswith(end) and name[: -len(end)] in names for end in RESULTS)


def _refuse_duplicates(scans: Iterable[Path]) -> None:
    seen: dict[str, Path] = {}
    for scan in scans:
        first = seen.setdefault(scan_name(scan), scan)
        if first != scan:
            raise ValueError(f"{first} and {scan} have the same name and would share their results; rename one.")


def _with_mask(case: dict[str, str], mask_folders: list[Path]) -> dict[str, str]:
    """Pair a scan with its brain mask: a file of its name in `brain_masks`, else `<name>_brain_mask.*` beside it."""
    scan = Path(case["image"])
    name = scan_name(scan)
    candidates = [_named(folder, name) for folder in mask_folders] + [_named(scan.parent, name + BRAIN_MASK)]
    mask = next((path for path in candidates if path), None)
    return case if mask is None else {**case, "brain_mask": str(mask)}


def _named(folder: Path, name: str) -> Path | None:
    return next((path for ext in FORMATS if (path := folder / f"{name}{ext}").is_file()), None)


def _json_cases(file: Path, split: str) -> list[dict[str, str]]:
    """One split of a Decathlon-style list; its paths are relative to the file's folder."""
    try:
        entries = json.loads(file.read_text()).get(split, [])
    except (json.JSONDecodeError, AttributeError) as error:
        raise ValueError(f"{file}: not a JSON dictionary of splits ({error}).") from error
    wanted = ("image", "brain_mask") if split == "training" else ("image", "label", "brain_mask")
    cases = []
    for entry in entries:
        entry = {"image": entry} if isinstance(entry, str) else entry
        for key in wanted[:-1]:
            if key not in entry:
                raise ValueError(f"{file}: the {split} entry {entry} has no '{key}'.")
        paths = {key: file.parent / entry[key] for key in wanted if entry.get(key)}
        for path in paths.values():
            if not path.is_file():
                raise FileNotFoundError(f"{path}: named in {file}, but not there.")
        case = {key: str(path) for key, path in paths.items()}
        cases.append(case if "brain_mask" in case else _with_mask(case, [paths["image"].parent.parent / "brain_masks"]))
    _refuse_duplicates(Path(case["image"]) for case in cases)
    return sorted(cases, key=lambda case: scan_name(case["image"]))
