"""What the wires of configs/refine.yaml are for, on a few iterations of it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from scripts.networks.orientation import ORIENTATIONS, apply, invert
from scripts.networks.vessel_unet import VesselSegmenter
from tests.small_training import SMALL
from tests.wired import Watched, same

V_C = 0.55


@pytest.fixture(scope="module")
def stage(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Watched:
    """Three epochs of one iteration; the start is better than the first epoch, the second better than the start."""
    watched = Watched(
        "refine",
        tmp_path_factory.mktemp("stage_3"),
        dataset,
        scores=[0.5, 0.3, 0.6, 0.2],
        epochs=3,
        iterations_per_epoch=1,
        crops=2,
        confidence_threshold=V_C,
        learning_rate=0.02,
        refinement_lr_factor=0.5,
        ema_period=1,
    )
    watched.trainer.run()
    return watched


def pseudo_label(weights: dict[str, Tensor], image: Tensor, orientations: Tensor) -> tuple[Tensor, Tensor]:
    """y and q of Eq. 13 and 14, crop by crop and version by version."""
    network = VesselSegmenter(channels=SMALL["channels"], cluster_activation="softmax").eval()
    network.load_state_dict(weights)
    averages = []
    with torch.no_grad():
        for crop, numbers in zip(image, orientations):
            versions = [ORIENTATIONS[number] for number in numbers.tolist()]
            turned = [invert(network(apply(crop[None], version)), version) for version in versions]
            averages.append(torch.cat(turned).mean(dim=0))
    average = torch.stack(averages)
    return (average > 0.5).float(), ((average <= 1 - V_C) | (average >= V_C)).float()


def test_pseudo_labels_come_from_the_best_network_so_far(stage: Watched) -> None:
    start, first, second, _ = stage.validated
    for batch, output, best in zip(stage.batches, stage.outputs, (start, start, second)):
        label, reliable = pseudo_label(best, batch["image"], batch["orientation"])
        assert 0 < label.mean() < 1
        assert (output["label"] != label).float().mean() < 1e-3  # sums in another order round at the threshold
        assert (output["reliable"] != reliable).float().mean() < 1e-3
    _, others = pseudo_label(start, stage.batches[2]["image"], stage.batches[2]["orientation"])
    assert (stage.outputs[2]["reliable"] != others).float().mean() > 1e-2  # the start would have been sure of others


def test_the_start_is_validated_and_kept_first(stage: Watched) -> None:
    assert len(stage.validated) == 4
    assert same(stage.validated[0], stage.start)


def test_the_best_network_equals_the_kept_weights(stage: Watched) -> None:
    kept = torch.load(Path(stage.config.get_parsed_content("stage_dir")) / "model.pt", weights_only=True)
    best = stage.config.get_parsed_content("best").state_dict()
    assert same(kept, best) and same(kept, stage.validated[2])
    assert same(kept, stage.averages[2]) and not same(kept, stage.weights[2])


def test_labels_are_averaged_over_eight_orientations(stage: Watched) -> None:
    assert [tuple(batch["orientation"].shape) for batch in stage.batches] == [(2, 8)] * 3


def test_the_loss_is_the_term_in_the_log_and_the_rate_is_scaled(stage: Watched) -> None:
    for output in stage.outputs:
        assert output["loss"] == pytest.approx(output["terms"]["reliability"])
    (group,) = stage.config.get_parsed_content("train#optimizer").param_groups
    assert group["lr"] == pytest.approx(0.01)


def test_the_moving_average_follows_equation_10(stage: Watched) -> None:
    name = "encoder.0.conv1.weight"
    expected = stage.start[name]
    for iteration in range(1, 4):
        alpha = 1 - 1 / (iteration + 1)  # Eq. 11, I = 1
        expected = alpha * expected + (1 - alpha) * stage.weights[iteration][name]
        torch.testing.assert_close(stage.averages[iteration][name], expected)
