"""How the network computes its windows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any, cast

import torch
from torch import Tensor, nn

from ..networks.openvino_network import OpenVinoNetwork
from ..networks.reduced_precision import has_reduced_precision

PRECISIONS = ("float32", "auto")
RUNTIMES = ("torch", "openvino", "auto")


def window_predictor(
    network: Callable[..., Any],
    window: Sequence[int],
    device: torch.device,
    precision: str = "float32",
    runtime: str = "torch",
    *args: Any,
    **kwargs: Any,
) -> Callable[[Tensor], Tensor]:
    """A function of windows, (B, 1, d, h, w) -> (B, 1, d, h, w), that computes the network with these settings.

    It lives here and not in the evaluator because MONAI Label takes the inferer along, and the evaluator not.

    Args:
        network: a module, or for torch in float32 any function; args and kwargs are passed on to it.
        window: (d, h, w).
        device: of the windows.
        precision: "float32"; "auto" is what the device computes fastest: float16 on a GPU, bfloat16 on a processor that
            has instructions for it, else float32.
        runtime: "torch"; "openvino", on processors; "auto" is OpenVINO for a module on a processor, where it is
            installed, else torch.

    Raises:
        ValueError: an unknown precision or runtime, or OpenVINO on a GPU.
        RuntimeError: OpenVINO is not installed.
    """
    if precision not in PRECISIONS or runtime not in RUNTIMES:
        raise ValueError(f"precision is one of {PRECISIONS}, runtime one of {RUNTIMES}; got {precision}, {runtime}.")
    reduced = precision == "auto" and has_reduced_precision(device)
    if runtime == "auto":
        fitting = isinstance(network, nn.Module) and device.type == "cpu" and find_spec("openvino") is not None
        runtime = "openvino" if fitting else "torch"
    if runtime == "openvino":
        if device.type != "cpu":
            raise ValueError(f"runtime openvino computes on the processor, but the scan is on {device}; use torch.")
        return OpenVinoNetwork(cast(nn.Module, network), tuple(window), bfloat16=reduced)
    if isinstance(network, nn.Module) and device.type == "cpu":
        # the kernels, and with them all features: faster, and equal but for rounding
        network.to(memory_format=torch.channels_last_3d)  # type: ignore[call-overload]

    def predict(windows: Tensor) -> Tensor:
        if not reduced:  # whatever precision the caller computes in
            return network(windows, *args, **kwargs)
        with torch.autocast(device.type, torch.float16 if device.type == "cuda" else torch.bfloat16):
            return network(windows, *args, **kwargs)

    return predict
