"""A wider network that starts as the function of a narrower one (Chen, Goodfellow, Shlens, Net2Net, ICLR 2016)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

SPREAD = 0.5  # deviation of the shares with which two copies of a channel enter what follows
Copies = Tensor  # (O,) of every new channel, the old channel that it copies


def widen(state: dict[str, Tensor], channels: Sequence[int], seed: int = 0) -> dict[str, Tensor]:
    """The state dict of a `VesselUNet` with wider blocks, which computes what the given one computes.

    A new channel is a copy of an old one, with its batch normalisation. What follows takes the old channel's weight in
    shares of random size, also below 0, that add up to 1. So the copies get unlike gradients and part in training.

    Args:
        state: state dict of a `VesselUNet` or `VesselSegmenter`.
        channels: widths of the five encoder blocks, none below that of `state`. The heads stay as wide as they are.
        seed: of the copies and their shares.

    Returns:
        The new state dict, of the same names; tensors of unchanged shape are those of `state`.

    Raises:
        ValueError: not five widths, or one is smaller than that of `state`.

    Example:
        >>> from scripts.networks.vessel_unet import VesselSegmenter
        >>> narrow = VesselSegmenter((2, 2, 2, 2, 2)).eval()
        >>> wide = VesselSegmenter((2, 2, 3, 4, 5), head_channels=2).eval()
        >>> _ = wide.load_state_dict(widen(narrow.state_dict(), (2, 2, 3, 4, 5)))
        >>> scan = torch.rand(1, 1, 16, 16, 16)
        >>> torch.allclose(wide(scan), narrow(scan), atol=1e-6)
        True
    """
    old = [len(state[f"encoder.{level}.norm1.weight"]) for level in range(5)]
    if len(channels) != 5 or any(new < width for new, width in zip(channels, old)):
        raise ValueError(f"channels: five widths are needed, none below {old}; got {list(channels)}.")
    generator = torch.Generator().manual_seed(seed)
    wide = dict(state)

    def copies(level: int) -> Copies:
        more = torch.randint(old[level], (channels[level] - old[level],), generator=generator)
        return torch.cat([torch.arange(old[level]), more])

    def block(name: str, level: int, sources: Copies) -> Copies:
        middle, result = copies(level), copies(level)
        for part, (into, out_of) in {"1": (sources, middle), "2": (middle, result)}.items():
            key = f"{name}.conv{part}.weight"
            wide[key] = _share(state[key], into, generator)[out_of]
            for tensor in ("weight", "bias", "running_mean", "running_var"):
                norm = f"{name}.norm{part}.{tensor}"
                wide[norm] = state[norm][out_of]
        return result

    blocks: list[Copies] = []
    sources = torch.arange(1)
    for level in range(5):
        sources = block(f"encoder.{level}", level, sources)
        blocks.append(sources)
    for index, level in enumerate((3, 2, 1, 0)):
        joined = torch.cat([sources, old[level + 1] + blocks[level]])
        sources = block(f"decoder.{index}", level, joined)
    for name in ("embedding_head.0.weight", "clustering_head.0.weight"):
        wide[name] = _share(state[name], sources, generator)
    return wide


def _share(weight: Tensor, sources: Copies, generator: torch.Generator) -> Tensor:
    """Kernels (O, I, 3, 3, 3) of old input channels -> (O, J, 3, 3, 3), over the copies of these."""
    outputs, inputs = weight.shape[:2]
    count = torch.bincount(sources, minlength=inputs)  # (I,)
    noise = SPREAD * torch.randn((outputs, len(sources)), generator=generator)
    total = torch.zeros(outputs, inputs).index_add_(1, sources, noise)
    shares = (1 - total[:, sources]) / count[sources] + noise  # add up to 1 over the copies of an input
    return weight[:, sources] * shares[..., None, None, None]
