"""The steps of the Zoo's ci/verify_bundle.py, and the bundle's unit test, in the Zoo's root folder.

A process of its own runs it: the bundle's package `scripts` is that of the submission there.
"""

from __future__ import annotations

import json
import sys
import unittest
from pathlib import Path

import torch
from monai.bundle import ckpt_export, verify_metadata, verify_net_in_out

BUNDLE = Path("models/vessel_sld_segmentation")
# what MONAI's schema asks for; its own cannot be downloaded everywhere, and a file that is there is not
TENSOR = ["type", "format", "num_channels", "spatial_shape", "dtype", "value_range"]
TENSORS = {"type": "object", "minProperties": 1, "additionalProperties": {"type": "object", "required": TENSOR}}
FORMAT = {"required": ["inputs", "outputs"], "properties": {"inputs": TENSORS, "outputs": TENSORS}}
TEXTS = ("schema", "version", "monai_version", "pytorch_version", "numpy_version", "task", "description", "authors")
SCHEMA = {
    "type": "object",
    "required": [*TEXTS, "changelog", "copyright", "network_data_format"],
    "properties": {
        **{name: {"type": "string"} for name in (*TEXTS, "copyright")},
        "changelog": {"type": "object"},
        "required_packages_version": {"type": "object", "additionalProperties": {"type": "string"}},
        "optional_packages_version": False,
        "network_data_format": FORMAT,
    },
}


def verify() -> None:
    sys.path.insert(0, str(BUNDLE))
    metadata = json.loads((BUNDLE / "configs" / "metadata.json").read_text())
    assert metadata["version"] in metadata["changelog"]
    assert metadata["supported_apps"] == {}  # the Zoo checks properties here for those alone; the unit test checks all
    schema = BUNDLE / "eval" / "schema.json"
    schema.parent.mkdir()
    schema.write_text(json.dumps(SCHEMA))
    verify_metadata(meta_file=str(BUNDLE / "configs" / "metadata.json"), filepath=str(schema))
    files = {"meta_file": str(BUNDLE / "configs/metadata.json"), "config_file": str(BUNDLE / "configs/inference.yaml")}
    verify_net_in_out(net_id="network_def", device="cpu", bundle_root=str(BUNDLE), **files)
    exported = str(BUNDLE / "models" / "verify_model.ts")
    weights = str(BUNDLE / "models" / "model.pt")
    ckpt_export(net_id="network_def", filepath=exported, ckpt_file=weights, bundle_root=str(BUNDLE), **files)
    torch.jit.load(exported)


if __name__ == "__main__":
    verify()
    sys.path.insert(0, "ci/unit_tests")
    unittest.main(module="test_vessel_sld_segmentation")
