from itertools import islice
from types import SimpleNamespace

from ignite.engine import Engine
from torch.utils.data import DataLoader

from scripts.datasets.iteration_sampler import IterationSampler
from scripts.handlers.sampler_position import SamplerPosition


def test_indices_come_in_order_from_the_start() -> None:
    sampler = IterationSampler(5)
    assert list(islice(sampler, 5)) == list(islice(sampler, 5)) == [0, 1, 2, 3, 4]
    assert len(sampler) == 5
    sampler.start = 3
    assert list(islice(sampler, 2)) == [3, 4]


def test_a_fresh_trainer_begins_at_the_first_item() -> None:
    sampler = IterationSampler(6)
    trainer = Engine(lambda engine, batch: batch)
    SamplerPosition(sampler).attach(trainer)
    trainer.run(range(6), max_epochs=1)
    assert sampler.start == 0


def test_a_resumed_trainer_goes_on_with_the_next_item() -> None:
    sampler = IterationSampler(6)
    SamplerPosition(sampler)(SimpleNamespace(state=SimpleNamespace(iteration=4)))
    assert list(islice(sampler, 2)) == [4, 5]  # item i is iteration i + 1: iterations 5 and 6


def test_a_training_that_is_longer_than_planned_gets_new_items() -> None:
    seen = []
    trainer = Engine(lambda engine, batch: seen.append(int(batch)))
    sampler = IterationSampler(4)
    trainer.run(DataLoader(range(100), batch_size=None, sampler=sampler), max_epochs=3, epoch_length=2)
    assert seen == [0, 1, 2, 3, 4, 5]


def test_a_training_that_goes_on_beyond_its_end_gets_new_items() -> None:
    sampler = IterationSampler(6)
    SamplerPosition(sampler)(SimpleNamespace(state=SimpleNamespace(iteration=6)))
    assert list(islice(sampler, 4)) == [6, 7, 8, 9]
