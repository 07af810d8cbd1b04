import pytest
import torch
from monai.data import MetaTensor
from monai.inferers import SimpleInferer

from scripts.inferers.brain_window_inferer import BrainWindowInferer
from scripts.inferers.tta_inferer import AUGMENTATIONS, TTAInferer
from scripts.networks.orientation import ORIENTATIONS


def test_augmentations_are_8_different_ones_of_every_order_of_axes():
    assert len(set(AUGMENTATIONS)) == 8
    assert AUGMENTATIONS[0] == ORIENTATIONS[0]  # the scan as it is
    assert len({version.permutation for version in AUGMENTATIONS}) == 6
    assert len({version.flips for version in AUGMENTATIONS}) > 2


def test_what_looks_alike_from_all_sides_is_not_changed():
    image = torch.rand(1, 1, 4, 6, 5)
    torch.testing.assert_close(TTAInferer(SimpleInferer())(image, torch.square), image**2)


def test_the_mean_over_the_augmentations():
    """A network that answers with the coordinate along the last axis: written out, axis by axis."""
    shape = (2, 3, 4)

    def ramp(x):
        return torch.arange(x.shape[-1], dtype=torch.float32).expand(x.shape).clone()

    expected = torch.zeros(shape)
    for (_, _, last), (
        _,
        _,
        flipped,
    ) in AUGMENTATIONS:  # the scan's axis that comes last; is it reversed?
        for index in torch.cartesian_prod(*[torch.arange(side) for side in shape]).tolist():
            along = index[last]
            expected[tuple(index)] += (shape[last] - 1 - along if flipped else along) / 8
    result = TTAInferer(SimpleInferer())(torch.zeros(1, 1, *shape), ramp)
    torch.testing.assert_close(result[0, 0], expected)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_it_wraps_the_sliding_window_and_keeps_the_header(dtype):
    image = MetaTensor(torch.zeros(1, 1, 20, 12, 9), affine=2 * torch.eye(4))
    image[..., 4:15, 3:9, 2:7] = 0.5
    inferer = TTAInferer(BrainWindowInferer(roi_size=(8, 8, 8), overlap=0.25, mode="gaussian"))
    result = inferer(image, lambda x: (x > 0).to(dtype))
    assert result.dtype == torch.float32
    torch.testing.assert_close(result.affine, image.affine)
    torch.testing.assert_close(result.as_tensor(), (image.as_tensor() > 0).float())
