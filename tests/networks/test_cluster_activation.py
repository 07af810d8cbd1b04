import pytest
import torch
from torch import nn

from scripts.networks.vessel_unet import VesselUNet

SMALL = (4, 5, 6, 7, 8)


@pytest.mark.parametrize("activation", ["sigmoid", "softmax"])
def test_clusters_are_activations_divided_by_their_sum(activation: str) -> None:
    network = VesselUNet(SMALL, cluster_activation=activation).eval()
    features = torch.randn(1, SMALL[0], 4, 4, 4)
    logits = network.clustering_head(features)
    positive = logits.exp() if activation == "softmax" else 1 / (1 + torch.exp(-logits))
    torch.testing.assert_close(network.clusters(features), positive / positive.sum(dim=1, keepdim=True))


@pytest.mark.parametrize("activation", ["sigmoid", "softmax"])
@pytest.mark.parametrize("bias", [-200.0, -60.0, 60.0, 200.0])
def test_saturated_clusters_have_finite_gradients(bias: float, activation: str) -> None:
    network = VesselUNet(SMALL, cluster_activation=activation).train()
    nn.init.constant_(network.clustering_head[-1].bias, bias)
    clusters = network.clusters(torch.randn(1, SMALL[0], 4, 4, 4))
    (clusters**2).sum().backward()
    assert clusters.isfinite().all() and clusters.max() <= 1
    assert all(parameter.grad.isfinite().all() for parameter in network.clustering_head.parameters())


@pytest.mark.parametrize(("activation", "escapes"), [("sigmoid", False), ("softmax", True)])
def test_a_saturated_background_cluster_traps_the_sigmoid_alone(activation: str, escapes: bool) -> None:
    network = VesselUNet(SMALL, cluster_activation=activation).eval()
    bias = network.clustering_head[-1].bias
    with torch.no_grad():
        bias.fill_(-20.0)
        bias[:2] = 20.0  # the vessel cluster and one other
    (-network.clusters(torch.zeros(1, SMALL[0], 4, 4, 4))[:, 0].log().mean()).backward()
    assert (bias.grad[1].item() > 0.4) == escapes
    assert escapes or bias.grad[1].abs() < 1e-6


@pytest.mark.parametrize("activation", ["sigmoid", "softmax"])
def test_under_bfloat16_autocast_clusters_are_single_precision(activation: str) -> None:
    network = VesselUNet(SMALL, cluster_activation=activation).eval()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        embedding, clusters = network(torch.randn(1, 1, 32, 32, 32))
    assert embedding.dtype == clusters.dtype == torch.float32
    torch.testing.assert_close(clusters.sum(dim=1), torch.ones(1, 32, 32, 32))


@pytest.mark.parametrize("activation", ["sigmoid", "softmax"])
@pytest.mark.parametrize("prior", [0.005, 0.02, 0.125, 0.2])
@pytest.mark.parametrize("num_clusters", [2, 8])
def test_vessel_prior_is_the_probability_at_zero_features(prior: float, num_clusters: int, activation: str) -> None:
    torch.manual_seed(0)
    network = VesselUNet(SMALL, num_clusters=num_clusters, vessel_prior=prior, cluster_activation=activation).eval()
    zeros = torch.zeros(1, SMALL[0], 4, 4, 4)
    nn.init.zeros_(network.clustering_head[-1].bias[1:])  # torch's random ones, which the prior counts as 0
    nn.init.zeros_(network.clustering_head[-1].weight)
    assert network.clusters(zeros)[:, 0].mean().item() == pytest.approx(prior, rel=1e-4)


@pytest.mark.parametrize("prior", [0.0, -0.1, 0.3, 0.9, 1.0, 2.0])
def test_vessel_prior_out_of_reach_of_a_sigmoid_raises(prior: float) -> None:
    # The largest share of one sigmoid among eight at 1/2 is 1 / (1 + 7 / 2) = 0.222.
    with pytest.raises(ValueError, match="vessel_prior"):
        VesselUNet(SMALL, vessel_prior=prior)


def test_unknown_activation_raises() -> None:
    with pytest.raises(ValueError, match="sigmoid or softmax, got tanh"):
        VesselUNet(SMALL, cluster_activation="tanh")
