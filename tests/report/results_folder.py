"""What a run of inference leaves, without running it: three cases, the last of which failed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from monai.data import MetaTensor

from scripts.results.case_preview import case_preview
from scripts.results.graph_files import graph_summary, vessel_tree
from scripts.results.preview_volume import preview_volume
from scripts.results.run_summary import summary_row
from scripts.results.summary_table import SummaryTable
from scripts.vessels.swc import write_swc
from scripts.vessels.vessel_graph import vessel_graph
from tests.phantom import LPS, grid, save
from tests.synthetic_head import synthetic_head

NASTY = 'sub-02 <img src="x" onerror="alert(1)"> & co'
FAILED = "smith_john"


def results_folder(folder: Path, spacing: float = 4.0) -> Path:
    """Make `out` in a folder: a case with its estimated brain mask, one without, a row without files."""
    out = folder / "out"
    out.mkdir()
    for seed, name in enumerate(("sub-01", NASTY)):
        scan, brain, vessels = synthetic_head(seed, spacing)  # RAS
        affine = grid(LPS, (spacing, spacing, spacing), scan.shape)
        upright = grid(np.eye(4), (spacing, spacing, spacing), scan.shape)
        save(out / f"{name}_vessels.nii.gz", vessels[::-1, ::-1].astype(np.uint8), affine)
        if name == "sub-01":
            save(out / f"{name}_brain_mask.nii.gz", brain[::-1, ::-1].astype(np.uint8), affine)
        case_preview(scan * brain, vessels, (spacing,) * 3).save(out / f"{name}_preview.png")
        small, side = preview_volume(vessels, scan, brain if name == "sub-01" else None, (spacing,) * 3)
        save(out / f"{name}_preview.nii.gz", small, np.diag([*side, 1.0]))
        masks = [MetaTensor(mask[None].astype(np.uint8), affine=upright) for mask in (vessels, brain)]
        segments = vessel_graph(vessels, upright)
        write_swc(vessel_tree(segments)[0], out / f"{name}_centreline.swc")
        SummaryTable(out).add(
            graph_summary(segments) | summary_row(name, masks[0], masks[1], "estimated", 9.5 + 100 * seed)
        )
    SummaryTable(out).add(
        {"name": FAILED, "status": "failed", "error": f"cannot read /data/John Smith/{FAILED}.nii: truncated"}
    )
    return out
