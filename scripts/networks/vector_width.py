"""How wide the vectors are in which OpenVINO computes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch

LIMIT = "ONEDNN_MAX_CPU_ISA"  # oneDNN, OpenVINO's library of kernels, reads it once in a process, at its first kernel


@contextmanager
def fitting_vectors() -> Iterator[bool]:
    """Have what is compiled in this context compute in vectors of 256 bits where those of 512 bits do not pay.

    Its value tells whether they are limited. The process can then compute in bfloat16 no more, which needs 512 bits.

    The network's first level has 8 channels of float32, half of such a vector. Processors of AMD's Zen 4 compute 512
    bits in two steps, so that the empty half costs as much as the full one: with 256 bits a window takes 0.76 of the
    time, and the result is the same but for rounding. Other processors, and a limit that the user has set, are left
    alone.
    """
    if LIMIT in os.environ or not _splits_wide_vectors():
        yield False
        return
    os.environ[LIMIT] = "AVX2"
    try:
        yield True
    finally:
        del os.environ[LIMIT]


def _splits_wide_vectors() -> bool:
    """Whether this is a processor of AMD with AVX512 that is older than Zen 5, the first to have VP2INTERSECT."""
    has = torch.cpu.get_capabilities()
    return (
        str(has.get("cpu_name")).startswith("AMD") and bool(has.get("avx512_f")) and not has.get("avx512_vp2intersect")
    )
