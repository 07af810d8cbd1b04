import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from scripts.engines.view_batch import network_input, patch_pairs
from scripts.losses.patch_discrimination import PatchDiscriminationLoss, patch_embeddings
from scripts.networks.orientation import ORIENTATIONS, apply, invert

SIDE, GRID = 8, 4


def batch_of(first: Tensor, second: Tensor, orientation: list[int], seed: int = 0) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    weight = 0.2 + 0.6 * torch.rand(len(first) // 2, 2, generator=generator)
    return {"first": first, "second": second, "orientation": torch.tensor(orientation), "mixup_weight": weight}


def random_batch(crops: int = 4, seed: int = 0) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    first, second = torch.rand(2, crops, 1, SIDE, SIDE, SIDE, generator=generator)
    return batch_of(first, second, torch.randint(48, (crops,), generator=generator).tolist(), seed)


def position_coded(crops: int) -> Tensor:
    """Crops whose voxels hold the number of their patch, 0 to 63: (crops, 1, S, S, S)."""
    cells = torch.arange(GRID**3, dtype=torch.float32).reshape(1, 1, GRID, GRID, GRID)
    return F.interpolate(cells, size=SIDE, mode="nearest").repeat(crops, 1, 1, 1, 1)


def reading_network(image: Tensor) -> Tensor:
    """An embedding of 64 dimensions that says which patch a voxel belongs to."""
    return F.one_hot(image[:, 0].round().long(), GRID**3).movedim(-1, 1).float()


@pytest.mark.parametrize("crops", [2, 4, 6])
def test_network_input_matches_the_slow_reference(crops: int) -> None:
    batch = random_batch(crops)
    image = network_input(batch)
    assert image.shape == (3 * crops, 1, SIDE, SIDE, SIDE)
    expected = [batch["first"][n] for n in range(crops)]
    expected += [apply(batch["second"][n], ORIENTATIONS[batch["orientation"][n]]) for n in range(crops)]
    for view, key in enumerate(("first", "second")):
        for pair in range(crops // 2):
            mixed = torch.empty(1, SIDE, SIDE, SIDE)
            weight = batch["mixup_weight"][pair, view].item()
            for d in range(SIDE):
                one, other = batch[key][2 * pair, 0, d], batch[key][2 * pair + 1, 0, d]
                mixed[0, d] = weight * one + (1 - weight) * other
            expected.append(mixed)
    torch.testing.assert_close(image, torch.stack(expected))


def test_mixup_images_do_not_depend_on_the_orientations() -> None:
    batch = random_batch()
    other = {**batch, "orientation": (batch["orientation"] + 1) % 48}
    image, turned = network_input(batch), network_input(other)
    assert not torch.equal(image[4:8], turned[4:8])
    assert torch.equal(image[8:], turned[8:])


@pytest.mark.parametrize("index", range(48))
def test_undoing_the_orientation_puts_the_same_anatomical_cell_together(index: int) -> None:
    volume = position_coded(2)
    batch = batch_of(volume, volume, [index, (index + 17) % 48])
    embedding = reading_network(network_input(batch))
    pairs = patch_pairs(embedding, batch)
    assert torch.equal(pairs.second, pairs.first)
    cells = pairs.first[0].argmax(dim=0).flatten()  # which anatomical cell a patch says it is
    assert torch.equal(cells, torch.arange(GRID**3))
    if index > 0:
        wrong = patch_pairs(embedding, {**batch, "orientation": torch.zeros(2, dtype=torch.int64)})
        assert not torch.equal(wrong.second, wrong.first)


@pytest.mark.parametrize("weight", [0.0, 1.0])
def test_a_mixup_image_of_one_crop_alone_has_that_crops_patches(weight: float) -> None:
    # Crop 1 is crop 0 mirrored, so that the two differ in every cell.
    volume = torch.cat([position_coded(1), position_coded(1).flip(2)])
    batch = batch_of(volume, volume, [5, 40])
    batch["mixup_weight"] = torch.tensor([[weight, 1 - weight]])  # of the first and of the second views
    pairs = patch_pairs(reading_network(network_input(batch)), batch)
    assert torch.equal(pairs.mixup, pairs.target)
    crop = 0 if weight == 1 else 1
    assert torch.equal(pairs.target[0], pairs.first[crop])
    assert torch.equal(pairs.target[1], pairs.first[1 - crop])


@pytest.mark.parametrize("crops", [2, 6])
def test_pairs_match_the_slow_reference(crops: int) -> None:
    batch = random_batch(crops)
    generator = torch.Generator().manual_seed(1)
    embedding = F.normalize(torch.randn(3 * crops, 5, SIDE, SIDE, SIDE, generator=generator), dim=1)
    pairs = patch_pairs(embedding, batch)
    patches = [patch_embeddings(embedding[n : n + 1])[0] for n in range(3 * crops)]
    first = patches[:crops]
    second = [invert(patches[crops + n], ORIENTATIONS[batch["orientation"][n]]) for n in range(crops)]
    targets = []
    for view, p in enumerate((first, second)):
        for pair in range(crops // 2):
            weight = batch["mixup_weight"][pair, view].item()
            mixed = weight * p[2 * pair] + (1 - weight) * p[2 * pair + 1]
            targets.append(mixed / mixed.square().sum(dim=0).sqrt())
    torch.testing.assert_close(pairs.first, torch.stack(first))
    torch.testing.assert_close(pairs.second, torch.stack(second))
    torch.testing.assert_close(pairs.mixup, torch.stack(patches[2 * crops :]))
    torch.testing.assert_close(pairs.target, torch.stack(targets))


def test_only_the_targets_are_without_gradient() -> None:
    batch = random_batch()
    embedding = torch.randn(12, 5, SIDE, SIDE, SIDE, requires_grad=True)
    pairs = patch_pairs(embedding, batch)
    assert not pairs.target.requires_grad
    for part, rows in ((pairs.first, slice(0, 4)), (pairs.second, slice(4, 8)), (pairs.mixup, slice(8, 12))):
        (gradient,) = torch.autograd.grad(part.pow(3).sum(), embedding, retain_graph=True)
        touched = gradient.flatten(1).any(dim=1)
        assert touched[rows].all() and touched.sum() == 4


def test_the_right_orientation_has_the_lower_loss() -> None:
    volume = position_coded(2)
    batch = batch_of(volume, volume, [7, 30])
    embedding = reading_network(network_input(batch))
    right, wrong = (
        patch_pairs(embedding, {**batch, "orientation": torch.tensor(index)}) for index in ([7, 30], [30, 7])
    )
    loss = PatchDiscriminationLoss()
    assert loss(right.first, right.second) < loss(wrong.first, wrong.second)
