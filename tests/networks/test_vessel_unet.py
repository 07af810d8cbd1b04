import pytest
import torch
from torch import nn
from torch.nn import functional as F

from scripts.networks import vessel_unet
from scripts.networks.vessel_unet import VesselSegmenter, VesselUNet

SMALL = (4, 5, 6, 7, 8)


@pytest.mark.parametrize("shape", [(32, 32, 32), (32, 48, 64)])
@pytest.mark.parametrize(("embedding_dim", "num_clusters"), [(16, 8), (3, 2)])
def test_outputs(shape: tuple[int, int, int], embedding_dim: int, num_clusters: int) -> None:
    torch.manual_seed(0)
    network = VesselUNet(SMALL, embedding_dim, num_clusters).eval()
    with torch.no_grad():
        embedding, clusters = network(torch.rand(2, 1, *shape))
    assert embedding.shape == (2, embedding_dim, *shape)
    assert clusters.shape == (2, num_clusters, *shape)
    torch.testing.assert_close(embedding.norm(dim=1), torch.ones(2, *shape))
    torch.testing.assert_close(clusters.sum(dim=1), torch.ones(2, *shape))
    assert clusters.min() >= 0


def test_layers_of_the_backbone() -> None:
    network = VesselUNet((2, 3, 4, 5, 6), embedding_dim=7, num_clusters=8)
    widths = [(block.conv1.in_channels, block.conv1.out_channels) for block in network.encoder]
    assert widths == [(1, 2), (2, 3), (3, 4), (4, 5), (5, 6)]
    # A decoder block sees the up-sampled features beside those of the skip connection.
    widths = [(block.conv1.in_channels, block.conv1.out_channels) for block in network.decoder]
    assert widths == [(6 + 5, 5), (5 + 4, 4), (4 + 3, 3), (3 + 2, 2)]
    # Heads of two convolutions.
    heads = {"embedding": network.embedding_head, "clustering": network.clustering_head}
    layers = {name: [module for module in head if isinstance(module, nn.Conv3d)] for name, head in heads.items()}
    shapes = {name: [(c.out_channels, c.kernel_size[0]) for c in convs] for name, convs in layers.items()}
    assert shapes == {"embedding": [(2, 3), (7, 1)], "clustering": [(2, 3), (8, 3)]}


def test_backbone_and_its_gradient_match_a_textbook_u_net() -> None:
    torch.manual_seed(0)
    network = VesselUNet(SMALL).eval()
    x = torch.rand(1, 1, 32, 32, 48, requires_grad=True)
    e1 = network.encoder[0](x)
    e2 = network.encoder[1](nn.MaxPool3d(2)(e1))
    e3 = network.encoder[2](nn.MaxPool3d(2)(e2))
    e4 = network.encoder[3](nn.MaxPool3d(2)(e3))
    y = network.encoder[4](nn.MaxPool3d(2)(e4))
    for block, skip in zip(network.decoder, (e4, e3, e2, e1)):
        y = block(torch.cat([nn.Upsample(scale_factor=2)(y), skip], dim=1))
    features = network.features(x)
    assert features.shape == (1, SMALL[0], 32, 32, 48)
    torch.testing.assert_close(features, y)
    gradients = [torch.autograd.grad(output.square().sum(), x)[0] for output in (features, y)]
    torch.testing.assert_close(*gradients)


def test_every_parameter_learns() -> None:
    torch.manual_seed(0)
    network = VesselUNet(SMALL).train()
    embedding, clusters = network(torch.rand(2, 1, 32, 32, 32))
    ((embedding * torch.randn_like(embedding)).mean() + (clusters * torch.randn_like(clusters)).mean()).backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None and parameter.grad.isfinite().all() and parameter.grad.any(), name


def test_training_under_bfloat16_autocast_is_finite() -> None:
    torch.manual_seed(0)
    network = VesselUNet(SMALL).train()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        embedding, clusters = network(torch.rand(2, 1, 32, 32, 32))
    ((embedding.float() ** 3).sum() + (clusters.float() ** 2).sum()).backward()
    assert all(parameter.grad.isfinite().all() for parameter in network.parameters())
    torch.testing.assert_close(clusters.float().sum(dim=1), torch.ones(2, 32, 32, 32), rtol=0.02, atol=0.02)
    torch.testing.assert_close(embedding.float().norm(dim=1), torch.ones(2, 32, 32, 32), rtol=0.02, atol=0.02)


def test_segmenter_is_the_vessel_cluster_of_the_training_network() -> None:
    torch.manual_seed(0)
    network = VesselUNet(SMALL).train()
    with torch.no_grad():
        network(torch.rand(4, 1, 32, 32, 32))  # moves the running statistics
    segmenter = VesselSegmenter(SMALL)
    segmenter.load_state_dict(network.state_dict(), strict=True)
    x = torch.rand(1, 1, 32, 48, 32)
    with torch.no_grad():
        assert torch.equal(segmenter.eval()(x), network.eval()(x)[1][:, :1])
    VesselUNet(SMALL).load_state_dict(segmenter.state_dict(), strict=True)


@pytest.mark.parametrize("shape", [(32, 32, 32), (48, 32, 64)])
def test_torchscript_equals_eager(shape: tuple[int, int, int]) -> None:
    torch.manual_seed(0)
    segmenter = VesselSegmenter(SMALL).eval()
    scripted = torch.jit.script(segmenter)
    x = torch.rand(2, 1, *shape)
    with torch.no_grad():
        torch.testing.assert_close(scripted(x), segmenter(x), rtol=0, atol=1e-4)


def test_without_vessel_prior_the_clusters_start_alike() -> None:
    torch.manual_seed(0)
    clusters = VesselUNet(SMALL).eval().clusters(torch.zeros(1, SMALL[0], 4, 4, 4))
    assert clusters.min() > 0.08 and clusters.max() < 0.18  # 1 / 8 each, apart from random biases


@pytest.mark.parametrize("channels", [(8, 16, 32, 64), (8, 16, 32, 64, 128, 256), ()])
def test_other_than_five_widths_raise(channels: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="five"):
        VesselUNet(channels)


@pytest.mark.parametrize(
    ("channels", "count"),
    [((8, 16, 32, 64, 128), 1_477_584), ((8, 16, 64, 128, 256), 5_736_656), ((16, 32, 64, 128, 256), 5_903_112)],
)
def test_parameter_counts_that_the_documentation_states(channels: tuple[int, ...], count: int) -> None:
    assert sum(parameter.numel() for parameter in VesselUNet(channels).parameters()) == count


def test_receptive_field_that_the_documentation_states(monkeypatch: pytest.MonkeyPatch) -> None:
    # Positive weights and average- in place of max-pooling let no path vanish; one long side is enough.
    monkeypatch.setattr(vessel_unet.F, "max_pool3d", F.avg_pool3d)
    network = VesselUNet((1, 1, 1, 1, 1), embedding_dim=1, num_clusters=1, oriented=False).eval().double()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.fill_(1 / 27)
    x = torch.ones(1, 1, 512, 16, 16, dtype=torch.float64, requires_grad=True)
    logits = network.clustering_head(network.features(x))  # (1, 1, 512, 16, 16)
    spans = []
    for voxel in range(248, 264):  # all the places a voxel can have in a 16^3 cell of the deepest level
        (gradient,) = torch.autograd.grad(logits[0, 0, voxel, 8, 8], x, retain_graph=True)
        reached = gradient[0, 0].sum(dim=(1, 2)).nonzero()  # voxels along the long side
        spans.append(int(reached.max() - reached.min()) + 1)
    assert set(spans) == {204}


@pytest.mark.parametrize(("head_channels", "rank"), [(None, 4), (6, 6), (9, 9)])
def test_embeddings_have_no_more_rank_than_their_head_is_wide(head_channels: int | None, rank: int) -> None:
    network = VesselUNet(SMALL, embedding_dim=9, head_channels=head_channels)
    last = network.embedding_head[-1].weight.flatten(1)  # (K, width)
    assert torch.linalg.matrix_rank(last) == rank
    assert network.clustering_head[-1].in_channels == rank
