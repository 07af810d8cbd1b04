"""The gradients of a loss, with the assurance that they and the loss are finite."""

from collections.abc import Callable

import torch
from torch import Tensor


def loss_and_gradients(
    loss: Callable[..., Tensor], *inputs: Tensor, bfloat16: bool = False
) -> tuple[Tensor, list[Tensor]]:
    """Value of `loss(*inputs)` and its gradient at every input, taken under bfloat16 autocast if asked for."""
    leaves = [x.clone().requires_grad_() for x in inputs]
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bfloat16):
        arguments = [leaf.bfloat16() for leaf in leaves] if bfloat16 else leaves
        value = loss(*arguments)
    assert value.ndim == 0
    assert value.dtype == torch.float32, "a loss is summed in single precision"
    assert value.isfinite()
    gradients = torch.autograd.grad(value, leaves, allow_unused=True)
    gradients = [torch.zeros_like(x) if g is None else g for g, x in zip(gradients, inputs)]
    assert all(gradient.isfinite().all() for gradient in gradients)
    return value.detach(), gradients
