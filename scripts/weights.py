"""New weights out of trained ones, without training.

    python -m scripts.weights widen RUN/synthetic/model.pt RUN/widened/model.pt 8 16 64 128 256
    python -m scripts.weights average RUN/widened/model.pt RUN/wider/model.pt RUN/averaged/model.pt

`widen` makes weights of a wider network that computes the same, to be trained on; the numbers are the widths of its
five encoder blocks. `average` takes the mean of two networks, of which one was trained on from the other (Wortsman et
al., Robust fine-tuning of zero-shot models, CVPR 2022). What weights need is noted beside them, as for any training.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from torch import Tensor

from .io.tensor_file import read_weights, write_tensors
from .io.user_error import BadInput, UserError
from .io.weights_needs import read_needs, write_needs
from .networks.widening import widen


def main(arguments: Sequence[str] | None = None) -> int:
    """Write new weights; the result is the exit status."""
    parser = argparse.ArgumentParser(prog="scripts.weights", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    commands = parser.add_subparsers(dest="command", required=True)
    wider = commands.add_parser("widen", help="a wider network that computes the same")
    wider.add_argument("weights", type=Path, help="model.pt of a training")
    wider.add_argument("result", type=Path, help="file to write")
    wider.add_argument("channels", type=int, nargs=5, help="widths, none below those of the weights")
    mean = commands.add_parser("average", help="the mean of two networks")
    mean.add_argument("weights", type=Path, help="model.pt that a training started from")
    mean.add_argument("later", type=Path, help="model.pt that it left")
    mean.add_argument("result", type=Path, help="file to write")
    options = parser.parse_args(arguments)
    try:
        if options.command == "widen":
            write_wider(options.weights, options.result, options.channels)
        else:
            write_average(options.weights, options.later, options.result)
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def write_wider(weights: Path, result: Path, channels: Sequence[int]) -> None:
    """Write the weights of a wider network (`networks.widening`).

    Raises:
        UserError: no such weights, damaged ones, or a width that is smaller than theirs.
    """
    try:
        state = widen(read_weights(weights), channels)
    except ValueError as error:
        raise BadInput(f"{weights}: {error}") from error
    _write(state, result, read_needs(weights) | {"channels": list(channels)})


def write_average(weights: Path, later: Path, result: Path) -> None:
    """Write the mean of two networks of the same widths.

    Raises:
        UserError: no such weights, damaged ones, or two that do not belong to one network.
    """
    states = read_weights(weights), read_weights(later)
    shapes, needs = [{key: tensor.shape for key, tensor in state.items()} for state in states], read_needs(later)
    if shapes[0] != shapes[1] or read_needs(weights) != needs:
        raise BadInput(f"{weights} and {later} are of different networks; give weights before and after a training.")
    mean = {key: (old.double() + states[1][key].double()).div(2).to(old.dtype) for key, old in states[0].items()}
    _write(mean, result, needs)


def _write(state: dict[str, Tensor], result: Path, needs: dict) -> None:
    result.parent.mkdir(parents=True, exist_ok=True)
    write_needs(result, needs)
    write_tensors(state, result)


if __name__ == "__main__":
    sys.exit(main())
