import numpy as np
import pytest
import torch
from monai.data import MetaTensor

from scripts.io import free_memory, volumes
from scripts.io.volumes import read_volume
from scripts.transforms.reading import ReadVolumed
from tests.dicom_series import save_series
from tests.phantom import LPS, grid, phantom, save

SHAPE = (20, 18, 12)
AFFINE = grid(LPS, (0.6, 0.6, 0.6), SHAPE)
SCAN = phantom(AFFINE, SHAPE)[0]


def cut(path, fraction):
    save(path, SCAN, AFFINE)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * fraction)])


@pytest.mark.parametrize("fraction", [0.0, 0.1, 0.5, 0.99])
@pytest.mark.parametrize("name", ["a.nii", "a.nrrd", "a.mha", "a.mhd"])
def test_a_cut_off_file_is_refused_in_every_format(tmp_path, name, fraction):
    cut(tmp_path / name, fraction)
    with pytest.raises(ValueError, match=f"cannot read .*{name}: ") as error:
        read_volume(str(tmp_path / name))
    assert ".cxx" not in str(error.value)  # words for the user, not a line of ITK's source


@pytest.mark.parametrize("name", ["a.nii.gz", "a.nii", "a.nrrd", "a.mha", "a.mhd", "series"])
def test_a_scan_that_memory_does_not_hold_is_refused_before_it_is_read(tmp_path, name, monkeypatch):
    write = save_series if name == "series" else save
    write(tmp_path / name, SCAN, AFFINE)
    case = {"image": str(tmp_path / name)}
    monkeypatch.setattr(free_memory, "free_memory", lambda: SCAN.size * free_memory.NEEDED)
    assert ReadVolumed("image")(case)["image"].shape == (1, *SHAPE)
    monkeypatch.setattr(free_memory, "free_memory", lambda: SCAN.size * free_memory.NEEDED - 1)
    monkeypatch.setattr(volumes, "LoadImage", None)
    with pytest.raises(ValueError, match="its 0 million voxels need 0.0 GB of memory or more"):
        ReadVolumed("image")(case)


def test_a_header_without_its_voxels_is_refused(tmp_path):
    save(tmp_path / "a.mhd", SCAN, AFFINE)
    next(tmp_path.glob("a.*raw")).unlink()
    with pytest.raises(ValueError, match="cannot read"):
        read_volume(str(tmp_path / "a.mhd"))


@pytest.mark.parametrize(("written", "named"), [("a.nii.gz", "b.nii"), ("a.nii.gz", "b.mha"), ("a.mha", "b.nrrd")])
def test_a_file_of_another_format_than_its_name_is_refused(tmp_path, written, named):
    save(tmp_path / written, SCAN, AFFINE).rename(tmp_path / named)
    with pytest.raises(ValueError, match="named as its format wants it"):
        read_volume(str(tmp_path / named))


@pytest.mark.parametrize(("spacing", "words"), [("0 0.6 0.6", "cannot read"), ("1000 1000 1000", "is the unit milli")])
def test_an_absurd_spacing_is_refused(tmp_path, spacing, words):
    content = save(tmp_path / "a.mha", SCAN, AFFINE).read_bytes()
    start = content.index(b"ElementSpacing = ")
    line = f"ElementSpacing = {spacing}".encode()
    (tmp_path / "a.mha").write_bytes(content[:start] + line + content[content.index(b"\n", start) :])
    with pytest.raises(ValueError, match=words):
        read_volume(str(tmp_path / "a.mha"))


def test_formats_agree(tmp_path):
    volumes = [read_volume(str(save(tmp_path / f"a.{end}", SCAN, AFFINE))) for end in ("nii.gz", "nrrd", "mha", "mhd")]
    for volume in volumes:
        np.testing.assert_array_equal(volume[0].numpy(), SCAN)
        np.testing.assert_allclose(volume.affine.numpy(), AFFINE, atol=1e-6)


@pytest.mark.parametrize("channel", [(), (1,)])
def test_a_volume_in_memory_is_like_a_file(tmp_path, channel):
    given = MetaTensor(torch.from_numpy(SCAN).reshape(*channel, *SHAPE).to(torch.float64), affine=AFFINE)
    volume = ReadVolumed("image")({"image": given})["image"]
    file = read_volume(str(save(tmp_path / "a.nii", SCAN, AFFINE)))
    assert (volume.shape, volume.dtype) == (file.shape, file.dtype)
    np.testing.assert_array_equal(volume.numpy(), file.numpy())
    np.testing.assert_allclose(volume.affine, file.affine, atol=1e-6)
    np.testing.assert_allclose(volume.meta["original_affine"], AFFINE)


def test_a_volume_in_memory_of_absurd_spacing_is_refused():
    with pytest.raises(ValueError, match="is the unit milli"):
        ReadVolumed("image")({"image": MetaTensor(torch.rand(SHAPE), affine=np.diag([100.0, 100, 100, 1]))})
