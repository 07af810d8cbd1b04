"""New weights out of trained ones, without training.

    python -m scripts.weights widen RUN/synthetic/model.pt RUN/widened/model.pt 8 16 64 128 256
    python -m scripts.weights average RUN/widened/model.pt RUN/wider/model.pt RUN/averaged/model.pt

`widen` makes weights of a wider network that computes the same, to be trained on; the numbers are the widths of its
five encoder blocks. `average` takes the mean of networks that one start has in common (Wortsman et al., Robust
fine-tuning of zero-shot models, CVPR 2022; Model soups, ICML 2022). What weights need is noted beside them, as for any
training; of several, what the last one needs.
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

MEASURED = ("threshold", "trained_range")  # of what is noted beside weights; no matter of the network


def main(arguments: Sequence[str] | None = None) -> int:
    """Write new weights; the result is the exit status."""
    parser = argparse.ArgumentParser(prog="scripts.weights", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    commands = parser.add_subparsers(dest="command", required=True)
    wider = commands.add_parser("widen", help="a wider network that computes the same")
    wider.add_argument("weights", type=Path, help="model.pt of a training")
    wider.add_argument("result", type=Path, help="file to write")
    wider.add_argument("channels", type=int, nargs=5, help="widths, none below those of the weights")
    mean = commands.add_parser("average", help="the mean of networks")
    mean.add_argument("weights", type=Path, nargs="+", help="model.pt of a training, and those that started from it")
    mean.add_argument("result", type=Path, help="file to write")
    options = parser.parse_args(arguments)
    try:
        if options.command == "widen":
            write_wider(options.weights, options.result, options.channels)
        else:
            write_average(options.weights, options.result)
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


def write_average(files: Sequence[Path], result: Path) -> None:
    """Write the mean of networks of the same widths.

    Raises:
        UserError: no such weights, damaged ones, or some that do not belong to one network.
    """
    states, needs = [read_weights(file) for file in files], [read_needs(file) for file in files]
    for file, state, noted in zip(files, states, needs):
        same_shapes = [tensor.shape for tensor in state.values()] == [tensor.shape for tensor in states[-1].values()]
        both = noted.keys() & needs[-1].keys() - set(MEASURED)
        if state.keys() != states[-1].keys() or not same_shapes or any(noted[key] != needs[-1][key] for key in both):
            raise BadInput(f"{file} and {files[-1]} are of different networks; give those that have a start in common.")
    mean = {key: (sum(s[key].double() for s in states) / len(states)).to(old.dtype) for key, old in states[-1].items()}
    _write(mean, result, needs[-1])


def _write(state: dict[str, Tensor], result: Path, needs: dict) -> None:
    result.parent.mkdir(parents=True, exist_ok=True)
    write_needs(result, needs)
    write_tensors(state, result)


if __name__ == "__main__":
    sys.exit(main())
