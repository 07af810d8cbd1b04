from types import SimpleNamespace

import pytest

from scripts.engines.shape_guided_trainer import ShapeGuidedTrainer


def weights(
    iteration: int, length: int, slope: float = 4.0, greatest: float = 10.0, start: int | None = None
) -> dict[str, float]:
    """What the trainer says, by the few of its attributes that count: a whole trainer needs networks and data."""
    trainer = SimpleNamespace(
        consistency_slope=slope,
        consistency_max=greatest,
        loss_weights={"region_discrimination": 10.0, "entropy": 0.1},
        start_iterations=start,
        state=SimpleNamespace(epoch_length=length),
    )
    return ShapeGuidedTrainer.weights(trainer, iteration)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("iteration", "length", "expected"),
    [(1, 200, 0.02), (100, 200, 2.0), (200, 200, 4.0), (500, 200, 10.0), (8000, 200, 10.0), (3, 4, 3.0)],
)
def test_lambda(iteration: int, length: int, expected: float) -> None:
    assert weights(iteration, length)["consistency"] == pytest.approx(expected)  # min(4 i / I, 10)


def test_lambda_goes_over_the_epochs_and_never_falls() -> None:
    ramp = [weights(iteration, 10)["consistency"] for iteration in range(1, 60)]
    assert ramp == sorted(ramp)
    assert ramp[24] == ramp[-1] == 10  # reached after two and a half epochs


def test_other_weights_are_those_of_the_settings_and_the_consistency_can_be_switched_off() -> None:
    assert weights(100, 200, slope=0.0, greatest=0.0) == {
        "region_discrimination": 10.0,
        "entropy": 0.1,
        "consistency": 0,
    }


@pytest.mark.parametrize(("iteration", "left"), [(0, 1.0), (30, 0.7), (100, 0.0), (500, 0.0)])
def test_synthetic_vessels_fade_while_the_adversary_and_the_consistency_come_in(iteration: int, left: float) -> None:
    usual, started = weights(iteration, 200), weights(iteration, 200, start=100)
    assert started == pytest.approx(
        {**usual, "consistency": (1 - left) * usual["consistency"], "adversarial": 1 - left, "synthetic_vessels": left}
    )
    assert iteration < 100 or started["synthetic_vessels"] == 0  # exactly
