import pytest
import torch
from monai.data import MetaTensor

from scripts.transforms.normalisation import NormaliseInBraind


def case(values, brain):
    return {
        "image": MetaTensor(torch.tensor(values).reshape(1, -1, 1, 1)),
        "brain_mask": MetaTensor(torch.tensor(brain).reshape(1, -1, 1, 1)),
    }


def test_closed_form():
    # brain 80 90 100 110 400: median 100, deviations 20 10 0 10 300 -> MAD 10, 5 sigma = 74.13
    values = [80.0, 90.0, 100.0, 110.0, 400.0, 5000.0]
    image = NormaliseInBraind("image")(case(values, [1, 1, 1, 1, 1, 0]))["image"].flatten()
    expected = [1 - 20 / 74.13, 1 - 10 / 74.13, 1.0, 1 + 10 / 74.13, 5.0, 0.0]  # 1 + 300 / 74.13 = 5.05 is clipped
    torch.testing.assert_close(torch.as_tensor(image.as_tensor()), torch.tensor(expected))


def test_dark_brain_voxels_stay_above_zero():
    image = NormaliseInBraind("image")(case([-900.0, 99.0, 100.0, 101.0, 0.0], [1, 1, 1, 1, 0]))["image"].flatten()
    assert image[0] == pytest.approx(0.01)
    assert image[4] == 0


def test_scan_and_unit_do_not_matter():
    values, brain = [80.0, 90.0, 100.0, 110.0, 120.0, 7.0], [1, 1, 1, 1, 1, 0]
    plain = NormaliseInBraind("image")(case(values, brain))["image"]
    scaled = NormaliseInBraind("image")(case([3 * v + 50 for v in values], brain))["image"]
    torch.testing.assert_close(plain, scaled)


def test_a_scan_without_background_uses_the_standard_deviation():
    # brain 0 0 0 100: median 0, MAD 0, standard deviation 43.301 -> 1 + 100 / 216.51
    image = NormaliseInBraind("image")(case([0.0, 0.0, 0.0, 100.0], [1, 1, 1, 1]))["image"].flatten()
    assert image.tolist() == pytest.approx([1, 1, 1, 1.461880])


@pytest.mark.parametrize(("brain", "words"), [([0, 0], "mask is empty"), ([1, 1], "constant inside its brain mask")])
def test_nothing_to_normalise_by(brain, words):
    with pytest.raises(ValueError, match=words):
        NormaliseInBraind("image")(case([3.0, 3.0], brain))
