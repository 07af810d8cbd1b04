"""A sampler that knows how far a resumed run has come."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from torch.utils.data import Sampler


class IterationSampler(Sampler[int]):
    """Indices `start`, `start` + 1, ... up to `iterations` - 1: item i of the data set is training iteration i + 1.

    One pass covers the whole training, over all epochs; `start` is set by the handler `SamplerPosition`. A training
    that is taken beyond its end, as by the rounds of federated learning, gets new indices for as long as it wants.
    """

    def __init__(self, iterations: int) -> None:
        self.iterations = iterations
        self.start = 0

    def __len__(self) -> int:
        return self.iterations

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.start, self.iterations)) if self.start < self.iterations else count(self.start)
