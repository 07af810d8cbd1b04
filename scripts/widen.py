"""Weights of a wider network that computes what the given weights compute, to be trained on.

    python -m scripts.widen RUN/synthetic/model.pt RUN/widened/model.pt 8 16 64 128 256

The numbers are the widths of the five encoder blocks. What the weights need is noted beside them, as for any training.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from .io.tensor_file import read_tensors, write_tensors
from .io.user_error import UserError
from .io.weights_needs import read_needs, write_needs
from .networks.widening import widen


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the wider weights; the result is the exit status."""
    parser = argparse.ArgumentParser(prog="scripts.widen", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("weights", type=Path, help="model.pt of a training")
    parser.add_argument("wider", type=Path, help="file to write")
    parser.add_argument("channels", type=int, nargs=5, help="widths, none below those of the weights")
    parser.add_argument("--seed", type=int, default=0, help="of the channels that are copied")
    options = parser.parse_args(arguments)
    try:
        write_wider(options.weights, options.wider, options.channels, options.seed)
    except (UserError, FileNotFoundError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def write_wider(weights: Path, wider: Path, channels: Sequence[int], seed: int = 0) -> None:
    """Write the weights of a wider network (`networks.widening`) and, beside them, what they need.

    Args:
        weights: model.pt of a training.
        wider: file to write.
        channels: widths of the five encoder blocks, none below those of `weights`.
        seed: of the channels that are copied.

    Raises:
        FileNotFoundError: no such weights.
        ValueError: they are damaged or of another network, or a width is smaller than theirs.
    """
    state = read_tensors(weights)
    state = widen(state.get("model", state), channels, seed)
    wider.parent.mkdir(parents=True, exist_ok=True)
    write_needs(wider, read_needs(weights) | {"channels": list(channels)})
    write_tensors(state, wider)
