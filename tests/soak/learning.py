"""Stage 2 with the paper's activation, which learns later than the softmax of the configs."""

from __future__ import annotations

from pathlib import Path

from tests.engines.test_learning import dice, stage_2


def test_stage_2_with_sigmoids_finds_vessels_of_an_unseen_block(tmp_path: Path) -> None:
    trainer = stage_2(80, tmp_path, learning_rate=5e-3)
    assert dice(trainer.ema) < 0.1
    trainer.run()
    assert dice(trainer.ema) > 0.5
