"""The network of windows as ONNX file."""

from __future__ import annotations

import contextlib
import io
import logging
from pathlib import Path

import torch
from monai.networks.utils import convert_to_onnx
from torch import nn
from torch.export import Dim

from ..io.atomic_file import write_atomically
from ..io.user_error import UserError

STEP = 16  # voxels; what sides of windows are multiples of


def write_network(network: nn.Module, file: Path) -> None:
    """Write a network that takes any window, float32 (1, 1, d, h, w), and gives its probability, the same shape.

    Raises:
        UserError: the packages that write ONNX are missing.
    """
    for exporter in ("onnx_ir", "onnxscript", "torch.onnx"):  # they tell every step, and what no one misses
        logging.getLogger(exporter).setLevel(logging.ERROR)
    sides = {axis: STEP * Dim(name) for axis, name in ((2, "d"), (3, "h"), (4, "w"))}
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # so does torch
            model = convert_to_onnx(
                network.eval(),
                [torch.zeros(1, 1, 2 * STEP, 3 * STEP, 4 * STEP)],  # unequal: equal sides would be tied to each other
                input_names=["image"],
                output_names=["pred"],
                dynamic_shapes=(sides,),
            )
    except ImportError as error:
        raise UserError(f"to write ONNX: pip install -r requirements-dev.txt ({error}).") from error
    write_atomically(file, lambda partial: partial.write_bytes(model.SerializeToString()))
