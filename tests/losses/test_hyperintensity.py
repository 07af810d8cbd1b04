import math
from itertools import product

import pytest
import torch
from torch import Tensor

from scripts.losses.hyperintensity import HyperintensityHint
from tests.finite_gradients import loss_and_gradients

SHAPES = [(1, 1, 1, 1, 1), (2, 1, 3, 4, 2), (3, 1, 4, 4, 4)]


def random_case(*shape: int) -> tuple[Tensor, Tensor]:
    """Vessel cluster, and a scan a third of which is no brain."""
    vessels, image, brain = torch.rand(3, *shape, generator=torch.Generator().manual_seed(0))
    return vessels, torch.where(brain < 0.67, 0.5 + 2 * image, 0.0)


def slow_loss(vessels: Tensor, image: Tensor, threshold: float, margin: int) -> float:
    terms = []
    for index in product(*map(range, vessels.shape)):
        near = (slice(max(i - margin, 0), i + margin + 1) for i in index[2:])
        hint = image[index] > threshold and bool((image[(*index[:2], *near)] != 0).all())
        m = vessels[index].item()
        terms.append(-5 * math.log(m) if hint else -math.log(1 - m))
    return sum(terms) / len(terms)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("threshold", [1.2, 1.7])
@pytest.mark.parametrize("margin", [0, 1, 2])
def test_value_matches_the_slow_reference(shape: tuple[int, ...], threshold: float, margin: int) -> None:
    vessels, image = random_case(*shape)
    loss = HyperintensityHint(threshold, margin)(vessels, image)
    assert loss.item() == pytest.approx(slow_loss(vessels, image, threshold, margin), rel=1e-5)


@pytest.mark.parametrize(("margin", "expected"), [(0, [1, 1, 1, 1]), (1, [0, 1, 1, 1]), (3, [0, 0, 0, 1])])
def test_margin_counts_voxels_from_the_edge_of_the_brain(margin: int, expected: list[int]) -> None:
    image = torch.tensor([0.0, 3, 3, 3, 3]).reshape(1, 1, 1, 1, 5)
    _, (gradient, _) = loss_and_gradients(HyperintensityHint(1.5, margin), torch.full_like(image, 0.5), image)
    assert (gradient.flatten()[1:] < 0).int().tolist() == expected


def test_dark_tissue_is_no_edge_of_the_brain() -> None:
    image = torch.tensor([0.01, 3, 3]).reshape(1, 1, 1, 1, 3)  # 0.01 is the darkest that preprocessing leaves
    _, (gradient, _) = loss_and_gradients(HyperintensityHint(1.5, 1), torch.full_like(image, 0.5), image)
    assert (gradient.flatten()[1:] < 0).all()


def test_it_pulls_the_cluster_onto_bright_voxels_and_off_the_others() -> None:
    image = torch.tensor([3.0, 1.0, 0.0]).reshape(1, 1, 1, 1, 3)  # vessel, tissue, no brain
    _, (gradient, _) = loss_and_gradients(HyperintensityHint(), torch.full_like(image, 0.5), image)
    vessel, tissue, outside = gradient.flatten()
    assert vessel < 0 < tissue and outside > 0


@pytest.mark.parametrize("bfloat16", [False, True])
@pytest.mark.parametrize("value", [0.0, 1.0])
@pytest.mark.parametrize("intensity", [0.0, 0.01, 1.7, 5.0])
def test_extremes_are_finite(value: float, intensity: float, bfloat16: bool) -> None:
    shape = (2, 1, 8, 8, 8)
    hint = HyperintensityHint()
    loss, _ = loss_and_gradients(hint, torch.full(shape, value), torch.full(shape, intensity), bfloat16=bfloat16)
    assert 0 <= loss < 5 * 14  # the weight times -log of the least probability
