"""Where half precision pays."""

from __future__ import annotations

import torch


def has_reduced_precision(device: torch.device) -> bool:
    """Whether the device computes faster in half precision than in float32.

    That is float16 on a GPU, and bfloat16 on a processor that has instructions for it.
    """
    if device.type != "cpu":
        return device.type == "cuda"
    return any(torch.cpu.get_capabilities().get(name) for name in ("avx512_bf16", "amx_bf16"))
