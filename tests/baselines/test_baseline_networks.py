import pytest
import torch

from scripts.baselines.baseline_loss import baseline_loss
from scripts.baselines.baseline_networks import BASELINES, baseline_network
from scripts.networks.vessel_unet import VesselSegmenter

SMALL = (2, 4, 8, 16, 32)
NETWORKS = [model for model in BASELINES if not model.startswith("mips")]  # theirs is that of `unet`


@pytest.mark.parametrize("model", NETWORKS)
@pytest.mark.parametrize("shape", [(32, 32, 32), (32, 48, 64)])
def test_evaluation_gives_a_probability_of_every_voxel_and_the_same_each_time(
    model: str, shape: tuple[int, int, int]
) -> None:
    torch.manual_seed(0)
    network = baseline_network(model, SMALL).eval()
    x = torch.rand(2, 1, *shape)
    with torch.no_grad():
        probability = network(x)
        assert torch.equal(network(x), probability)
        # no image tells another's answer
        torch.testing.assert_close(network(x[:1]), probability[:1], rtol=1e-4, atol=1e-5)
    assert probability.shape == (2, 1, *shape) and probability.dtype == torch.float32
    assert 0 < probability.min() < probability.max() < 1


@pytest.mark.parametrize("model", BASELINES)
def test_its_loss_reaches_every_parameter(model: str) -> None:
    torch.manual_seed(0)
    network = baseline_network(model, SMALL).train()
    label = (torch.rand(2, 1, 32, 32, 32) > 0.9).float()
    loss = baseline_loss(model)(network(torch.rand(2, 1, 32, 32, 32)), label)
    loss.backward()
    assert loss.isfinite()
    for name, parameter in network.named_parameters():
        if name.startswith("embedding_head"):  # held only so that the weights are those of 3D-SLD's network
            continue
        assert parameter.grad is not None and parameter.grad.isfinite().all() and parameter.grad.any(), name


@pytest.mark.parametrize("model", [model for model in NETWORKS if model != "deepvesselnet_fcn"])  # no deep level
def test_gradients_in_bfloat16_are_like_those_in_single_precision(model: str) -> None:
    gradients = []
    for bfloat16 in (False, True):
        torch.manual_seed(0)
        network = baseline_network(model, SMALL).train()
        x = torch.rand(2, 1, 48, 48, 48)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bfloat16):
            loss = baseline_loss(model)(network(x), (x > 0.9).float())
        loss.backward()
        gradients.append(torch.cat([p.grad.flatten() for p in network.parameters() if p.grad is not None]))
    exact, rounded = gradients
    assert torch.nn.functional.cosine_similarity(exact, rounded, dim=0) > 0.7  # rounding; a broken one is not alike
    assert 0.8 < rounded.norm() / exact.norm() < 1.25


@pytest.mark.parametrize("model", [model for model in NETWORKS if model != "dsn"])  # MONAI's DynUNet cannot be scripted
def test_torchscript_equals_eager(model: str) -> None:
    torch.manual_seed(0)
    network = baseline_network(model, SMALL).eval()
    x = torch.rand(1, 1, 32, 48, 32)
    with torch.no_grad():
        torch.testing.assert_close(torch.jit.script(network)(x), network(x), rtol=0, atol=1e-4)


def test_the_u_net_is_the_network_of_3d_sld_without_orientation() -> None:
    for model in ("unet", "mips_1", "mips_2", "mips_3"):
        network = baseline_network(model, SMALL)
        VesselSegmenter(SMALL).load_state_dict(network.state_dict(), strict=True)
        assert not any(block.oriented for block in [*network.encoder, *network.decoder])


def test_the_deeply_supervised_network_answers_three_times_in_training() -> None:
    network = baseline_network("dsn", SMALL).train()
    assert network(torch.rand(2, 1, 32, 32, 48)).shape == (2, 3, 1, 32, 32, 48)


@pytest.mark.parametrize(
    ("model", "count"),
    [
        ("unet", 1_477_584),
        ("vnet", 11_401_364),
        ("dsn", 1_412_435),
        ("deepvesselnet_fcn", 46_021),
        ("deepvesselnet_unet", 1_477_584),
        ("deepvesselnet_vnet", 6_920_164),
    ],
)
def test_parameter_counts_that_the_documentation_states(model: str, count: int) -> None:
    network = baseline_network(model, (8, 16, 32, 64, 128))
    assert sum(parameter.numel() for parameter in network.parameters()) == count


def test_an_unknown_model_is_named() -> None:
    with pytest.raises(ValueError, match="model 'resnet' is unknown; choose one of unet, vnet, dsn"):
        baseline_network("resnet", SMALL)
