"""What inference leaves on disk."""

from __future__ import annotations

import logging
import time
from functools import partial
from typing import Any

import numpy as np
import torch
from ignite.engine import Engine, Events
from monai.data import MetaTensor
from monai.engines.utils import IterationEvents

from ..io.atomic_file import write_atomically
from ..io.content import content_sha256
from ..io.grid import file_of
from ..io.nifti_writer import placement_of, write_nifti
from ..io.result_names import (
    BRAIN_MASK_FILE,
    CENTRELINE,
    CONFIDENCE_FILE,
    PREVIEW,
    PROBABILITY_FILE,
    SEGMENTS,
    SMALL_FILE,
    SURFACE,
    SURFACE_STL,
    VESSELS_FILE,
)
from ..io.scan_warnings import is_unlike_tof
from ..io.user_error import BadInput
from ..io.volumes import read_volume, reorient_to_ras
from ..io.writable_folder import make_writable
from ..transforms.input_checks import check_mask
from ..transforms.keep_scan import SCAN
from ..vessels.surface import vessel_surface
from ..vessels.swc import write_swc
from ..vessels.vessel_graph import vessel_graph
from .case_preview import case_preview
from .graph_files import graph_summary, vessel_tree, write_segments
from .preview_volume import preview_volume
from .result_folder import ResultFolder
from .run_summary import summary_row
from .surface_files import write_gifti, write_stl

logger = logging.getLogger(__name__)

MEANINGS = {  # of the values, for the NIfTI header: intent and description
    VESSELS_FILE: ("label", "VesselSLD: 0 background, 1 vessel"),
    PROBABILITY_FILE: ("estimate", "VesselSLD: probability of vessel, 0 to 1"),
    CONFIDENCE_FILE: ("estimate", "VesselSLD: agreement of turned copies, |2 p - 1|, 0 to 1"),
    BRAIN_MASK_FILE: ("label", "VesselSLD: 0 background, 1 brain (estimated)"),
}


class CaseWriter:
    """Ignite handler: writes the files of every case as it is done, and one row of `summary.csv`.

    Per case `<name>_vessels.nii.gz` (uint8), `<name>_probability.nii.gz` (float32), `<name>_preview.png`, and
    `<name>_brain_mask.nii.gz` when the mask was estimated, all on the scan's own grid; and the vessel graph as
    `<name>_centreline.swc` and `<name>_segments.csv`, in the scan's world millimetres, RAS. `name` is a path below
    the folder and may hold sub-folders, which are made. A file is written under a
    temporary name and renamed. `summary.csv` keeps the rows of earlier runs into the same folder.

    It is a handler, not a transform of `postprocessing`, because MONAI Label runs those and keeps its own files.

    Args:
        results: their folder, made if it does not exist, and the options of the run. With `graph` the vessel graph is
            written, with `surface` the vessels' surface, with `tta` `<name>_confidence.nii.gz` (float32): |2 p - 1| of
            the probability p, 0 outside the brain. It tells something where p is an average (TTAInferer).
        claim: of cases that no CaseDataset has claimed, such as those of an evaluation.

    Raises:
        UserError: before the first case, when the folder cannot be written to.
        NameTaken: of `claim`, where the name of a case is another scan's.
    """

    def __init__(self, results: ResultFolder, claim: bool = False) -> None:
        self.results = results
        self.claim = claim
        self.start = 0.0

    def attach(self, engine: Engine) -> None:
        engine.add_event_handler(Events.STARTED, self.make_folder)
        engine.add_event_handler(Events.GET_BATCH_STARTED, self.start_clock)
        engine.add_event_handler(IterationEvents.MODEL_COMPLETED, self.write_batch)  # after postprocessing

    def make_folder(self, engine: Engine) -> None:
        make_writable(self.results.output_dir)

    def start_clock(self, engine: Engine) -> None:
        self.start = time.perf_counter()

    def write_batch(self, engine: Engine) -> None:
        batches: Any = engine.state.batch
        outputs: Any = engine.state.output
        for batch, output in zip(batches, outputs):
            # the evaluator's own `label` is a tensor or None; here it is the file that the picture shows
            case = {**batch, **output, "label": batch.get("label")}
            del output["probability"]  # `write_case` lets go of it as soon as it is written
            self.write_case(case)

    def write_case(self, case: dict[str, Any]) -> None:
        """Write one postprocessed case: `name`, `mask_source`, `scan` in RAS; `pred`, `probability`, `brain_mask`."""
        name = case["name"]
        ends = torch.stack(torch.aminmax(case["probability"].as_tensor()))  # NaN where any voxel is
        if not torch.isfinite(ends).all():  # NaN is below every threshold: the mask would miss it
            raise BadInput("the network's answer is not finite; look at the scan's intensities, or run without amp.")
        if self.claim:
            self.results.claim({"name": name, "image": file_of(case["pred"])})
        self._write_volume(name, VESSELS_FILE, case["pred"], np.uint8)
        self._write_volume(name, PROBABILITY_FILE, case["probability"], np.float32)
        if self.results.tta:
            agreement = (2 * case["probability"] - 1).abs() * (case["brain_mask"] > 0)  # (1, D, H, W)
            if is_unlike_tof(case["pred"]):
                agreement *= 0  # turned or not, a network that knows arteries alone agrees with itself
            self._write_volume(name, CONFIDENCE_FILE, agreement, np.float32)
        del case["probability"]  # the largest volume of all; the graph needs as much
        identity: dict[str, str] = {}
        if case["mask_source"] == "estimated":
            self._write_volume(name, BRAIN_MASK_FILE, case["brain_mask"], np.uint8)
            identity["brain_mask_sha256"] = content_sha256(self.results.file(name, BRAIN_MASK_FILE))

        vessels, brain = reorient_to_ras(case["pred"]), reorient_to_ras(case["brain_mask"])  # (1, D, H, W), as the scan
        self._write_pictures(case, vessels, brain)
        graph = self._write_graph(name, vessels) if self.results.graph else {}
        if self.results.surface:
            self._write_surface(name, vessels)
        row = graph | summary_row(name, vessels, brain, case["mask_source"], time.perf_counter() - self.start)
        self.results.table.add({**row, **identity, "settings": self.results.settings})
        logger.info("%s: %s ml of vessel, %s s. %s", name, row["vessel_volume_ml"], row["seconds"], row["warnings"])

    def _write_pictures(self, case: dict[str, Any], vessels: MetaTensor, brain: MetaTensor) -> None:
        scan, mask, spacing = case[SCAN][0].numpy(), vessels[0].numpy(), vessels.pixdim.tolist()  # (D, H, W)
        label = fitting_label(case["label"], vessels) if case["label"] else None
        picture = case_preview(scan * brain[0].numpy(), mask, spacing, label)
        write_atomically(self.results.file(case["name"], PREVIEW), picture.save)
        if self.results.report:
            inside = None if case["mask_source"] == "none" else brain[0].numpy()
            small, side = preview_volume(mask, scan, inside, spacing)
            write_nifti(self.results.file(case["name"], SMALL_FILE), small, np.diag([*side, 1.0]))

    def _write_graph(self, name: str, vessels: MetaTensor) -> dict[str, str]:
        segments = vessel_graph(vessels[0].numpy(), np.asarray(vessels.affine))
        tree, rows = vessel_tree(segments)
        write_swc(tree, self.results.file(name, CENTRELINE), axes="right, anterior, superior")
        write_atomically(self.results.file(name, SEGMENTS), lambda path: write_segments(segments, rows, path))
        return graph_summary(segments)

    def _write_surface(self, name: str, vessels: MetaTensor) -> None:
        surface = vessel_surface(vessels[0].numpy(), np.asarray(vessels.affine))
        for end, write in ((SURFACE, write_gifti), (SURFACE_STL, write_stl)):
            write_atomically(self.results.file(name, end), partial(write, *surface))

    def _write_volume(self, name: str, end: str, volume: MetaTensor, dtype: type) -> None:
        file, values = self.results.file(name, end), volume[0].cpu().numpy()
        write_nifti(file, values.astype(dtype, copy=False), placement_of(volume), *MEANINGS[end])


def fitting_label(path: str, mask: MetaTensor) -> np.ndarray | None:
    """Read the label of a scan with this mask (1, D, H, W), RAS: (D, H, W); None, and a warning, if it does not fit."""
    try:
        label = reorient_to_ras(read_volume(path))
        check_mask("label", label, mask)
    except ValueError as error:
        logger.warning("the picture is drawn without the label: %s", error)
        return None
    return label[0].numpy()
