import numpy as np
import pytest
import torch
from monai.data import MetaTensor
from monai.transforms import Spacingd

from scripts.transforms import axis_resample
from scripts.transforms.resampling import Resampled
from tests.phantom import LPS, RAS, oblique

SPACINGS = [(0.43, 0.37, 0.71), (1.03, 0.91, 0.67), (0.6, 0.6, 0.6)]
SHEARED = np.eye(4) + np.array([[0, 0.3, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]])


def case_on(affine):
    generator = torch.Generator().manual_seed(0)
    image = torch.rand(1, 20, 31, 12, generator=generator)
    affine = torch.as_tensor(affine)
    mask = (image > 0.5).to(torch.uint8)
    return {"image": MetaTensor(image, affine=affine), "mask": MetaTensor(mask, affine=affine)}


def resampler(kind):
    return kind(["image", "mask"], pixdim=(0.6,) * 3, mode=["bilinear", "nearest"], dtype=np.float32)


@pytest.mark.parametrize("axes", [RAS, LPS, oblique(), SHEARED])
@pytest.mark.parametrize("spacing", SPACINGS)
def test_there_and_back_is_monais_resampling(axes, spacing):
    ours, theirs = (resampler(kind) for kind in (Resampled, Spacingd))
    affine = np.asarray(axes) @ np.diag([*spacing, 1.0])
    one, other = ours(case_on(affine)), theirs(case_on(affine))
    for transform, back in ((None, False), ("inverse", True)):
        if transform:
            one, other = ours.inverse(one), theirs.inverse(other)
        for key in ("image", "mask"):
            torch.testing.assert_close(one[key].affine, other[key].affine)
            assert "affine" in one[key].meta
            assert one[key].pixdim.tolist() == pytest.approx(other[key].pixdim.tolist())
            assert len(one[key].applied_operations) == len(other[key].applied_operations) == 1 - back
        torch.testing.assert_close(one["image"].as_tensor(), other["image"].as_tensor(), atol=1e-4, rtol=0)
        # of two voxels at the same distance, as on a middle plane, either may be taken
        assert (one["mask"].float() != other["mask"]).float().mean() < 0.03


def test_parallel_axes_need_no_sampling_grid_and_a_mask_stays_small(monkeypatch):
    monkeypatch.setattr(torch.nn.functional, "affine_grid", lambda *args, **kwargs: pytest.fail("a grid"))
    transform = resampler(Resampled)
    there = transform(case_on(np.diag([0.4, 0.5, 0.7, 1.0])))
    assert there["mask"].dtype == torch.uint8
    assert transform.inverse(there)["mask"].dtype == torch.uint8


def test_border_goes_on():
    volume = torch.tensor([1.0, 2.0]).reshape(1, 1, 1, 2)
    result = axis_resample.along_axes(volume, np.ones(3), np.array([0, 0, -1.0]), [1, 2, 4], nearest=False)
    assert result[0, 0].tolist() == [[1, 1, 2, 2]] * 2
