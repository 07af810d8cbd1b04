from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from scripts.datasets.synthetic_vessels import SyntheticVessels
from scripts.engines.adaptation_guard import AdaptationGuard, GuardScore
from scripts.io.tensor_file import read_tensors, write_tensors
from tests.engines.vessel_blocks import save_mask


class Brighter(nn.Module):
    """Finds what is brighter than its level."""

    def __init__(self, level: float) -> None:
        super().__init__()
        self.level = nn.Parameter(torch.tensor(level))

    def forward(self, x: Tensor) -> Tensor:
        return (x > self.level).float()


@pytest.fixture
def guard(tmp_path: Path) -> AdaptationGuard:
    save_mask(tmp_path)
    generator = torch.Generator().manual_seed(0)
    volumes = [{"image": 1 + 0.1 * torch.randn(1, 40, 40, 40, generator=generator)}]
    return AdaptationGuard(Brighter(2.0), volumes, SyntheticVessels(str(tmp_path), 32), crops=6)


def test_what_finds_the_added_vessels_scores_more(guard: AdaptationGuard) -> None:
    scores = []
    for level in (1.4, 2.0, 9.0):
        guard.network.level.data.fill_(level)
        scores.append(guard.score())
    assert scores[0].found > scores[1].found > scores[2].found == 0
    assert scores[0].agreement == 1.0  # a threshold does not care how a crop is turned
    assert guard.score() == guard.score()


@pytest.mark.parametrize("levels, kept", [((2.0, 1.4), 1.4), ((1.4, 2.0), 1.4), ((1.4, 9.0), 1.4)])
def test_the_better_weights_are_kept(guard: AdaptationGuard, tmp_path: Path, levels, kept) -> None:
    for name, level in zip(("start", "adapted"), levels):
        write_tensors(Brighter(level).state_dict(), tmp_path / f"{name}.pt")
    path = tmp_path / "out" / "model.pt"
    adapted = guard.choose(str(tmp_path / "start.pt"), str(tmp_path / "adapted.pt"), str(path))
    assert read_tensors(path)["level"].item() == pytest.approx(kept)
    assert adapted == (levels[1] == kept)
    words = "adapted weights are kept" if adapted else "start is kept"
    assert words in path.with_name("guard.md").read_text()


def test_a_start_under_the_key_model_is_a_start(guard: AdaptationGuard, tmp_path: Path) -> None:
    write_tensors({"model": Brighter(1.4).state_dict()}, tmp_path / "start.pt")
    write_tensors(Brighter(9.0).state_dict(), tmp_path / "adapted.pt")
    assert not guard.choose(str(tmp_path / "start.pt"), str(tmp_path / "adapted.pt"), str(tmp_path / "model.pt"))
    assert read_tensors(tmp_path / "model.pt")["level"].item() == pytest.approx(1.4)


def test_neither_score_may_fall_far() -> None:
    start = GuardScore(0.5, 0.8)
    assert GuardScore(0.6, 0.79).better_than(start)
    assert not GuardScore(0.9, 0.7).better_than(start)
    assert not GuardScore(0.5, 0.8).better_than(start)
