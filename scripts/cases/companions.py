"""Files that lie beside scans and are none: brain masks, labels, other images of the same acquisition, results."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..io.result_names import BRAIN_MASK, VOLUMES

# ends of a brain mask's name after its scan's, the likeliest first: ours, which is FSL's too; HD-BET 1; SynthStrip, as
# its users name it; ANTs; BIDS; HD-BET 2, whose mask ends like the stripped scan of HD-BET 1; stripped scans serve, too
BRAIN_MASK_ENDS = (
    BRAIN_MASK,
    "_brainmask",
    "_bet_mask",
    "_synthstrip_mask",
    "_brain_extraction_mask",
    "_BrainExtractionMask",
    "_desc-brain_mask",
    "_brain-mask",
    "_hdbet_mask",
    "_skullstrip_mask",
    "_mask",
    "-mask",
    "_synthstrip",
    "_bet",
    "_brain",
    "_stripped",
    "_skullstripped",
)
# of what else tools write beside a scan; dcm2niix' parts of a complex image
LABEL_ENDS = ("_label", "-label", "_labels", "_seg", "-seg", "_segmentation", "_dseg", "_probseg", "_annotation", "_gt")
PART_ENDS = ("_ph", "_phase", "_real", "_imaginary", "_mip")
PART = re.compile(r"_(part-(?!mag)|(rec|acq)-[a-z0-9]*(mip|mpr))", re.IGNORECASE)  # BIDS' name of a part or projection
MASK = re.compile(r"(^|[_.-]|brain_?|extraction_?)mask$|\.seg$", re.IGNORECASE)  # whosever it is


def is_companion(name: str, names: Iterable[str]) -> bool:
    """Whether a file is not a scan: called a mask, or as BIDS calls parts, or like another file with an end as above.

    Args:
        name: of the file, without extension.
        names: in lower case, of all files in its folder.
    """
    lower = name.lower()
    ends = (*(end.lower() for end in BRAIN_MASK_ENDS), *LABEL_ENDS, *PART_ENDS, *VOLUMES)
    called = MASK.search(name) or (PART.search(name) and lower.startswith("sub-"))
    return bool(called) or any(lower.endswith(end) and lower[: -len(end)] in names for end in ends)
