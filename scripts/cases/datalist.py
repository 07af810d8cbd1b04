"""Which files make a case: a scan, folders of scans, JSON lists, BIDS trees, DICOM series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ..io.dicom_files import holds_dicom, is_dicom
from ..io.printable import printable
from ..io.user_error import BadInput, MissingInput
from .bids_cases import bids_cases, is_bids
from .bids_filter import with_entities
from .folder_cases import folder_cases
from .json_cases import json_cases, json_scans
from .mask_pairing import with_brain_masks
from .scan_files import named, scan_name, volumes_in
from .shard import shard_of

SPLITS = ("training", "validation", "test")


def split_cases(dataset_dir: str, split: str = "training", with_labels: bool = False) -> list[dict[str, str]]:
    """Cases of one split, sorted by name.

    A case has `image`, `brain_mask` where there is one, and, in validation and test, `label`. Labels of the training
    split are not looked at, unless they are asked for `with_labels`. `dataset_dir` holds a `dataset.json`, or folders
    `training`, `validation`, `test` with `images`, `labels`, `brain_masks` in each, or nothing but scans: these are
    then the training split.

    Returns:
        list of dictionaries of absolute paths; empty for a validation split that does not exist.

    Raises:
        FileNotFoundError: a folder or file is missing, or there is no scan in it.
        ValueError: an unknown split, two scans of one name, or a broken `dataset.json`.
    """
    if split not in SPLITS:
        raise BadInput(f"split '{split}' is unknown; choose one of {', '.join(SPLITS)}.")
    root = _existing_folder(dataset_dir)
    labelled = with_labels or split != "training"
    if (root / "dataset.json").is_file():
        cases = json_cases(root / "dataset.json", split, ["image", "label"] if labelled else ["image"])
    elif (root / split / "images").is_dir():
        cases = folder_cases(root / split, labelled=labelled)
    elif split != "training" or (root / "training").is_dir():
        cases = []
    else:
        cases = folder_cases(root, labelled=labelled)
    if not cases and split != "validation":
        raise MissingInput(f"{root}: no {split} case found; expected scans in {root / split / 'images'}.")
    return cases


def scan_cases(
    dataset_dir: str,
    brain_mask: str = "auto",
    bids_filter: Mapping[str, str | Sequence[str]] | None = None,
    shard: str | None = None,
) -> list[dict[str, str]]:
    """Cases for inference.

    Of a data set with splits (see `split_cases`) they are those of its test split.

    Args:
        dataset_dir: a scan; a JSON list (`json_scans`), or a folder with one as `dataset.json`; a BIDS tree
            (`bids_cases`); a folder with a DICOM series; or a folder of scans, or with `images` (and `brain_masks`,
            `labels`), where a sub-folder with a DICOM series is a scan too.
        brain_mask: "auto" pairs the masks that are there with their scans, "none" leaves masks out.
        bids_filter: the scans whose names have these BIDS entities alone (`with_entities`).
        shard: of these the i-th of N shares alone, "i/N" (`shard_of`).

    Returns:
        list of dictionaries of absolute paths: `image`, `brain_mask` where there is one, and `label` where `labels` has
        a file of the scan's name (it is shown in the preview and used for nothing else); and `name`, that of the
        results below the output folder.

    Raises:
        FileNotFoundError: nothing there, or no scan in the folder.
        ValueError: unsupported file type, or two scans of one name.
    """
    cases = _scan_cases(Path(dataset_dir).expanduser().absolute(), brain_mask)
    cases = with_entities(cases, bids_filter) if bids_filter else cases
    cases = shard_of(cases, shard) if shard else cases
    for case in cases:
        scan = Path(case["image"])
        case["name"] = printable(case.get("name") or scan_name(scan))
        if brain_mask == "none":
            case.pop("brain_mask", None)
        if label := named(scan.parent.parent / "labels", scan_name(scan)):
            case.setdefault("label", str(label))
    return cases


def _scan_cases(path: Path, brain_mask: str) -> list[dict[str, str]]:
    if path.is_file():
        if path.suffix.lower() == ".json":
            return json_scans(path)
        if is_dicom(path):
            raise BadInput(f"{path}: is one DICOM file; give the folder of its series.")
        scan_name(path)
        return with_brain_masks([{"image": str(path)}])
    _existing_folder(str(path))
    if (path / "dataset.json").is_file():
        return json_scans(path / "dataset.json")
    if is_bids(path):
        return bids_cases(path)
    if holds_dicom(path):
        if others := [scan for scan in volumes_in(path) if not scan.name.startswith(path.name + "_")]:
            raise BadInput(f"{others[0]} lies among the slices of a DICOM series; move it to another folder.")
        return with_brain_masks([{"image": str(path)}])
    return folder_cases(_test_split(path), brain_mask=brain_mask)


def _test_split(folder: Path) -> Path:
    """`folder/test`, if `folder` holds it and no scans of its own; else `folder`."""
    own = (folder / "images").is_dir() or bool(volumes_in(folder))
    return folder / "test" if (folder / "test" / "images").is_dir() and not own else folder


def _existing_folder(folder: str) -> Path:
    path = Path(folder).expanduser().absolute()
    if not path.is_dir():
        raise MissingInput(f"{path}: no such file or folder; give --dataset_dir a folder of scans.")
    return path
