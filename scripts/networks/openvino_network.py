"""A network compiled by OpenVINO, which is faster than torch at small 3D convolutions on a processor."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import nullcontext, suppress
from copy import deepcopy
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from .vector_width import fitting_vectors

EXAMPLE = 32  # voxels a side, for tracing; the shape of windows is free

# of each network the last one compiled, for which settings, and the copy of the network that it may read in place: the
# next scan, or the same one rotated, takes it
_compiled: WeakKeyDictionary[nn.Module, tuple[Any, Any, nn.Module]] = WeakKeyDictionary()


class OpenVinoNetwork:
    """A network of one image (B, C, D, H, W) to one tensor, in evaluation, on the processor.

    It has the network's present weights. In float32 its results agree with torch's to about 1e-6. The precision is
    always given: by itself OpenVINO would choose bfloat16 where the processor has it. It uses as many threads as torch.
    Its telemetry is disabled.

    Args:
        network: a module that torch can trace.
        window: sides of the images, voxels.
        bfloat16: compute in bfloat16 instead of float32; not where the process has limited its vectors to 256 bits
            for an earlier network in float32 (`fitting_vectors`).

    Raises:
        RuntimeError: OpenVINO is not installed.
    """

    def __init__(self, network: nn.Module, window: tuple[int, ...], bfloat16: bool = False) -> None:
        wanted = (window, bfloat16, torch.get_num_threads())
        compiled, settings, own = _compiled.get(network, (None, None, network))
        if settings != wanted or not _same_weights(own, network):
            own = deepcopy(network)  # the caller's may move its weights, to memory that processes share for instance
            compiled = _compile(own, window, bfloat16)
            _compiled[network] = (compiled, wanted, own)
        self.compiled = compiled
        self.request = compiled.create_infer_request()  # of its own: several threads may use one network

    def __call__(self, images: Tensor) -> Tensor:
        """(B, 1, D, H, W) float32 -> float32."""
        return torch.from_numpy(self.request.infer([images.contiguous().numpy()], share_inputs=True)[0])

    def __del__(self) -> None:
        """Let go of the features of a window, 0.2 GB, which would stay with the compiled network."""
        if hasattr(self, "request"):
            del self.request
            with suppress(RuntimeError):  # another thread computes with it
                self.compiled.release_memory()


def _same_weights(one: nn.Module, other: nn.Module) -> bool:
    ours, theirs = one.state_dict(), other.state_dict()
    return ours.keys() == theirs.keys() and all(torch.equal(ours[name], theirs[name]) for name in ours)


def _compile(network: nn.Module, window: tuple[int, ...], bfloat16: bool) -> Any:
    # without this package OpenVINO cannot send its telemetry
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    try:  # here and not above: it is an extra, and imports half of tensorboard
        import openvino
        from openvino.frontend import FrontEndManager
        from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder
    except ImportError as error:
        raise RuntimeError(
            "runtime openvino needs OpenVINO: pip install openvino==2026.4.1, or runtime torch."
        ) from error
    # step by step: `openvino.convert_model` starts processes of its own, which inference must not
    frontend = FrontEndManager().load_by_framework("pytorch")
    with torch.no_grad():
        decoder = TorchScriptPythonDecoder(
            network.eval(),
            example_input=torch.zeros(1, 1, EXAMPLE, EXAMPLE, EXAMPLE),
            trace_kwargs={"check_trace": False},  # which would trace it a second time
        )
        loaded = frontend.load(decoder)
        model = frontend.convert(loaded)  # decoder must live until here
    model.reshape([-1, 1, *window])
    return _core(openvino.Core).compile(model, bfloat16)


class _Core:
    """OpenVINO's core, which knows whether it may still compute in bfloat16."""

    def __init__(self, core: Any) -> None:
        self.core, self.limited = core, False

    def compile(self, model: Any, bfloat16: bool) -> Any:
        reduced = bfloat16 and not self.limited
        settings = {
            "INFERENCE_PRECISION_HINT": "bf16" if reduced else "f32",
            "INFERENCE_NUM_THREADS": torch.get_num_threads(),
            "ENABLE_CPU_PINNING": False,  # several processes may share the machine
        }
        with nullcontext(False) if reduced else fitting_vectors() as limited:
            compiled = self.core.compile_model(model, "CPU", settings)
        self.limited = self.limited or limited
        return compiled


@cache
def _core(make: Callable[[], Any]) -> _Core:
    """One for the life of the process.

    A core replaces the stack on which this thread handles signals, and puts back the one that it found when it goes. Of
    two cores the second may put back that of the first, which is gone: the next Ctrl-C is a segmentation fault.
    """
    return _Core(make())
