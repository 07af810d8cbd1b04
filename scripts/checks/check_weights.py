"""Weights are looked at before anything long begins."""

from __future__ import annotations

import logging
from typing import Any

import torch
from torch import nn

from ..io.tensor_file import read_weights
from ..io.user_error import BadInput
from ..io.weights_needs import read_needs

logger = logging.getLogger(__name__)


def check_weights(
    path: str, network: nn.Module, needs: dict[str, Any] | None = None, threshold: float | None = None
) -> None:
    """Check that a file holds finite weights of this very network, a state dict or one under the key `model`.

    Args:
        path: of the weights; what they need may stand beside them (`weights_needs`).
        network: that is to receive them.
        needs: settings of this run, of those that belong to weights.
        threshold: of this run; another than that of the weights is only warned of.

    Raises:
        UserError: no such file, damaged, more than tensors in it, or of another network; or the weights were trained
            with other settings, which would give a wrong mask without a word. It says which.
    """
    state = read_weights(path)
    _compare_needs(path, needs or {}, threshold)
    _compare(path, state, getattr(network, "module", network).state_dict())


def _compare_needs(path: str, needs: dict[str, Any], threshold: float | None) -> None:
    own = read_needs(path)
    others = {key: own[key] for key in needs.keys() & own.keys() if own[key] != needs[key]}
    if others:
        here = ", ".join(f"{key} {needs[key]}" for key in sorted(others))
        flags = " ".join(f"--{key} {str(others[key]).replace(' ', '')}" for key in sorted(others))
        raise BadInput(f"{path}: these weights were trained with other settings than {here}. Give {flags}")
    if threshold is not None and own.get("threshold", threshold) != threshold:
        logger.warning(
            "%s: the threshold of these weights is %s, that of this run %s", path, own["threshold"], threshold
        )


def _compare(path: str, state: dict[str, Any], expected: dict[str, torch.Tensor]) -> None:
    if "trainer" in state:
        raise BadInput(f"{path}: is a checkpoint to go on from; give the weights beside it, model.pt.")
    missing, unknown = sorted(expected.keys() - state.keys()), sorted(map(str, state.keys() - expected.keys()))
    if missing or unknown:
        raise BadInput(
            f"{path}: holds no weights of this network: {len(missing)} missing (such as {', '.join(missing[:1])}), "
            f"{len(unknown)} unknown (such as {', '.join(unknown[:1])}). Give the model.pt of a training."
        )
    for key, tensor in expected.items():
        if state[key].shape != tensor.shape:
            raise BadInput(
                f"{path}: is of a network of another width: {key} is {tuple(state[key].shape)}, here "
                f"{tuple(tensor.shape)}. Give --channels and --head_channels as in its training, or other weights."
            )
        if not torch.isfinite(state[key]).all():
            raise BadInput(f"{path}: {key} holds NaN or infinity; give other weights.")
