from collections import Counter
from itertools import product

import pytest
import torch
from torch import Tensor

from scripts.networks.orientation import (
    ORIENTATIONS,
    Orientation,
    apply,
    apply_each,
    draw_orientation,
    invert,
    invert_each,
)

every_orientation = pytest.mark.parametrize("orientation", ORIENTATIONS, ids=lambda o: f"{o.permutation}{o.flips}")


def numbered(*shape: int) -> Tensor:
    """A tensor no two elements of which are alike."""
    return torch.arange(torch.Size(shape).numel(), dtype=torch.float32).reshape(shape)


def apply_slowly(x: Tensor, orientation: Orientation) -> Tensor:
    """Index by index: axis a of the result is axis permutation[a] of x (D, H, W), backwards if flips[a]."""
    sides = [x.shape[axis] for axis in orientation.permutation]
    result = torch.empty(sides)
    for target in product(*(range(side) for side in sides)):
        source = [0, 0, 0]
        for axis in range(3):
            backwards = sides[axis] - 1 - target[axis]
            source[orientation.permutation[axis]] = backwards if orientation.flips[axis] else target[axis]
        result[target] = x[tuple(source)]
    return result


def test_there_are_48_different_orientations_and_the_first_is_the_identity() -> None:
    cube = numbered(3, 3, 3)
    images = {tuple(apply(cube, orientation).flatten().tolist()) for orientation in ORIENTATIONS}
    assert len(ORIENTATIONS) == len(images) == 48
    assert torch.equal(apply(cube, ORIENTATIONS[0]), cube)


def test_they_are_the_symmetries_of_the_cube() -> None:
    # A symmetry keeps neighbours neighbours, and the two of them in a row are again one of the 48.
    cube = numbered(3, 3, 3)
    images = [apply(cube, orientation) for orientation in ORIENTATIONS]
    known = {tuple(image.flatten().tolist()) for image in images}
    composed = {tuple(apply(image, o).flatten().tolist()) for image in images for o in ORIENTATIONS}
    assert composed == known


@every_orientation
@pytest.mark.parametrize("shape", [(2, 3, 4), (1, 5, 2), (2, 3, 2, 4, 5)])
def test_invert_undoes_apply_and_apply_undoes_invert(orientation: Orientation, shape: tuple[int, ...]) -> None:
    x = numbered(*shape)
    assert torch.equal(invert(apply(x, orientation), orientation), x)
    assert torch.equal(apply(invert(x, orientation), orientation), x)


@every_orientation
def test_apply_matches_the_slow_reference(orientation: Orientation) -> None:
    x = numbered(2, 3, 4)
    assert torch.equal(apply(x, orientation), apply_slowly(x, orientation))
    batch = numbered(2, 2, 2, 3, 4)
    for b, c in product(range(2), repeat=2):
        assert torch.equal(apply(batch, orientation)[b, c], apply_slowly(batch[b, c], orientation))


def test_quarter_turn_by_hand() -> None:
    x = torch.tensor([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]])  # (1, 2, 3)
    turned = apply(x, Orientation((0, 2, 1), (False, True, False)))  # rows are the columns, last one first
    assert turned.tolist() == [[[3.0, 6.0], [2.0, 5.0], [1.0, 4.0]]]


def test_draws_reproduce_and_all_orientations_are_equally_likely() -> None:
    def draws(seed: int) -> list[Orientation]:
        torch.manual_seed(seed)
        return [draw_orientation() for _ in range(48 * 50)]

    first = draws(0)
    assert first == draws(0) != draws(1)
    counts = Counter(first)
    # 50 of each expected, standard deviation 7.
    assert set(counts) == set(ORIENTATIONS)
    assert min(counts.values()) > 20 and max(counts.values()) < 85


def test_every_image_is_turned_by_its_own_orientation_and_back() -> None:
    images, indices = numbered(48, 2, 3, 3, 3), torch.arange(48).flip(0)
    turned = apply_each(images, indices)
    for image, index, result in zip(images, indices, turned):
        assert torch.equal(result[1], apply_slowly(image[1], ORIENTATIONS[index]))
    assert torch.equal(invert_each(turned, indices), images)
