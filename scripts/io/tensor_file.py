"""Files of weights and checkpoints: read without running code, written whole or not at all."""

from __future__ import annotations

import io
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch

from .atomic_file import write_atomically
from .user_error import BadInput, MissingInput


def read_tensors(path: str | Path, device: torch.device | str = "cpu") -> dict[str, Any]:
    """Read a dictionary that torch.save wrote; only tensors and plain values are read, so that no code can run.

    Raises:
        FileNotFoundError: no such file.
        ValueError: the file is damaged, or holds other objects or no dictionary.
    """
    try:
        content = torch.load(path, map_location=device, weights_only=True)
    except FileNotFoundError as error:
        raise MissingInput(f"{path}: no such file; give the weights (model.pt) of a training.") from error
    except UnpicklingError as error:
        raise BadInput(
            f"{path}: is refused. It is damaged, or holds more than tensors, which could run code on being loaded; "
            "give a state dict that torch.save wrote."
        ) from error
    except Exception as error:  # whatever the bytes made torch's archive and unpickler stumble over
        raise BadInput(f"{path}: is no whole file of torch.save (cut off in copying?); copy it anew.") from error
    if not isinstance(content, dict):
        raise BadInput(f"{path}: holds a {type(content).__name__}; give a state dict that torch.save wrote.")
    return content


def read_weights(path: str | Path) -> dict[str, Any]:
    """State dict of a network: all that a file holds, or what it holds under the key `model`; see `read_tensors`."""
    content = read_tensors(path)
    weights: dict[str, Any] = content.get("model", content)
    return weights


def write_tensors(content: Any, path: Path) -> None:
    """torch.save under a temporary name, then rename: `path` is the old file or the new one, never half of one.

    Raises:
        OSError: it cannot be written; torch.save on a full disk would speak of its archive instead.
    """
    buffer = io.BytesIO()
    torch.save(content, buffer)
    write_atomically(path, lambda partial: partial.write_bytes(buffer.getbuffer()))
