import pytest
import torch
from torch import nn

from scripts.networks.shape_discriminator import ShapeDiscriminator


def modules(kind: type[nn.Module]) -> list[nn.Module]:
    return [module for module in ShapeDiscriminator() if isinstance(module, kind)]


def test_four_convolutions_of_the_paper() -> None:
    convolutions = modules(nn.Conv2d)
    assert [(c.in_channels, c.out_channels) for c in convolutions] == [(1, 16), (16, 32), (32, 32), (32, 32)]
    assert all(c.kernel_size == (3, 3) and c.stride == (1, 1) for c in convolutions)


def test_two_linear_layers_of_the_paper() -> None:
    assert [(layer.in_features, layer.out_features) for layer in modules(nn.Linear)] == [(32, 32), (32, 1)]


def test_order_of_the_layers() -> None:
    names = {nn.Conv2d: "c", nn.MaxPool2d: "p", nn.AdaptiveAvgPool2d: "a", nn.Linear: "l"}
    order = "".join(names.get(type(module), "") for module in ShapeDiscriminator())
    assert order == "cpcpccall"  # max-pooling after the first two convolutions, global average after the last
    assert all(module.kernel_size == 2 for module in modules(nn.MaxPool2d))
    assert isinstance(ShapeDiscriminator()[-1], nn.Linear)  # logits, no sigmoid


def test_every_hidden_layer_is_activated_and_the_activation_is_not_the_identity() -> None:
    activations = modules(nn.LeakyReLU)
    assert len(activations) == 5
    assert all(0 < activation.negative_slope < 1 for activation in activations)
    x = torch.rand(4, 1, 32, 32)
    torch.manual_seed(0)
    network = ShapeDiscriminator()
    answer = network(x)
    for activation in network:
        if isinstance(activation, nn.LeakyReLU):
            activation.negative_slope = 1.0
    assert not torch.allclose(network(x), answer)


def test_parameter_count() -> None:
    # 9 * 16 + 16, 9 * 16 * 32 + 32, twice 9 * 32 * 32 + 32, 32 * 32 + 32, 32 + 1
    expected = 160 + 4640 + 2 * 9248 + 1056 + 33
    assert sum(parameter.numel() for parameter in ShapeDiscriminator().parameters()) == expected == 24385


@pytest.mark.parametrize("shape", [(96, 96), (32, 32), (48, 64), (4, 4)])
def test_one_logit_per_image_of_any_size(shape: tuple[int, int]) -> None:
    assert ShapeDiscriminator()(torch.rand(3, 1, *shape)).shape == (3, 1)


def test_images_are_judged_one_by_one() -> None:
    network, x = ShapeDiscriminator(), torch.rand(5, 1, 32, 32)
    torch.testing.assert_close(network(x)[2:3], network(x[2:3]))
