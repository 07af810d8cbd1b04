import pytest
import torch
from monai.data import MetaTensor

from scripts.transforms.keep_scan import KeepScand


@pytest.mark.parametrize(
    ("values", "dtype"),
    [([-32768.0, 32767.0], torch.int16), ([0.0, 32768.0], torch.float32), ([0.0, 0.5], torch.float32)],
)
def test_the_scan_is_kept_to_the_bit_in_the_smaller_type_that_holds_it(values, dtype):
    image = MetaTensor(torch.tensor(values).reshape(1, 1, 1, 2), affine=2 * torch.eye(4))
    result = KeepScand()({"image": image})
    assert result["scan"].dtype == dtype
    assert result["scan"].flatten().tolist() == values
    assert torch.equal(result["scan"].affine, image.affine)
    assert result["image"] is image
