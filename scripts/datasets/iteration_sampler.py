"""A sampler that knows how far a resumed run has come."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from torch.utils.data import Sampler


class IterationSampler(Sampler[int]):
    """Indices `start`, `start` + 1, ... without end: item i of the data set is training iteration i + 1.

    One pass covers the whole training, over all epochs; the handler `SamplerPosition` sets `start`. A training that
    goes on beyond `iterations`, as in federated learning or with a caller's own number of epochs, gets further indices.
    """

    def __init__(self, iterations: int) -> None:
        self.iterations = iterations
        self.start = 0

    def __len__(self) -> int:
        return self.iterations

    def __iter__(self) -> Iterator[int]:
        return count(self.start)
