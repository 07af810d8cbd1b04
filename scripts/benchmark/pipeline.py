"""A whole run of inference, measured."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from monai.bundle import ConfigWorkflow

from .apart import Cost, Meter


@dataclass(frozen=True)
class PipelineSystem:
    """`configs/inference.yaml`, from the scan's file to its mask, probability, picture and vessel graph.

    Args:
        bundle_root: of the bundle.
        settings: keys of the config to set.
    """

    bundle_root: str
    settings: dict[str, Any] = field(default_factory=dict)

    def measure(self, folder: Path, name: str) -> Cost:
        """Cost of the run over `images` and `brain_masks` in `folder`; its results go into `<name>`."""
        torch.set_num_threads(1)
        with Meter() as meter:
            workflow = ConfigWorkflow(
                config_file=str(Path(self.bundle_root) / "configs" / "inference.yaml"),
                workflow_type="infer",
                logging_file=False,
                bundle_root=self.bundle_root,
                dataset_dir=str(folder),
                output_dir=str(folder / name),
                overwrite=True,
                **self.settings,
            )
            workflow.initialize()
            workflow.run()
        return meter.cost
