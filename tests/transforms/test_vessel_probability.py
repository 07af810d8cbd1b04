import torch
from monai.data import MetaTensor

from scripts.transforms.vessel_probability import STEPS, VesselProbabilityd


def case():
    pred = torch.rand(1, 9, 8, 7, generator=torch.Generator().manual_seed(0))
    brain = (torch.rand(1, 9, 8, 7, generator=torch.Generator().manual_seed(1)) > 0.5).to(torch.uint8)
    return {"pred": MetaTensor(pred, affine=2 * torch.eye(4)), "brain_mask": MetaTensor(brain)}


def test_it_is_the_probability_in_the_brain_to_half_a_step_and_0_outside():
    given, result = case(), VesselProbabilityd()(case())
    brain = given["brain_mask"].as_tensor() > 0
    difference = (result["pred"].as_tensor() - given["pred"].as_tensor()).abs()
    assert difference[brain].max() <= 0.5 / STEPS
    assert not result["pred"][~brain].any()
    assert (result["pred"].as_tensor() * STEPS).frac().eq(0).all()
    assert torch.equal(result["pred"].affine, given["pred"].affine)
    assert result["pred"].dtype == torch.float32


def test_the_kept_probability_is_no_copy_and_the_given_one_stays():
    given = case()
    before = given["pred"].as_tensor().clone()
    result = VesselProbabilityd()(given)
    assert result["probability"].data_ptr() == result["pred"].data_ptr()
    assert torch.equal(given["pred"].as_tensor(), before)
