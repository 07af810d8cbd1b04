"""What the wires of configs/train.yaml are for, on a few iterations of it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from monai.bundle import ConfigParser

from tests.run_inference import ROOT
from tests.wired import Watched, same

PERIOD = 3  # I of the moving average
WEIGHTS = {"region_discrimination": 7.0, "entropy": 0.3, "adversarial": 0.6, "synthetic_vessels": 11.0}
TERMS = {*WEIGHTS, "patch_discrimination", "hypersphere_mixup", "consistency"}


@pytest.fixture(scope="module")
def stage(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Watched:
    """Two epochs of two iterations; the first epoch's network is said to be the better one."""
    watched = Watched(
        "train",
        tmp_path_factory.mktemp("stage_2"),
        dataset,
        scores=[0.4, 0.3],
        epochs=2,
        crop_pairs=1,
        reference_masks_per_iteration=5,
        learning_rate=0.004,
        discriminator_lr_factor=0.25,
        ema_period=PERIOD,
        consistency_slope=3.0,
        consistency_max=4.0,
        start_iterations=3,
        loss_weights=WEIGHTS,
    )
    watched.trainer.scaler = torch.amp.GradScaler("cpu", init_scale=2.0**8, growth_interval=2)
    watched.trainer.run()
    return watched


def test_it_starts_from_the_weights_that_it_is_given(stage: Watched) -> None:
    assert same(stage.weights[0], stage.start) and same(stage.averages[0], stage.start)
    assert not same(stage.weights[1], stage.start)


def test_the_moving_average_follows_equation_10(stage: Watched) -> None:
    name = "encoder.0.conv1.weight"
    expected = stage.weights[0][name]
    for iteration in range(1, 5):
        alpha = 1 - 1 / (iteration / PERIOD + 1)  # Eq. 11
        expected = alpha * expected + (1 - alpha) * stage.weights[iteration][name]
        torch.testing.assert_close(stage.averages[iteration][name], expected)
        assert not torch.equal(stage.averages[iteration][name], stage.weights[iteration][name])


def test_the_loss_is_the_weighted_sum_of_the_terms_in_the_log(stage: Watched) -> None:
    for iteration, output in enumerate(stage.outputs, start=1):
        weights = {**WEIGHTS, "consistency": min(3.0 * iteration / 2, 4.0)}  # Eq. 18, epochs of two iterations
        start = max(1 - iteration / 3, 0.0)
        for name, share in (("consistency", 1 - start), ("adversarial", 1 - start), ("synthetic_vessels", start)):
            weights[name] *= share
        terms = {name: output["terms"][name] for name in TERMS}
        loss = sum(weights.get(name, 1.0) * term for name, term in terms.items())
        assert output["loss"] == pytest.approx(loss, rel=1e-4)


def test_every_optimiser_has_its_network_and_its_rate(stage: Watched) -> None:
    for name, network, rate in (("optimizer", "network", 0.004), ("discriminator_optimizer", "discriminator", 0.001)):
        (group,) = stage.config.get_parsed_content(f"train#{name}").param_groups
        assert group["lr"] == pytest.approx(rate)
        parameters = list(stage.config.get_parsed_content(network).parameters())
        assert [id(parameter) for parameter in group["params"]] == [id(parameter) for parameter in parameters]


def test_every_iteration_has_its_references(stage: Watched) -> None:
    assert [tuple(batch["reference"].shape) for batch in stage.batches] == [(5, 1, 32, 32)] * 4


def test_the_views_of_a_crop_differ(stage: Watched) -> None:
    for batch in stage.batches:
        assert all(not torch.equal(first, second) for first, second in zip(batch["first"], batch["second"]))


def test_the_validated_average_is_kept_and_only_where_it_is_better(stage: Watched) -> None:
    kept = torch.load(Path(stage.config.get_parsed_content("stage_dir")) / "model.pt", weights_only=True)
    first, second = stage.validated
    assert same(kept, first) and not same(first, second)
    assert same(first, stage.averages[2]) and not same(first, stage.weights[2])


def test_the_scale_of_gradients_is_updated(stage: Watched) -> None:
    assert stage.trainer.scaler.get_scale() == 2.0**10  # doubled after every two good steps of four


@pytest.mark.parametrize(
    ("trees", "start", "labels"), [([0, 0], None, False), ([0, 0], 3, True), ([1, 2], None, True), ([1, 2], 3, True)]
)
def test_crops_have_labels_where_there_are_trees_or_a_start(
    dataset: Path, trees: list[int], start: int | None, labels: bool
) -> None:
    parser = ConfigParser()
    parser.read_config(str(ROOT / "configs" / "train.yaml"))
    parser.update({"masks_dir": str(dataset / "masks_2d"), "synthetic_trees": trees, "start_iterations": start})
    assert (parser.get_parsed_content("synthetic_vessels") is not None) is labels


@pytest.mark.parametrize("frozen", [False, True])
def test_statistics_stay_where_they_are_frozen(dataset: Path, tmp_path: Path, frozen: bool) -> None:
    settings = {"epochs": 1, "crop_pairs": 1, "reference_masks_per_iteration": 2, "frozen_statistics": frozen}
    watched = Watched("train", tmp_path, dataset, scores=[0.4], **settings)
    watched.trainer.run()
    statistics = [name for name in watched.start if name.endswith(("running_mean", "running_var"))]
    assert statistics
    for weights in (watched.weights[-1], watched.averages[-1]):
        assert all(torch.equal(weights[name], watched.start[name]) is frozen for name in statistics)
    assert not same(watched.weights[-1], watched.start)
