"""What makes the results of a BIDS tree a BIDS derivative: its description, and a sidecar beside every image."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ignite.engine import Engine, Events
from monai.engines.utils import IterationEvents

from ..io.atomic_file import write_atomically
from ..io.bids_names import IGNORED, is_bids_name
from ..io.bundle_version import bundle_version
from ..io.content import file_sha256
from ..io.result_names import BRAIN_MASK_FILE, CONFIDENCE_FILE, NIFTI, PROBABILITY_FILE, SEGMENTS, VESSELS_FILE
from .result_folder import ResultFolder

BIDS_VERSION = "1.10.0"
IMAGES: dict[str, dict[str, str]] = {
    VESSELS_FILE: {"Description": "Binary mask of the arteries.", "Type": "ROI"},
    PROBABILITY_FILE: {"Description": "Probability of artery, 0 to 1."},
    CONFIDENCE_FILE: {"Description": "Agreement of flipped and rotated versions of the scan, 0 to 1: |2 p - 1|."},
    BRAIN_MASK_FILE: {"Description": "Brain mask estimated from the scan.", "Type": "Brain"},
}
STATISTICS = {
    "segment": {"Description": "Number of a vessel between two nodes; a node is a branching or an end."},
    "start_node": {"Description": "Row of its first node in the SWC file of the centrelines."},
    "end_node": {"Description": "Row of its last node there."},
    "length_mm": {"Description": "Length of the centreline.", "Units": "mm"},
    "mean_radius_mm": {"Description": "Mean radius, of the round cross-section of the same area.", "Units": "mm"},
    "min_radius_mm": {"Description": "Least radius.", "Units": "mm"},
    "max_radius_mm": {"Description": "Greatest radius.", "Units": "mm"},
    "tortuosity": {"Description": "Length over the distance of the two ends; empty for a closed loop.", "Units": "1"},
}


class BidsDerivative:
    """Ignite handler, after CaseWriter: the JSON files of a BIDS derivative, for cases of a BIDS tree alone.

    Args:
        results: the folder and the options of the run.
        dataset_dir: the BIDS tree.
        weights: file of the state dict; its SHA-256 tells which network made the derivative.
        settings: what a reader of a sidecar should know, such as the threshold.
    """

    def __init__(self, results: ResultFolder, dataset_dir: str, weights: str, settings: Mapping[str, Any]) -> None:
        self.results = results
        self.source = Path(dataset_dir).expanduser().absolute()
        self.weights = Path(weights)
        self.settings = dict(settings)

    def attach(self, engine: Engine) -> None:
        engine.add_event_handler(Events.STARTED, self.start)
        engine.add_event_handler(IterationEvents.MODEL_COMPLETED, self.write_batch)

    def start(self, engine: Engine) -> None:
        self.described = False

    def write_batch(self, engine: Engine) -> None:
        outputs: Any = engine.state.output
        for batch, output in zip(engine.state.batch, outputs):
            scan = Path(output["pred"].meta["filename_or_obj"])
            if is_bids_name(batch["name"]) and scan.is_relative_to(self.source):  # a list may give any scan such a name
                if not self.described:  # of a run, not of every case: the weights are read for it
                    self._describe()
                    self.described = True
                self._write_sidecars(batch["name"], scan)

    def _describe(self) -> None:
        """Written once, and anew by a run of other weights or another version."""
        made_by = {
            "Name": "VesselSLD",
            "Version": bundle_version(),
            "Description": f"Weights {self.weights.name}, SHA-256 {file_sha256(self.weights)}.",
        }
        content = {
            "Name": "VesselSLD: arteries in MR angiography",
            "BIDSVersion": BIDS_VERSION,
            "DatasetType": "derivative",
            "GeneratedBy": [made_by],
            "SourceDatasets": [{"URL": self.source.as_uri()}],
            "DatasetLinks": {"raw": self.source.as_uri()},
        }
        folder = Path(self.results.output_dir)
        _write_if_new(folder / "dataset_description.json", _json(content))
        _write_if_new(folder / ".bidsignore", "".join(f"{pattern}\n" for pattern in IGNORED))

    def _write_sidecars(self, name: str, scan: Path) -> None:
        source = f"bids:raw:{scan.relative_to(self.source).as_posix()}"
        shared = {"Sources": [source], "SpatialReference": source, "VesselSLD": self.settings}
        for end, about in IMAGES.items():
            image = self.results.file(name, end)
            if image.is_file():
                sidecar = image.with_name(image.name.removesuffix(NIFTI) + ".json")
                _write_if_new(sidecar, _json({**about, **shared}))
        table = self.results.file(name, SEGMENTS)
        if table.is_file():
            _write_if_new(table.with_suffix(".json"), _json(STATISTICS))


def _json(content: Any) -> str:
    return json.dumps(content, indent=2, default=str) + "\n"


def _write_if_new(file: Path, text: str) -> None:
    """Several processes may describe one derivative: what stands there already is left alone."""
    if not file.is_file() or file.read_text(encoding="utf-8") != text:
        write_atomically(file, lambda partial: partial.write_text(text, encoding="utf-8"))
