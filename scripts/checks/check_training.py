"""Everything a training reads is looked at before it begins."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ignite.distributed as idist
from monai.transforms import Compose
from torch import nn

from ..cases.case_error import case_error
from ..io.masks_2d import load_masks_2d
from ..io.user_error import BadInput, UserError
from ..io.writable_folder import make_writable
from ..transforms.preprocessing import reading
from .check_weights import check_weights

logger = logging.getLogger(__name__)
_sound: set[tuple[Any, ...]] = set()  # cases seen by this process: stage 2 may run stage 1 on the same ones


def check_training(
    output_dir: str,
    cases: Sequence[Sequence[dict[str, str]]],
    brain_mask: str,
    masks_dir: str | None = None,
    weights: str | None = None,
    network: nn.Module | None = None,
    needs: dict[str, Any] | None = None,
) -> None:
    """Refuse a training that would stop later: after hours of preparing scans, or of stage 1.

    The log says first what the training starts from, since that may depend on what an earlier run has left. Every scan
    and mask is read once, which takes a fraction of the time that its preprocessing will. All bad files are
    named together.

    Args:
        output_dir: folder of the stage.
        cases: of the splits, those of validation last; a `label` is looked at where a case has one.
        brain_mask: as for `preprocessing`.
        masks_dir: 2D masks.
        weights, network, needs: what the stage starts from, unless it has a checkpoint to go on from; see
            `check_weights`.

    Raises:
        UserError: the output cannot be written; weights, 2D masks or scans are bad.
    """
    checkpoint = Path(output_dir) / "checkpoint.pt"
    if checkpoint.is_file():
        logger.info("going on from the checkpoint %s", checkpoint)
    else:
        logger.info("starting from %s", "random weights" if weights is None else f"the weights {weights}")
    faults: list[str] = []
    rank, processes = idist.get_rank(), idist.get_world_size()
    try:
        make_writable(output_dir)
        if masks_dir is not None and rank == 0:
            load_masks_2d(masks_dir)
    except (OSError, UserError) as error:
        faults.append(str(error))
    if weights is not None and network is not None and not checkpoint.is_file():
        check_weights(weights, network, needs)
    validation = cases[-1] if cases else []
    distinct: dict[tuple[Any, ...], dict[str, str]] = {
        (brain_mask, split is validation and "label" in case, *sorted(case.items())): case
        for split in cases
        for case in split
    }
    unseen = [] if faults else [(key, case) for key, case in distinct.items() if key not in _sound]
    logger.info("looking at %d scans before the training", len(unseen))
    for key, case in unseen[rank::processes]:  # processes share the reading, lest one keeps the others waiting
        try:
            _look_at(case, brain_mask, chooses_epoch=key[1])
            _sound.add(key)
        except Exception as error:
            faults.append(case_error(error, case["image"]))
    faults = [fault for share in idist.all_gather(faults) for fault in share]
    if faults:
        message = "\n".join([f"{len(faults)} file(s) cannot be trained with; nothing was begun:", *faults])
        raise UserError(message if rank == 0 else "")  # said once


def _look_at(case: dict[str, str], brain_mask: str, chooses_epoch: bool) -> None:
    """Read a case; see `check_training` for what is raised."""
    volumes: Any = Compose(reading(["image", "label"] if "label" in case else ["image"], brain_mask))(dict(case))
    if chooses_epoch and not volumes["label"].any():
        raise BadInput(
            f"{case['label']}: holds no vessel, and its Dice, always 0, cannot tell which epoch is the best; take its "
            "scan out of validation."
        )
