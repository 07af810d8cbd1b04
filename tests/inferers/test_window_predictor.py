import copy
import gc
import os
import signal
import sys

import pytest
import torch

from scripts.benchmark.apart import Meter, measure_apart
from scripts.inferers import window_predictor as window_predictor_module
from scripts.inferers.window_predictor import window_predictor
from scripts.networks import openvino_network
from scripts.networks.reduced_precision import has_reduced_precision
from scripts.networks.vector_width import fitting_vectors
from scripts.networks.vessel_unet import VesselSegmenter

CPU = torch.device("cpu")
SIDES = (32, 32, 48)


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    network = VesselSegmenter(channels=[8, 8, 16, 16, 16], cluster_activation="softmax").eval()
    with torch.no_grad():
        network(torch.rand(1, 1, 32, 32, 32))
    return network


@pytest.fixture(scope="module")
def windows():
    return torch.rand(2, 1, *SIDES, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("runtime", ["torch", "openvino"])
def test_float32_equals_the_network(runtime, network, windows):
    if runtime == "openvino":
        pytest.importorskip("openvino")
    with torch.no_grad():
        expected = network(windows)
        result = window_predictor(network, SIDES, CPU, runtime=runtime)(windows)
    torch.testing.assert_close(result, expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("runtime", ["torch", "openvino"])
def test_reduced_precision_is_near_the_network_and_not_equal(runtime, network, windows):
    if runtime == "openvino":
        pytest.importorskip("openvino")
    if not has_reduced_precision(CPU):
        pytest.skip("this processor has no instructions for bfloat16")
    with torch.no_grad():
        expected = network(windows)
    # apart, since this process may have limited its vectors; network and windows move into shared memory by it
    result = measure_apart(_predict, network, windows, runtime)
    assert result.dtype == torch.float32
    torch.testing.assert_close(result, expected, atol=0.05, rtol=0)
    assert not torch.allclose(result, expected, atol=1e-5, rtol=0)


def test_ctrl_c_reaches_a_process_whose_openvino_networks_are_gone(network):
    pytest.importorskip("openvino")
    assert measure_apart(_signals_after_two_networks, network) == [signal.SIGINT]  # a crash would break the process


def _signals_after_two_networks(network):
    """The second network is compiled while the first one is there, and outlives it."""
    received = []
    signal.signal(signal.SIGINT, lambda number, frame: received.append(number))
    for one in [copy.deepcopy(network) for _ in range(2)]:
        window_predictor(one, SIDES, CPU, runtime="openvino")
    del one
    gc.collect()
    os.kill(os.getpid(), signal.SIGINT)
    return received


def test_openvino_falls_back_to_float32_where_vectors_were_limited(network, windows):
    pytest.importorskip("openvino")
    with torch.no_grad():
        first = window_predictor(network, SIDES, CPU, "float32", "openvino")(windows)
        second = window_predictor(network, SIDES, CPU, "auto", "openvino")(windows)
    with fitting_vectors() as limited:
        assert torch.allclose(first, second, atol=1e-5, rtol=0) == (limited or not has_reduced_precision(CPU))


def test_openvino_gives_back_the_memory_of_a_window(network):
    pytest.importorskip("openvino")
    computed, afterwards = measure_apart(_memory_with_and_without_predictor, network)
    assert afterwards < computed - 100  # MiB, of about 190


def _memory_with_and_without_predictor(network):
    predict = window_predictor(network, (128, 128, 128), CPU, runtime="openvino")
    predict(torch.rand(1, 1, 128, 128, 128))
    with Meter() as computed:
        del predict
    with Meter() as afterwards:
        pass
    return computed.cost.loaded, afterwards.cost.loaded


def _predict(network, windows, runtime):
    with torch.no_grad():
        return window_predictor(network, SIDES, CPU, "auto", runtime)(windows)


@pytest.mark.parametrize("capable", [False, True])
def test_auto_asks_the_processor(capable, monkeypatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": capable, "avx2": True})
    linear = torch.nn.Linear(3, 3)
    result = window_predictor(linear, (1, 1, 3), CPU, "auto")(torch.rand(1, 1, 1, 1, 3))
    assert result.dtype == (torch.bfloat16 if capable else torch.float32)


def test_kernels_are_channels_last_and_the_same(network):
    before = {name: weight.clone() for name, weight in network.state_dict().items()}
    window_predictor(network, SIDES, CPU)
    kernel = network.encoder[1].conv1.weight
    assert kernel.is_contiguous(memory_format=torch.channels_last_3d)
    assert all(torch.equal(weight, before[name]) for name, weight in network.state_dict().items())


def test_openvino_is_for_processors(network):
    with pytest.raises(ValueError, match="runtime openvino computes on the processor"):
        window_predictor(network, SIDES, torch.device("meta"), runtime="openvino")


@pytest.mark.parametrize("installed", [False, True])
def test_auto_takes_openvino_where_it_is_installed(installed, network, monkeypatch):
    monkeypatch.setattr(window_predictor_module, "OpenVinoNetwork", lambda *args, **kwargs: "OpenVINO")
    monkeypatch.setattr(window_predictor_module, "find_spec", lambda name: object() if installed else None)
    chosen = window_predictor(network, SIDES, CPU, runtime="auto")
    assert (chosen == "OpenVINO") == installed
    assert window_predictor(network, SIDES, torch.device("meta"), runtime="auto") != "OpenVINO"
    assert window_predictor(lambda images: images, SIDES, CPU, runtime="auto") != "OpenVINO"


def test_openvino_compiles_a_network_once_for_its_present_weights(network, windows, monkeypatch):
    pytest.importorskip("openvino")
    compiled = []
    compile_network = openvino_network._compile
    monkeypatch.setattr(openvino_network, "_compile", lambda *given: compiled.append(given) or compile_network(*given))
    network = copy.deepcopy(network)

    def results():
        with torch.no_grad():
            return window_predictor(network, SIDES, CPU, runtime="openvino")(windows), network(windows)

    torch.testing.assert_close(*results(), atol=1e-5, rtol=0)
    torch.testing.assert_close(*results(), atol=1e-5, rtol=0)
    assert len(compiled) == 1
    network.clustering_head[-1].bias.data += 1  # which torch does not count as a change
    torch.testing.assert_close(*results(), atol=1e-5, rtol=0)
    assert len(compiled) == 2
    window_predictor(network, (32, 32, 32), CPU, runtime="openvino")
    window_predictor(network, (32, 32, 32), CPU, "auto", runtime="openvino")
    assert len(compiled) == 3 + has_reduced_precision(CPU)


def test_openvino_absent_is_told(network, monkeypatch):
    network = copy.deepcopy(network)  # one that has not been compiled
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(RuntimeError, match="pip install openvino"):
        window_predictor(network, SIDES, CPU, runtime="openvino")


@pytest.mark.parametrize("unknown", [{"precision": "bfloat17"}, {"runtime": "tensorflow"}])
def test_unknown_settings_are_refused(unknown, network):
    with pytest.raises(ValueError, match="precision is one of"):
        window_predictor(network, SIDES, CPU, **unknown)
