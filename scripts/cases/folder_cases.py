"""Cases of a folder: scans with their brain masks and labels in sibling folders."""

from __future__ import annotations

from pathlib import Path

from .mask_pairing import with_brain_mask
from .scan_files import named, scan_name, scans_in, volumes_in


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
        mask_folders = [images / "brain_masks", images.parent / "brain_masks"]
        cases = [with_brain_mask(case, mask_folders) for case in cases]
        masks = [mask for mask_folder in mask_folders if mask_folder.is_dir() for mask in volumes_in(mask_folder)]
        if masks and not any("brain_mask" in case for case in cases):
            raise ValueError(
                f"{masks[0].parent}: no brain mask there has the name of a scan in {images}; rename or remove them."
            )
    for case in cases if labelled else []:
        label = named(folder / "labels", scan_name(case["image"]))
        if label is None:
            raise FileNotFoundError(f"{case['image']}: its label is missing in {folder / 'labels'} (same file name).")
        case["label"] = str(label)
    return cases
