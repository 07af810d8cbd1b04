import pickle

import numpy as np
import pytest
import torch

from scripts.transforms.preprocessing import preprocessing
from tests.phantom import LPS, RAS, grid, oblique, phantom, save

SHAPE = (24, 30, 36)


def files(folder, axes=RAS, spacing=(1.0, 1.0, 1.0), shape=SHAPE):
    """A scan, its brain mask (a box well inside), its label; the case's dictionary."""
    affine = grid(axes, spacing, shape)
    scan, vessel = phantom(affine, shape)
    brain = np.zeros(shape, np.uint8)
    brain[4:-4, 5:-5, 6:-6] = 1
    arrays = {"image": scan, "brain_mask": brain, "label": vessel.astype(np.uint8)}
    return {key: str(save(folder / f"{key}.nii.gz", array, affine)) for key, array in arrays.items()}


def test_result(tmp_path):
    result = preprocessing(1.0, keys=("image", "label"), margin=2)(files(tmp_path))
    image, brain, label = result["image"], result["brain_mask"], result["label"]
    assert image.shape == brain.shape == label.shape == (1, 24 - 8 + 4, 30 - 10 + 4, 36 - 12 + 4)  # box + margin
    assert (image.dtype, brain.dtype, label.dtype) == (torch.float32, torch.uint8, torch.uint8)
    assert ((image != 0) == (brain != 0)).all()
    assert not image[:, :2].any()  # the margin is outside the brain
    assert image.max() <= 5
    inside = image[brain > 0].as_tensor()
    assert inside.median() == pytest.approx(1.0, abs=0.01)
    assert image[(label > 0) & (brain > 0)].min() > 3  # vessels are 20 sigma up: 1 + 20 / 5 = 5, less the noise


@pytest.mark.parametrize("axes", [RAS, LPS, oblique()])
def test_the_working_spacing_is_reached_in_any_orientation(tmp_path, axes):
    result = preprocessing(0.8, keys=("image", "label"))(files(tmp_path, axes, (0.5, 0.5, 1.0)))
    assert result["image"].pixdim.tolist() == pytest.approx([0.8] * 3, abs=1e-4)
    direction = np.diag(np.asarray(result["image"].affine))
    assert (direction[:3] > 0).all()
    assert np.allclose(result["image"].affine, result["label"].affine)


def test_mirrored_storage_gives_the_same_brain(tmp_path):
    (tmp_path / "ras").mkdir()
    (tmp_path / "lps").mkdir()
    ras = preprocessing(1.0, keys=("image", "label"))(files(tmp_path / "ras"))
    lps = preprocessing(1.0, keys=("image", "label"))(files(tmp_path / "lps", LPS))
    assert (ras["label"] == lps["label"]).all()


def test_labels_of_training_are_not_read(tmp_path):
    case = files(tmp_path) | {"label": "not/there.nii.gz"}
    assert preprocessing(1.0)(case)["label"] == "not/there.nii.gz"


def test_without_brain_mask_everything_is_brain(tmp_path):
    result = preprocessing(1.0, brain_mask="none")(files(tmp_path))
    assert result["image"].shape == (1, *SHAPE)
    assert (result["image"] != 0).all()


def test_strings_named_after_the_image_do_no_harm(tmp_path):  # MONAI Label adds `image_path`
    case = files(tmp_path)
    result = preprocessing(0.7)(case | {"image_path": case["image"]})
    assert result["image_path"] == case["image"]


def test_pickles():
    pickle.loads(pickle.dumps(preprocessing(0.6)))


@pytest.mark.parametrize("spacing", [0.0, -1.0, (0.6, 0.6, 0.8)])
def test_impossible_spacing(spacing):
    with pytest.raises(ValueError, match="spacing"):
        preprocessing(spacing)
