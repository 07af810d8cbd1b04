"""Weights are looked at before anything long begins."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from ..io.tensor_file import read_tensors
from ..io.user_error import UserError


def check_weights(path: str, network: nn.Module) -> None:
    """Check that a file holds finite weights of this very network, a state dict or one under the key `model`.

    Raises:
        UserError: no such file, damaged, more than tensors in it, or of another network; it says which.
    """
    try:
        state = read_tensors(path)
        _compare(path, state.get("model", state), getattr(network, "module", network).state_dict())
    except (FileNotFoundError, ValueError) as error:
        raise UserError(str(error)) from error


def _compare(path: str, state: dict[str, Any], expected: dict[str, torch.Tensor]) -> None:
    if "trainer" in state:
        raise ValueError(f"{path}: is a checkpoint to go on from; give the weights beside it, model.pt.")
    missing, unknown = sorted(expected.keys() - state.keys()), sorted(map(str, state.keys() - expected.keys()))
    if missing or unknown:
        raise ValueError(
            f"{path}: holds no weights of this network: {len(missing)} missing (such as {', '.join(missing[:1])}), "
            f"{len(unknown)} unknown (such as {', '.join(unknown[:1])}). Give the model.pt of a training."
        )
    for key, tensor in expected.items():
        if state[key].shape != tensor.shape:
            raise ValueError(
                f"{path}: is of a network of another width: {key} is {tuple(state[key].shape)}, here "
                f"{tuple(tensor.shape)}. Give --channels as in the record of its training, or other weights."
            )
        if not torch.isfinite(state[key]).all():
            raise ValueError(f"{path}: {key} holds NaN or infinity; give other weights.")
