import nibabel as nib
import numpy as np
import pytest

from scripts.io.scan_warnings import warnings_of
from scripts.transforms.preprocessing import preprocessing
from tests.phantom import RAS, grid, phantom, save

SHAPE = (20, 22, 24)
AFFINE = grid(RAS, (1.0, 1.0, 1.0), SHAPE)
SCAN, VESSEL = phantom(AFFINE, SHAPE)


def run(tmp_path, image=SCAN, keys=("image",), **masks):
    case = {"image": str(save(tmp_path / "scan.nii.gz", image, AFFINE))}
    for key, (array, affine) in masks.items():
        case[key] = str(save(tmp_path / f"{key}.nii.gz", array, affine))
    return preprocessing(1.0, keys=keys)(case)


def with_value(value):
    scan = SCAN.copy()
    scan[3, 4, 5] = value
    return scan


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (SCAN[:, :, 0], "a 3D scan is needed"),
        (SCAN[:, :, :1], "single slice"),
        (np.stack([SCAN, SCAN], axis=-1), "2 values per voxel"),
        (with_value(np.nan), "NaN or infinite"),
        (with_value(-np.inf), "NaN or infinite"),
        (np.full(SHAPE, 4.0, np.float32), "all voxels have the value 4.0"),
        (VESSEL.astype(np.uint8), "hold only the values 0, 1: is it a mask or a label"),
        (VESSEL.astype(np.float32) * 0.5, "hold only the values 0, 0.5: is it a mask or a label"),
        (
            (VESSEL * np.arange(20)[:, None, None] % 14).astype(np.int16),
            "hold only the values 0, 1, 2, ...: is it a mask or a label",
        ),
    ],
)
def test_scans_that_cannot_be_segmented_are_refused(tmp_path, image, words):
    with pytest.raises(RuntimeError) as error:  # MONAI wraps what a transform raises
        run(tmp_path, image)
    assert isinstance(error.value.__cause__, ValueError)
    assert words in str(error.value.__cause__)
    assert "scan.nii.gz" in str(error.value.__cause__)


def test_a_colour_image_is_refused(tmp_path):
    colour = np.zeros(SHAPE, dtype=[("R", "u1"), ("G", "u1"), ("B", "u1")])
    nib.save(nib.Nifti1Image(colour, AFFINE), tmp_path / "scan.nii.gz")
    with pytest.raises(RuntimeError) as error:
        preprocessing(1.0)({"image": str(tmp_path / "scan.nii.gz")})
    assert "scan.nii.gz" in str(error.value.__cause__)
    assert "grey-value" in str(error.value.__cause__)


def test_a_cut_off_file_is_refused(tmp_path):
    file = save(tmp_path / "scan.nii.gz", SCAN, AFFINE)
    file.write_bytes(file.read_bytes()[:2000])
    with pytest.raises(RuntimeError) as error:
        preprocessing(1.0)({"image": str(file)})
    assert "cannot read" in str(error.value.__cause__)
    assert "scan.nii.gz" in str(error.value.__cause__)


MASK = np.ones(SHAPE, np.uint8)


@pytest.mark.parametrize(
    ("key", "mask", "shift", "words"),
    [
        ("brain_mask", MASK[1:], 0, "shape (19, 22, 24)"),
        ("brain_mask", MASK, 0.6, "lies 0.60 mm off its scan"),
        ("brain_mask", 0 * MASK, 0, "is empty"),
        ("brain_mask", VESSEL.astype(np.uint8), 0, "is nowhere 6 mm thick: is it a mask of vessels?"),
        ("label", 2 * VESSEL.astype(np.uint8), 0, "0 (background) and 1 (vessel) only"),
        ("label", MASK[:, 1:], 0, "shape (20, 21, 24)"),
    ],
)
def test_masks_that_do_not_fit_are_refused(tmp_path, key, mask, shift, words):
    affine = AFFINE.copy()
    affine[0, 3] += shift
    with pytest.raises(RuntimeError) as error:
        run(tmp_path, keys=("image", "label") if key == "label" else ("image",), **{key: (mask, affine)})
    assert words in str(error.value.__cause__)
    assert f"{key}.nii.gz" in str(error.value.__cause__)


def test_a_scan_of_few_grey_values_is_a_scan(tmp_path):
    run(tmp_path, (SCAN / 6).astype(np.uint8))  # dozens of values
    rare = np.zeros(SHAPE, np.float32)
    rare[3:9, 3:9, 3:9] = np.arange(216).reshape(6, 6, 6)
    run(tmp_path, rare, brain_mask=(MASK, AFFINE))


@pytest.mark.parametrize("top", [1, 255])
def test_a_binary_mask_is_taken_as_it_is(tmp_path, top):
    half = MASK.copy()
    half[10:] = 0
    result = run(tmp_path, brain_mask=((half * top).astype(np.int16), AFFINE))
    assert (result["brain_mask"] == run(tmp_path, brain_mask=(half, AFFINE))["brain_mask"]).all()
    assert warnings_of(result["image"]) == []


def test_a_mask_of_probabilities_is_cut_at_a_half_with_a_warning(tmp_path):
    half = MASK.copy()
    half[10:] = 0
    soft = np.where(half, 0.9, 0.1)
    soft[0], soft[19] = 1.0, 0.0
    result = run(tmp_path, brain_mask=(soft.astype(np.float32), AFFINE))
    assert (result["brain_mask"] == run(tmp_path, brain_mask=(half, AFFINE))["brain_mask"]).all()
    assert warnings_of(result["image"]) == ["its brain mask holds values between 0 and 1: cut at 0.5"]


@pytest.mark.parametrize("scan", [SCAN, SCAN - 100, SCAN / SCAN.max()], ids=["plain", "standardised", "to 1"])
def test_a_stripped_scan_serves_as_a_mask(tmp_path, scan):
    half = MASK.copy()
    half[10:] = 0
    result = run(tmp_path, scan, brain_mask=(scan * half, AFFINE))
    assert (result["brain_mask"] == run(tmp_path, scan, brain_mask=(half, AFFINE))["brain_mask"]).all()
    assert warnings_of(result["image"]) == []


def test_a_mask_of_many_values_is_warned_of(tmp_path):
    graded = (MASK * np.random.default_rng(0).integers(60, 256, MASK.shape)).astype(np.uint8)
    result = run(tmp_path, brain_mask=(graded, AFFINE))
    assert (result["brain_mask"] == run(tmp_path, brain_mask=(MASK, AFFINE))["brain_mask"]).all()
    assert warnings_of(result["image"]) == ["its brain mask holds more than 16 values: all above 0 is taken for brain"]


def test_a_thin_slab_may_be_all_brain(tmp_path):
    thin = {"image": str(save(tmp_path / "scan.nii.gz", SCAN[:, :, :2], AFFINE))}
    thin["brain_mask"] = str(save(tmp_path / "mask.nii.gz", MASK[:, :, :2], AFFINE))
    assert preprocessing(1.0)(thin)["mask_source"] == "user"


def test_a_missing_label_is_named(tmp_path):
    with pytest.raises(RuntimeError) as error:
        run(tmp_path, keys=("image", "label"))
    assert "has no 'label'" in str(error.value.__cause__)


def test_affines_rounded_by_other_tools_pass(tmp_path):
    affine = AFFINE + 1e-3
    affine[3] = AFFINE[3]
    assert run(tmp_path, brain_mask=(MASK, affine))["mask_source"] == "user"


def test_the_same_grid_in_another_orientation_passes(tmp_path):
    flip = np.diag([-1.0, 1.0, 1.0, 1.0])
    flip[0, 3] = SHAPE[0] - 1
    half = MASK.copy()
    half[10:] = 0
    result = run(tmp_path, brain_mask=(half[::-1].copy(), AFFINE @ flip))
    expected = run(tmp_path, brain_mask=(half, AFFINE))
    assert (result["brain_mask"] == expected["brain_mask"]).all()
