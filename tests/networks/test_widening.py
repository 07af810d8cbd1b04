import pytest
import torch
from torch.nn import functional as F

from scripts.networks.vessel_unet import VesselUNet
from scripts.networks.widening import widen

NARROW, WIDE = (2, 3, 4, 5, 6), (3, 3, 9, 10, 13)


def trained() -> VesselUNet:
    """A network whose batch normalisation has seen something."""
    torch.manual_seed(0)
    network = VesselUNet(NARROW, head_channels=4)
    for _ in range(3):
        network(torch.randn(1, 1, 32, 32, 32))
    return network.eval()


def of_state(state: dict[str, torch.Tensor], channels: tuple[int, ...]) -> VesselUNet:
    network = VesselUNet(channels, head_channels=4)
    network.load_state_dict(state)
    return network


@pytest.mark.parametrize("channels", [WIDE, (2, 3, 4, 5, 20), (5, 3, 4, 5, 6), NARROW])
@pytest.mark.parametrize("seed", [0, 1])
def test_the_wider_network_computes_the_same(channels: tuple[int, ...], seed: int) -> None:
    narrow = trained()
    wide = of_state(widen(narrow.state_dict(), channels, seed), channels).eval()
    scan = torch.randn(1, 1, 32, 48, 32)
    with torch.no_grad():
        for old, new in zip(narrow(scan), wide(scan)):
            torch.testing.assert_close(new, old, atol=2e-5, rtol=1e-4)


def test_copies_part_in_training() -> None:
    wide = of_state(widen(trained().state_dict(), WIDE), WIDE).train()
    scan = torch.randn(2, 1, 32, 32, 32)
    target = (torch.rand(2, 32, 32, 32) > 0.9).float()
    optimizer = torch.optim.Adam(wide.parameters(), lr=1e-3)
    kernels = wide.encoder[4].conv1.weight
    start = kernels.detach().clone()
    for _ in range(3):
        loss = F.binary_cross_entropy(wide(scan)[1][:, 0].clamp(1e-6, 1 - 1e-6), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    moved = (kernels.detach() - start).flatten(1)
    apart = torch.cdist(moved, moved) + torch.eye(len(moved))
    assert apart.min() > 1e-3, "two channels took the same steps"


def test_what_is_not_wider_stays() -> None:
    narrow = trained().state_dict()
    wide = widen(narrow, WIDE)
    assert wide.keys() == narrow.keys()
    for name in ("encoder.1.norm1.running_mean", "embedding_head.3.weight", "clustering_head.3.bias"):
        assert torch.equal(wide[name], narrow[name])


@pytest.mark.parametrize("channels", [(1, 3, 9, 10, 13), (3, 3, 9, 10), (2, 3, 4, 5, 5)])
def test_narrower_or_other_shapes_are_refused(channels: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"none below \[2, 3, 4, 5, 6\]"):
        widen(trained().state_dict(), channels)
