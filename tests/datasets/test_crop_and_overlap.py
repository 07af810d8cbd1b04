import time

import numpy as np
import pytest
import torch
from scipy.ndimage import distance_transform_edt

from scripts.datasets.crop_and_overlap import CropAndOverlap
from scripts.io.user_error import UserError


def cross(height: int = 120, width: int = 100, thickness: int = 4) -> np.ndarray:
    """Draw two crossing vessels over the whole mask."""
    mask = np.zeros((height, width), dtype=np.uint8)
    mask[height // 2 : height // 2 + thickness] = 1
    mask[:, width // 2 : width // 2 + thickness] = 1
    return mask


def fan(side: int = 200, spacing: int = 20, thickness: int = 3) -> np.ndarray:
    """Draw parallel vessels, some of which are in every patch."""
    mask = np.zeros((side, side), dtype=np.uint8)
    for start in range(0, side, spacing):
        mask[start : start + thickness] = 1
    return mask


def draw(transform: CropAndOverlap, masks: list[np.ndarray], number: int = 20, seed: int = 0) -> torch.Tensor:
    rng = np.random.default_rng(seed)
    return torch.stack([transform(masks, rng) for _ in range(number)])  # (number, 1, size, size)


@pytest.mark.parametrize("size", [1, 17, 48, 96])
@pytest.mark.parametrize("shape", [(120, 100), (20, 33), (7, 7), (600, 301)])
def test_one_mask_of_any_size_gives_binary_references(size: int, shape: tuple[int, int]) -> None:
    references = draw(CropAndOverlap(size), [cross(*shape)], number=5)
    assert references.shape == (5, 1, size, size)
    assert references.dtype == torch.float32
    assert set(references.unique().tolist()) <= {0.0, 1.0}


def test_same_seed_same_reference_and_other_seed_another() -> None:
    transform = CropAndOverlap(32, soft_edge=0.7, intensity=(0.5, 1.0))
    masks = [cross(), fan()]
    assert torch.equal(draw(transform, masks, seed=3), draw(transform, masks, seed=3))
    assert not torch.equal(draw(transform, masks, seed=3), draw(transform, masks, seed=4))


def test_masks_are_not_changed() -> None:
    mask = fan()
    before = mask.copy()
    draw(CropAndOverlap(32, soft_edge=1.0, intensity=(0.5, 1.0)), [mask])
    assert np.array_equal(mask, before)


def test_every_mask_is_drawn_from() -> None:
    solid = np.ones((50, 50), dtype=np.uint8)  # its patches are all vessel
    densities = draw(CropAndOverlap(16, patches=(1, 1)), [solid, fan()], number=40).mean(dim=(1, 2, 3))
    assert (densities == 1).any() and (densities < 1).any()


def test_thin_vessels_survive_where_nearest_neighbour_loses_them() -> None:
    # Lines 1 pixel wide, 20 apart, shrunk 200 / 40 = 5 times: a line covers at least 1/10 of an output pixel.
    thin = fan(thickness=1)
    nearest = thin[2::5, 2::5]
    assert nearest.sum() == 0
    references = draw(CropAndOverlap(40, patches=(1, 1), scale=(0.7, 0.7), threshold=0.05), [thin])
    # A line in four output rows is a quarter of the picture; breaks would lower it.
    assert references.mean() > 0.2


def test_smaller_patches_make_thicker_vessels() -> None:
    def thickest(scale: float) -> float:
        references = draw(CropAndOverlap(64, patches=(1, 1), scale=(scale, scale)), [fan(400, 100, 8)])
        return float(np.median([distance_transform_edt(reference[0]).max() for reference in references]))

    # Half widths: 4 * 64 / 200 = 1.3 pixels and 4 * 64 / 80 = 3.2 pixels, plus what the low threshold adds.
    assert thickest(0.2) > thickest(0.5) + 1


def test_more_patches_make_denser_references() -> None:
    one = draw(CropAndOverlap(64, patches=(1, 1)), [cross()]).mean()
    four = draw(CropAndOverlap(64, patches=(4, 4)), [cross()]).mean()
    assert four > 1.5 * one


@pytest.mark.parametrize("patches", [(1, 1), (2, 2), (1, 3)])
def test_number_of_patches_covers_its_range(patches: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    transform, counts = CropAndOverlap(8, patches=patches), []

    def counted(masks: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
        counts[-1] += 1
        return np.zeros((8, 8), dtype=bool)

    monkeypatch.setattr(transform, "_vessel_patch", counted)
    rng = np.random.default_rng(0)
    for _ in range(40):
        counts.append(0)
        transform([cross()], rng)
    assert set(counts) == set(range(patches[0], patches[1] + 1))


def test_patches_come_from_all_over_the_mask() -> None:
    # A patch of 30 pixels is solid where it lies in the far corner of the mask, a quarter of it.
    corner = np.zeros((200, 300), dtype=np.uint8)
    corner[100:, 150:] = 1
    densities = draw(CropAndOverlap(16, patches=(1, 1), scale=(0.15, 0.15)), [corner], number=100).mean(dim=(1, 2, 3))
    assert (densities == 1).float().mean() > 0.3  # those without vessel are drawn again


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_patch_that_is_not_turned_is_the_mask_or_its_mirror_image(mirrored: bool) -> None:
    class Draws:
        """Angle 0, the whole mask, mirrored or not."""

        def uniform(self, low: float, high: float) -> float:
            return low

        def integers(self, *_: int, endpoint: bool = False) -> int:
            return 0

        def random(self) -> float:
            return 0.0 if mirrored else 1.0

    mask = (np.random.default_rng(0).random((48, 48)) < 0.3).astype(np.uint8)
    patch = CropAndOverlap(46, scale=(1.0, 1.0))._random_patch(mask, Draws())  # type: ignore[arg-type]
    # 48 pixels around the patch's 46: the mask without its rim
    assert np.array_equal(patch[:, ::-1] if mirrored else patch, mask[1:-1, 1:-1] == 1)


def test_turning_leaves_no_rim() -> None:
    solid = np.ones((50, 50), dtype=np.uint8)
    references = draw(CropAndOverlap(32, patches=(1, 1), scale=(0.5, 0.5), threshold=0.99), [solid])
    assert references.min() == 1


def test_vessels_come_in_many_directions() -> None:
    # Parallel lines only: unturned patches would vary along one axis alone.
    references = draw(CropAndOverlap(32, patches=(1, 1), scale=(0.3, 0.3)), [fan()])[:, 0]  # (20, 32, 32)
    along_rows = references.diff(dim=1).abs().mean(dim=(1, 2))  # (20,)
    along_columns = references.diff(dim=2).abs().mean(dim=(1, 2))  # (20,)
    share = along_rows / (along_rows + along_columns)  # (20,)
    assert share.min() < 0.3 and share.max() > 0.7


def test_nearly_empty_patches_are_drawn_again() -> None:
    corner = np.zeros((200, 200), dtype=np.uint8)
    corner[:100, 50] = corner[:100, 52] = corner[50, :100] = 1  # three quarters of the mask are empty
    references = draw(CropAndOverlap(32, patches=(1, 1), scale=(0.2, 0.3)), [corner], number=40)
    assert (references.mean(dim=(1, 2, 3)) >= 0.01).float().mean() > 0.9


def test_hopeless_masks_do_not_hang() -> None:
    speck = np.zeros((500, 500), dtype=np.uint8)
    speck[3, 3] = 1
    assert draw(CropAndOverlap(32), [speck]).shape == (20, 1, 32, 32)


@pytest.mark.parametrize("width", [0.3, 0.7, 1.5])
def test_soft_edges_keep_the_binary_mask_at_one_half(width: float) -> None:
    # The edge draws nothing, so the same seed gives the same patches.
    binary = draw(CropAndOverlap(48), [cross(), fan()])
    soft = draw(CropAndOverlap(48, soft_edge=width), [cross(), fan()])
    assert torch.equal((soft > 0.5).float(), binary)
    assert soft.min() >= 0 and soft.max() <= 1
    assert len(soft.unique()) > 4


def test_soft_edge_of_a_straight_vessel() -> None:
    transform = CropAndOverlap(8, patches=(1, 1), soft_edge=1.0)
    patch = np.zeros((8, 8), dtype=bool)
    patch[:, 4:] = True
    profile = transform._render(patch, np.random.default_rng(0))[0]
    # Normal distribution at -1.5, -0.5, 0.5, 1.5 pixels from the edge: 0.067, 0.309, 0.691, 0.933.
    assert profile[2:6] == pytest.approx([0.067, 0.309, 0.691, 0.933], abs=1e-3)


def test_intensity_varies_smoothly_within_its_range() -> None:
    solid = np.ones((50, 50), dtype=np.uint8)
    references = draw(CropAndOverlap(64, patches=(1, 1), intensity=(0.4, 0.9)), [solid])
    assert references.min() >= 0.4 and references.max() <= 0.9
    assert references.std(dim=(1, 2, 3)).min() > 0.03  # within every one
    # 4 x 4 random values over 64 pixels: steps of at most 0.5 / 16 between neighbours.
    assert references.diff(dim=2).abs().max() <= 0.5 / 16 + 1e-6


def test_a_batch_of_references_is_fast() -> None:
    transform = CropAndOverlap(64, soft_edge=0.7, intensity=(0.6, 1.0))
    draw(transform, [fan(1000)], number=2)
    start = time.process_time()
    draw(transform, [fan(1000)], number=24)
    assert time.process_time() - start < 1.0  # 0.07 s when alone; the bound is for slow machines


@pytest.mark.parametrize(
    "setting",
    [
        {"size": 0},
        {"patches": (0, 2)},
        {"patches": (3, 2)},
        {"scale": (0.0, 0.5)},
        {"scale": (0.6, 0.5)},
        {"scale": (0.5, 1.1)},
        {"threshold": 1.0},
        {"soft_edge": -1.0},
        {"intensity": (0.0, 1.0)},
        {"intensity": (0.9, 0.8)},
    ],
)
def test_settings_out_of_range_are_named(setting: dict) -> None:
    with pytest.raises(UserError, match=next(iter(setting))):
        CropAndOverlap(**({"size": 16} | setting))


def test_no_mask_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one"):
        CropAndOverlap(16)([], np.random.default_rng(0))
