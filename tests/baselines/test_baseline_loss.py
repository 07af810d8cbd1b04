import pytest

from scripts.baselines.baseline_loss import baseline_loss
from scripts.baselines.class_balancing import ClassBalancingLoss
from scripts.baselines.projection_cross_entropy import ProjectionCrossEntropyLoss
from scripts.losses.dice_cross_entropy import DeeplySupervisedLoss, DiceCrossEntropyLoss


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ("unet", DiceCrossEntropyLoss),
        ("vnet", DiceCrossEntropyLoss),
        ("dsn", DeeplySupervisedLoss),
        ("deepvesselnet_fcn", ClassBalancingLoss),
        ("deepvesselnet_unet", ClassBalancingLoss),
        ("deepvesselnet_vnet", ClassBalancingLoss),
        ("mips_2", ProjectionCrossEntropyLoss),
    ],
)
def test_every_model_has_the_loss_of_its_publication(model: str, kind: type) -> None:
    assert type(baseline_loss(model)) is kind


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_number_of_projections(axes: int) -> None:
    assert baseline_loss(f"mips_{axes}").axes == axes
