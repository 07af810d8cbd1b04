"""Cases of a folder: scans with their brain masks and labels in sibling folders."""

from __future__ import annotations

import logging
from pathlib import Path

from ..io.user_error import BadInput, MissingInput
from .companions import MASK
from .mask_pairing import FOLDER, masks_in, with_brain_masks
from .scan_files import named, scan_name, scans_in, volumes_in

logger = logging.getLogger(__name__)


def folder_cases(folder: Path, labelled: bool = False, brain_mask: str = "auto") -> list[dict[str, str]]:
    """Cases of `folder/images` with its sibling folders, or of `folder` itself when it holds the scans.

    Args:
        folder: existing folder.
        labelled: every case must have a `label`.
        brain_mask: "auto" pairs scans and masks, "none" leaves masks out.

    Raises:
        FileNotFoundError: no scan, or a label is missing.
        ValueError: two scans of one name, or brain masks none of which has the name of a scan.
    """
    images = folder / "images" if (folder / "images").is_dir() else folder
    cases = [{"image": str(scan)} for scan in scans_in(images)]
    if brain_mask != "none":
        cases = with_brain_masks(cases)
        masks = [mask for place in (images, images.parent) for mask in masks_in(place / FOLDER)]
        if masks and not any("brain_mask" in case for case in cases):
            raise BadInput(
                f"{masks[0].parent}: no brain mask there has the name of a scan in {images}; rename or remove them."
            )
        masks += [path for path in volumes_in(images) if MASK.search(scan_name(path))]
        paired = {case["brain_mask"] for case in cases if "brain_mask" in case}
        if lone := [mask.name for mask in masks if str(mask) not in paired]:
            logger.warning(
                "%s: %d masks have the name of no scan and are not used, such as %s", folder, len(lone), lone[0]
            )
    for case in cases if labelled else []:
        label = named(folder / "labels", scan_name(case["image"]))
        if label is None:
            raise MissingInput(f"{case['image']}: its label is missing in {folder / 'labels'} (same file name).")
        case["label"] = str(label)
    return cases
