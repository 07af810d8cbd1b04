"""Features that are computed again give the loss, gradients and statistics of those that are kept."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from scripts.engines.frozen_statistics import freeze_statistics
from scripts.networks.recomputed import recomputed
from scripts.networks.vessel_unet import VesselSegmenter, VesselUNet

CHANNELS = [3, 4, 4, 5, 5]


def network(checkpointing: bool, **settings: Any) -> VesselUNet:
    torch.manual_seed(0)
    return VesselUNet(CHANNELS, num_clusters=4, checkpointing=checkpointing, **settings).train()


def two_passes(unet: VesselUNet) -> list[Tensor]:
    """Both losses, the sum of their gradients, and the buffers after both."""
    torch.manual_seed(1)
    losses = []
    for _ in range(2):
        embeddings, clusters = unet(torch.rand(2, 1, 32, 16, 16))
        loss = (embeddings * torch.rand_like(embeddings)).mean() + clusters[:, 0].square().mean()
        loss.backward()
        losses.append(loss.detach())
    return [*losses, *[parameter.grad for parameter in unet.parameters()], *unet.buffers()]


@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
@pytest.mark.parametrize("amp", [False, True])
def test_losses_gradients_and_statistics_are_the_same(activation: str, amp: bool) -> None:
    with torch.autocast("cpu", enabled=amp):
        kept, again = (two_passes(network(on, cluster_activation=activation)) for on in (False, True))
    torch.testing.assert_close(again, kept, rtol=0, atol=0)


def test_statistics_that_are_frozen_stay() -> None:
    kept, again = network(False), network(True)
    start = [buffer.clone() for buffer in again.buffers()]
    for unet in (kept, again):
        freeze_statistics(unet)
    torch.testing.assert_close(two_passes(again), two_passes(kept), rtol=0, atol=0)
    torch.testing.assert_close(list(again.buffers()), start, rtol=0, atol=0)


@pytest.mark.parametrize("momentum", [0.1, None])
def test_statistics_move_once(momentum: float | None) -> None:
    norm = nn.BatchNorm3d(2, momentum=momentum)
    buffers = dict(norm.named_buffers())
    recomputed(norm, norm, torch.rand(2, 2, 4, 4, 4)).square().sum().backward()
    assert norm.num_batches_tracked == 1
    assert all(buffer is buffers[name] for name, buffer in norm.named_buffers())  # whoever holds them sees them move


def test_weights_are_exchanged_with_a_network_that_keeps_its_features() -> None:
    kept, again = VesselSegmenter(CHANNELS), VesselSegmenter(CHANNELS, checkpointing=True)
    kept.load_state_dict(again.state_dict())
    again.load_state_dict(kept.state_dict())
    x = torch.rand(1, 1, 16, 16, 16)
    with torch.no_grad():
        torch.testing.assert_close(again.eval()(x), kept.eval()(x), rtol=0, atol=0)
