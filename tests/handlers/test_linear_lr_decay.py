import pytest
import torch
from ignite.engine import Engine, Events

from scripts.handlers.linear_lr_decay import LinearLrDecay


def rates(first_epochs: int) -> list[list[float]]:
    """Rates of two groups in a training of 2 epochs of 3 iterations, resumed after `first_epochs`."""
    parameters = [torch.nn.Parameter(torch.zeros(1)) for _ in range(2)]
    seen: list[list[float]] = []
    state = None
    for stop in sorted({first_epochs, 2}):
        optimizer = torch.optim.Adam([{"params": [parameters[0]]}, {"params": [parameters[1]], "lr": 0.6}], lr=6.0)
        engine = Engine(lambda engine, item, of=optimizer: seen.append([group["lr"] for group in of.param_groups]))
        LinearLrDecay(optimizer).attach(engine)
        engine.add_event_handler(Events.EPOCH_COMPLETED(once=stop), engine.terminate)
        if state is not None:
            engine.load_state_dict(state)
        engine.run(range(3), max_epochs=2, epoch_length=3)
        state = {"iteration": 3 * stop, "max_epochs": 2, "epoch_length": 3}
    return seen


@pytest.mark.parametrize("first_epochs", [1, 2])
def test_every_group_falls_in_a_line_to_0_also_when_resumed(first_epochs: int) -> None:
    expected = [[6.0 - i, 0.6 - i / 10] for i in range(6)]
    torch.testing.assert_close(torch.tensor(rates(first_epochs)), torch.tensor(expected))
