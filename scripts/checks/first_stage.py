"""Runs stage 1 where stage 2 finds nothing to start from."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import torch.distributed as dist

from ..io.tensor_file import read_tensors
from ..io.user_error import UserError
from .workflow import run_config

logger = logging.getLogger(__name__)


def ensure_pretrained(
    path: str, config_file: str | list[str], resuming: str, overrides: dict[str, Any], first_handler: str = ""
) -> None:
    """Run stage 1 unless its weights, any other weights, or a checkpoint to resume from are there.

    Weights that an interrupted stage 1 has left are no result: it goes on from its checkpoint. Of another interrupted
    training of this run they are taken, with a warning. Stage 1 is not run for a caller that loads weights by a
    handler of its own, as MONAI Label does.

    Args:
        path: weights that stage 2 starts from.
        config_file: of stage 1, one or several.
        resuming: checkpoint of stage 2.
        overrides: settings that stage 1 shares with stage 2; its result must be `path`.
        first_handler: the target of stage 2's first handler; MONAI Label inserts a "CheckpointLoader".

    Raises:
        UserError: `path` is not there, and is not what stage 1 makes or several processes would make it; several
            processes would have to finish stage 1.
    """
    if Path(resuming).is_file() or first_handler == "CheckpointLoader":
        return
    output_dir, file = Path(overrides["output_dir"]).absolute(), Path(path).absolute()
    made = output_dir / "pretrain" / "model.pt"
    own = file == made
    interrupted = file.is_relative_to(output_dir) and _is_interrupted(file.with_name("checkpoint.pt"))
    if file.is_file() and not (own and interrupted):
        if interrupted:
            logger.warning("%s: starting from the best so far of a training that was interrupted", path)
        return
    if not own:
        raise UserError(f"{path}: no such weights. Give --pretrained a file, or leave it out to run stage 1.")
    if dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1:
        if interrupted:
            raise UserError(f"{made.parent}: stage 1 was interrupted. Finish it with configs/pretrain.yaml first.")
        raise UserError(f"{path}: no such weights. In several processes run configs/pretrain.yaml first.")
    state = "was interrupted" if interrupted else "is not there"
    logger.info("%s: the result of stage 1 %s: running %s first", made.parent, state, config_file)
    run_config(config_file, logging_file=False, **overrides)


def _is_interrupted(checkpoint: Path) -> bool:
    """Whether a training stopped before the last of its iterations."""
    if not checkpoint.is_file():
        return False
    trainer = read_tensors(checkpoint)["trainer"]
    return trainer["iteration"] < trainer["max_epochs"] * trainer["epoch_length"]
