import pytest
import torch
from ignite.engine import Engine, Events
from torch import nn
from torch.optim.swa_utils import AveragedModel

from scripts.handlers.ema import MovingAverage, PaperSchedule, ema_model
from scripts.networks.vessel_unet import VesselSegmenter, VesselUNet

SMALL = (2, 2, 2, 2, 2)


def tiny_network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 1))


def shake(network: nn.Module, seed: int) -> None:
    """As one training step would: move every parameter and every running statistic."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for tensor in [*network.parameters(), *(b for b in network.buffers() if b.is_floating_point())]:
            tensor.add_(torch.rand(tensor.shape, generator=generator))


def floats(network: nn.Module) -> dict[str, list[float]]:
    state = {name: tensor for name, tensor in network.state_dict().items() if tensor.is_floating_point()}
    return {name: tensor.flatten().double().tolist() for name, tensor in state.items()}


@pytest.mark.parametrize(
    ("iteration", "length", "alpha"),
    [(0, 200, 0.0), (1, 200, 1 / 201), (200, 200, 0.5), (600, 200, 0.75), (8000, 200, 40 / 41), (1, 1, 0.5)],
)
def test_alpha(iteration: int, length: int, alpha: float) -> None:
    assert PaperSchedule(length).alpha(iteration) == pytest.approx(alpha)  # 1 - 1 / (i / I + 1) = i / (i + I)


def test_alpha_grows_towards_one() -> None:
    alphas = [PaperSchedule(10).alpha(iteration) for iteration in range(1000)]
    assert alphas == sorted(alphas) and 0.98 < alphas[-1] < 1


@pytest.mark.parametrize("length", [1, 5, 200])
def test_twenty_steps_match_the_slow_reference(length: int) -> None:
    network = tiny_network()
    ema = ema_model(tiny_network(), PaperSchedule(length))
    handler = MovingAverage(network, ema)
    trainer = Engine(lambda engine, batch: shake(network, engine.state.iteration))
    handler.attach(trainer)

    expected = floats(network)  # theta*_0 = theta_0

    @trainer.on(Events.ITERATION_COMPLETED)
    def average(engine: Engine) -> None:
        alpha = 1 - 1 / (engine.state.iteration / length + 1)
        for name, current in floats(network).items():
            expected[name] = [alpha * old + (1 - alpha) * new for old, new in zip(expected[name], current)]

    trainer.run(range(10), max_epochs=2)
    averaged = floats(ema.module)
    assert averaged.keys() == expected.keys() >= {"1.running_mean", "1.running_var"}  # buffers too
    for name in expected:
        assert averaged[name] == pytest.approx(expected[name], rel=1e-4), name


def test_the_start_copies_a_network_that_differs() -> None:
    network, ema = tiny_network(), ema_model(tiny_network(), PaperSchedule(5))
    shake(network, 0)
    MovingAverage(network, ema).start(None)
    assert floats(ema.module) == floats(network)
    assert ema.n_averaged == 1


def test_a_resumed_average_is_left_alone() -> None:
    network, ema = tiny_network(), ema_model(tiny_network(), PaperSchedule(5))
    handler = MovingAverage(network, ema)
    handler.start(None)
    shake(network, 0)
    handler.update(None)
    resumed = ema_model(tiny_network(), PaperSchedule(5))
    resumed.load_state_dict(ema.state_dict())
    before = floats(resumed.module)
    MovingAverage(network, resumed).start(None)
    assert floats(resumed.module) == before == floats(ema.module)
    assert resumed.n_averaged == 2  # so the schedule goes on at i = 2


def test_average_of_a_network_inside_a_wrapper() -> None:
    network, ema = nn.Module(), ema_model(tiny_network(), PaperSchedule(5))
    network.module = tiny_network()  # as DistributedDataParallel holds it
    shake(network.module, 0)
    MovingAverage(network, ema).start(None)
    assert floats(ema.module) == floats(network.module)


def averaged_segmenter() -> tuple[VesselUNet, AveragedModel]:
    """A training network after three iterations, and its average."""
    torch.manual_seed(0)
    network, ema = VesselUNet(SMALL), ema_model(VesselSegmenter(SMALL), PaperSchedule(2))
    handler = MovingAverage(network, ema)
    handler.start(None)
    for seed in range(3):
        shake(network, seed)
        handler.update(None)
    return network, ema


def test_state_dict_of_the_average_loads_strictly_into_the_segmenter() -> None:
    network, ema = averaged_segmenter()
    segmenter = VesselSegmenter(SMALL).eval()
    segmenter.load_state_dict(ema.module.state_dict(), strict=True)
    x = torch.rand(1, 1, 32, 32, 32)
    with torch.no_grad():
        assert torch.equal(segmenter(x), ema(x))
    assert not any(torch.equal(p, q) for p, q in zip(network.parameters(), ema.module.parameters()))


def test_the_average_is_not_trained() -> None:
    network, ema = averaged_segmenter()
    assert not ema.training and not any(module.training for module in ema.modules())
    assert not any(parameter.requires_grad for parameter in ema.parameters())
    assert all(parameter.requires_grad for parameter in network.parameters())
    before = floats(ema.module)
    ema(torch.rand(2, 1, 32, 32, 32))
    assert floats(ema.module) == before  # a forward pass moves no running statistic
