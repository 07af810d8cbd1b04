"""Whether two runs of inference would give the same results."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from ..io.bundle_version import bundle_version
from ..io.user_error import UserError

# attributes that say how a result is computed, not what it is; whatever else a part holds decides
HOW = ("device", "progress", "num_workers", "sw_batch_size", "runtime")
NOT_A_SETTING = (torch.device, np.random.RandomState, torch.Generator)


def settings_key(weights: str, parts: Sequence[Any]) -> str:
    """Eight hexadecimal digits that differ when the weights' content, the bundle's version or a setting differs.

    Nothing is listed: all attributes of the parts count, and of the parts in them, but for those of `HOW`. A setting
    that is added later cannot be forgotten.

    Args:
        weights: file of the state dict.
        parts: the objects that make a mask of a scan, always in the same order: transforms, network, inferer.

    Raises:
        UserError: no such weights.
    """
    file = Path(weights)
    if not file.is_file():
        raise UserError(f"{weights}: no such weights; give --ckpt the model.pt of a training.")
    digest = hashlib.sha256(file.read_bytes())
    digest.update(json.dumps([bundle_version(), _described(list(parts), ())]).encode())
    return digest.hexdigest()[:8]


def _described(item: Any, above: tuple[int, ...]) -> Any:
    """An object as plain lists that are equal for objects that compute the same; `above` are those it is part of."""
    if isinstance(item, Enum):
        return str(item)
    if isinstance(item, (str, int, float, type(None))):
        return item
    if isinstance(item, (np.ndarray, torch.Tensor)):
        return [str(item.dtype), item.tolist()]
    if isinstance(item, NOT_A_SETTING):
        return None
    if isinstance(item, partial):
        return [_described(part, above) for part in (item.func, item.args, item.keywords)]
    if hasattr(item, "__qualname__"):  # a class or function
        return f"{item.__module__}.{item.__qualname__}"
    if id(item) in above:
        return "itself"
    above = (*above, id(item))
    if isinstance(item, Mapping):
        return [[str(key), _described(value, above)] for key, value in item.items() if key not in HOW]
    if isinstance(item, (list, tuple)):
        return [_described(value, above) for value in item]
    name = f"{type(item).__module__}.{type(item).__qualname__}"
    if not hasattr(item, "__dict__"):
        return [name, str(item)]
    attributes = dict(vars(item))
    if isinstance(item, nn.Module):  # random until the weights, which count by themselves, are loaded
        attributes["_parameters"] = [list(tensor.shape) for tensor in item.parameters(recurse=False)]
        attributes["_buffers"] = [list(tensor.shape) for tensor in item.buffers(recurse=False)]
    return [name, _described(attributes, above)]
