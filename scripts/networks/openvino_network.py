"""A network compiled by OpenVINO, which is faster than torch at small 3D convolutions on a processor."""

from __future__ import annotations

import sys

import torch
from torch import Tensor, nn

EXAMPLE = 32  # voxels a side, for tracing; the shape of windows is free


class OpenVinoNetwork:
    """A network of one image (B, C, D, H, W) to one tensor, in evaluation, on the processor.

    It copies the network's present weights. In float32 its results agree with torch's to about 1e-6. The precision is
    always given: by itself OpenVINO would choose bfloat16 where the processor has it. It uses as many threads as torch.
    Its telemetry is disabled.

    Args:
        network: a module that torch can trace.
        window: sides of the images, voxels.
        bfloat16: compute in bfloat16 instead of float32.

    Raises:
        RuntimeError: OpenVINO is not installed.
    """

    def __init__(self, network: nn.Module, window: tuple[int, ...], bfloat16: bool = False) -> None:
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
                network.eval(), example_input=torch.zeros(1, 1, EXAMPLE, EXAMPLE, EXAMPLE)
            )
            loaded = frontend.load(decoder)
            model = frontend.convert(loaded)  # decoder must live until here
        model.reshape([-1, 1, *window])
        settings = {
            "INFERENCE_PRECISION_HINT": "bf16" if bfloat16 else "f32",
            "INFERENCE_NUM_THREADS": torch.get_num_threads(),
            "ENABLE_CPU_PINNING": False,  # several processes may share the machine
        }
        self.compiled = openvino.Core().compile_model(model, "CPU", settings)

    def __call__(self, images: Tensor) -> Tensor:
        """(B, 1, D, H, W) float32 -> float32."""
        return torch.from_numpy(self.compiled(images.contiguous().numpy())[0])
