"""A number that is not finite stops the training before it reaches the weights, and its source is named."""

from __future__ import annotations

import pytest

from tests.engines.vessel_blocks import pretrainer


@pytest.mark.parametrize("amp", [False, True])
def test_a_finite_loss_of_broken_gradient_is_named_before_the_step(amp):
    trainer = pretrainer(3, amp=amp)
    terms_of = trainer.loss_terms

    def with_root_of_zero(batch, output):
        nothing = (output["embedding"] * 0).sum()
        return {**terms_of(batch, output), "root": nothing.sqrt() if trainer.state.iteration == 2 else nothing}

    trainer.loss_terms = with_root_of_zero
    with pytest.raises(FloatingPointError, match=r"^the gradient of root is not finite at iteration 2\.$"):
        trainer.run()
    assert all(parameter.isfinite().all() for parameter in trainer.network.parameters())
