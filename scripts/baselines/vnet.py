"""V-Net of any width, from MONAI's blocks."""

from collections.abc import Sequence

from monai.networks.nets.vnet import DownTransition, InputTransition, OutputTransition, UpTransition
from torch import Tensor, nn

from ..io.user_error import BadInput
from .depth_padding import with_padded_depth

DROPOUT = 0.5  # MONAI's, before the deep levels and on the skip connections


class VNet(nn.Module):
    """MONAI's V-Net with other widths: MONAI's always begins with 16 channels.

    Args:
        channels: widths of the five levels, each twice the one before; MONAI's are 16, 32, 64, 128, 256.

    Raises:
        ValueError: the widths are others.

    Source: Milletari et al., V-Net, 3DV 2016.
    """

    def __init__(self, channels: Sequence[int] = (8, 16, 32, 64, 128)) -> None:
        super().__init__()
        if len(channels) != 5 or any(deep != 2 * shallow for shallow, deep in zip(channels[:-1], channels[1:])):
            raise BadInput(f"channels: V-Net has five levels, each twice as wide as the one before, got {channels}.")
        act = ("elu", {"inplace": True})
        w0, w1, w2, w3, w4 = channels
        self.input = InputTransition(3, 1, w0, act)
        self.down = nn.ModuleList(
            [
                DownTransition(3, w0, 1, act),
                DownTransition(3, w1, 2, act),
                DownTransition(3, w2, 3, act, dropout_prob=DROPOUT),
                DownTransition(3, w3, 2, act, dropout_prob=DROPOUT),
            ]
        )
        self.up = nn.ModuleList(
            [
                UpTransition(3, w4, w4, 2, act, dropout_prob=(DROPOUT, DROPOUT)),
                UpTransition(3, w4, w3, 2, act, dropout_prob=(DROPOUT, DROPOUT)),
                UpTransition(3, w3, w2, 1, act, dropout_prob=(None, DROPOUT)),
                UpTransition(3, w2, w1, 1, act, dropout_prob=(None, DROPOUT)),
            ]
        )
        self.output = OutputTransition(3, w1, 1, act)
        with_padded_depth(self)

    def forward(self, x: Tensor) -> Tensor:
        """Scan (B, 1, D, H, W), sides multiples of 16 -> logits of vessel (B, 1, D, H, W)."""
        x = self.input(x)
        skips: list[Tensor] = []
        for block in self.down:
            skips.append(x)
            x = block(x)
        for level, block in enumerate(self.up):
            x = block(x, skips[3 - level])
        return self.output(x)
