"""`checkpointing` changes the memory of a stage and nothing that it computes."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from monai.engines.utils import IterationEvents
from torch import Tensor

from tests.wired import Watched


def run(stage: str, folder: Path, dataset: Path, checkpointing: bool) -> tuple[Watched, list[list[Tensor]]]:
    """Two iterations of a stage, and the gradient of each."""
    folder.mkdir()
    scores = [0.2, 0.3, 0.4]
    watched = Watched(
        stage, folder, dataset, scores, epochs=1, crop_pairs=1, crops=2, checkpointing=checkpointing, window=[32] * 3
    )
    gradients: list[list[Tensor]] = []
    watched.trainer.add_event_handler(
        IterationEvents.BACKWARD_COMPLETED,
        lambda engine: gradients.append(
            [torch.zeros(()) if p.grad is None else p.grad.clone() for p in engine.network.parameters()]
        ),
    )
    watched.trainer.run()
    return watched, gradients


@pytest.mark.parametrize("stage", ["train", "refine"])
def test_two_iterations_are_the_same(stage: str, dataset: Path, tmp_path: Path) -> None:
    kept, gradients = run(stage, tmp_path / "kept", dataset, checkpointing=False)
    again, gradients_again = run(stage, tmp_path / "again", dataset, checkpointing=True)
    assert again.config.get_parsed_content("network").checkpointing
    assert len(gradients) == 2 and any(gradient.any() for gradient in gradients[1])
    torch.testing.assert_close(gradients_again, gradients, rtol=0, atol=0)
    assert [output["loss"] for output in again.outputs] == [output["loss"] for output in kept.outputs]
    torch.testing.assert_close(again.weights, kept.weights, rtol=0, atol=0)  # with batch normalisation's statistics
    torch.testing.assert_close(again.averages, kept.averages, rtol=0, atol=0)
