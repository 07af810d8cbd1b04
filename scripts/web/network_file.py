"""The network of a window as ONNX file."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from pathlib import Path

import torch
from monai.networks.utils import convert_to_onnx
from torch import nn

from ..io.atomic_file import write_atomically
from ..io.user_error import UserError


def write_network(network: nn.Module, window: Sequence[int], file: Path) -> None:
    """Write a network that takes one window, float32 (1, 1, d, h, w), and gives its probability, the same shape.

    Raises:
        UserError: the packages that write ONNX are missing.
    """
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # torch tells every step
            model = convert_to_onnx(
                network.eval(), [torch.zeros(1, 1, *window)], input_names=["image"], output_names=["pred"]
            )
    except ImportError as error:
        raise UserError(f"to write ONNX: pip install -r requirements-dev.txt ({error}).") from error
    write_atomically(file, lambda partial: partial.write_bytes(model.SerializeToString()))
