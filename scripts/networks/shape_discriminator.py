"""The 2D discriminator that tells reference masks from projections of the vessel cluster (paper IV-B-1)."""

from __future__ import annotations

from torch import nn

LEAKY_SLOPE = 0.2


class ShapeDiscriminator(nn.Sequential):
    """Four 3x3 convolutions (16, 32, 32, 32), max-pooling after the first two, global average, two linear layers.

    Every hidden layer is followed by a leaky ReLU of slope 0.2. `forward`: images in [0, 1] (B, 1, H, W) -> logits
    (B, 1), positive for "a 2D vessel mask"; the sigmoid of the paper is in the loss.
    """

    def __init__(self) -> None:
        layers: list[nn.Module] = []
        widths = (1, 16, 32, 32, 32)
        for index, (inputs, outputs) in enumerate(zip(widths[:-1], widths[1:])):
            layers += [nn.Conv2d(inputs, outputs, kernel_size=3, padding=1), nn.LeakyReLU(LEAKY_SLOPE)]
            if index < 2:
                layers.append(nn.MaxPool2d(2))
        layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 32), nn.LeakyReLU(LEAKY_SLOPE)]
        super().__init__(*layers, nn.Linear(32, 1))
