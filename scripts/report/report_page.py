"""`report.html`: what a run of inference left, on one page that needs nothing else."""

from __future__ import annotations

import base64
import io
import logging
import re
from html import escape
from pathlib import Path
from string import Template

import numpy as np
from PIL import Image

from ..cases.datalist import scan_cases
from ..io.atomic_file import write_atomically
from ..io.result_file import result_file
from ..io.result_names import BRAIN_MASK_FILE, PREVIEW, REPORT, SUMMARY, VESSELS_FILE
from ..io.volumes import read_volume, reorient_to_ras
from ..results.summary_table import summary_rows
from .fetch_viewer import VERSION
from .preview_volume import preview_volumes

logger = logging.getLogger(__name__)

HERE = Path(__file__).parent
PICTURE = 768  # pixels, greatest width of an embedded preview
HEADINGS = {
    "vessel_volume_ml": "vessels (ml)",
    "length_m": "length (m)",
    "branches": "branches",
    "end_points": "ends",
    "mean_radius_mm": "mean radius (mm)",
    "max_radius_mm": "max radius (mm)",
    "brain_volume_ml": "brain mask (ml)",
    "brain_mask": "mask from",
    "seconds": "time (s)",
}
NO_VIEWER = (
    "This page has no 3D views. For them, run in the bundle's folder <code>make viewer</code>, once, and <code>python "
    "-m monai.bundle run --config_file configs/report.yaml --results_dir RESULTS --dataset_dir SCANS</code>."
)


def write_report_page(
    results_dir: str, viewer: str, dataset_dir: str | None = None, names: bool = False, volumes: int = 40
) -> None:
    """Write `<results_dir>/report.html` of all rows of `summary.csv` there, with previews and 3D views.

    Cases are called by the number of their row, unless names are asked for; cells that would give a name away (the
    name itself, a path) then say where to look. Of headers nothing but the voxel size is used.

    Args:
        results_dir: the `output_dir` of inference.
        viewer: NiiVue's browser build (`make viewer`); where there is none, the page has no 3D view and says so.
        dataset_dir: the scans, as for inference; without them, or without a brain mask, 3D views show vessels alone.
        names: whether the names of the scans may appear.
        volumes: number of cases, from the first, that get a 3D view; each adds up to 3 MB.

    Raises:
        FileNotFoundError: there is no `summary.csv`.
    """
    folder = Path(results_dir)
    if not (folder / SUMMARY).is_file():
        raise FileNotFoundError(f"{folder}: holds no {SUMMARY}; give --results_dir the output_dir of inference.")
    rows = list(summary_rows(folder / SUMMARY).values())
    files = {case["name"]: case for case in scan_cases(dataset_dir)} if dataset_dir else {}
    has_viewer = Path(viewer).is_file()
    embedded = [i for i, row in enumerate(rows) if result_file(folder, row["name"], VESSELS_FILE).is_file()]
    embedded = embedded[:volumes] if has_viewer else []
    labels = [row["name"] if names else f"Case {i}" for i, row in enumerate(rows, start=1)]
    known = [column for column in (rows[0] if rows else HEADINGS) if column not in ("name", "settings")]
    columns = [column for column in known if any(row[column] for row in rows)]
    introduction = f"{len(rows)} {'scan' if len(rows) == 1 else 'scans'}."
    if not names:
        introduction += " Case numbers are the rows of <code>summary.csv</code>."
    page = Template((HERE / "page.html").read_text(encoding="utf-8")).substitute(
        style=(HERE / "page.css").read_text(encoding="utf-8"),
        introduction=introduction + ("" if has_viewer else f' <span class="screen">{NO_VIEWER}</span>'),
        headings="".join(
            f'<th><button type="button">{escape(text)}</button></th>'
            for text in ["case", *(HEADINGS.get(column, column.replace("_", " ")) for column in columns)]
        ),
        rows="\n".join(_row(row, label, columns, names) for row, label in zip(rows, labels)),
        cases="\n".join(
            _case(folder, row["name"], label, i, i in embedded) for i, (row, label) in enumerate(zip(rows, labels))
        ),
        volumes="\n".join(_volumes(folder, rows[i]["name"], files.get(rows[i]["name"], {}), i) for i in embedded),
        viewer=f"<script>\n{_script(Path(viewer))}\n</script>" if embedded else "",
        notice=_notice() if embedded else "",
        script=(HERE / "page.js").read_text(encoding="utf-8"),
    )
    write_atomically(folder / REPORT, lambda partial: partial.write_text(page, encoding="utf-8"))
    logger.info("%s: %d cases, %d with a 3D view", folder / REPORT, len(rows), len(embedded))


def _row(row: dict[str, str], label: str, columns: list[str], names: bool) -> str:
    cells = [f"<td>{escape(label)}</td>"]
    for column in columns:
        text = row[column] or ""
        kind = "number" if re.fullmatch(r"-?[\d.]+", text) else escape(column)
        if kind != "number" and not names and re.search(rf"[/\\]|(?<!\w){re.escape(row['name'])}(?!\w)", text):
            text = "see summary.csv"
        cells.append(f'<td class="{kind}">{escape(text)}</td>')
    return f"<tr>{''.join(cells)}</tr>"


def _case(folder: Path, name: str, label: str, number: int, in_3d: bool) -> str:
    picture = result_file(folder, name, PREVIEW)
    if not picture.is_file():
        return ""
    button = f'<button type="button" class="show" data-case="{number}" data-title="{escape(label)}">3D view</button>'
    caption = f"<figcaption><span>{escape(label)}</span>{button if in_3d else ''}</figcaption>"
    image = Image.open(picture).convert("RGB")
    image.thumbnail((PICTURE, 4 * PICTURE))
    stream = io.BytesIO()
    image.save(stream, format="JPEG", quality=85)
    data = base64.b64encode(stream.getvalue()).decode()
    return f'<figure><img alt="projections of {escape(label)}" src="data:image/jpeg;base64,{data}">{caption}</figure>'


def _volumes(folder: Path, name: str, case: dict[str, str], number: int) -> str:
    vessels, spacing = _upright(result_file(folder, name, VESSELS_FILE), np.uint8)
    estimated = result_file(folder, name, BRAIN_MASK_FILE)
    mask = estimated if estimated.is_file() else case.get("brain_mask")
    brain = _upright(mask, np.uint8)[0] if mask else None
    scan = _upright(case["image"], np.float32)[0] if mask and "image" in case else None
    if any(volume is not None and volume.shape != vessels.shape for volume in (brain, scan)):
        logger.warning("%s: scan or brain mask is another than the one segmented; the 3D view has vessels alone", name)
        brain = scan = None
    encoded = dict(zip(("vessels", "scan"), preview_volumes(vessels, scan, brain, spacing)))
    return "\n".join(
        f'<script type="text/plain" id="{kind}-{number}">{data}</script>' for kind, data in encoded.items() if data
    )


def _upright(file: str | Path, dtype: type) -> tuple[np.ndarray, list[float]]:
    """Volume (D, H, W), orientation RAS, and its spacing, mm."""
    volume = reorient_to_ras(read_volume(str(file)))
    return volume[0].numpy().astype(dtype), volume.pixdim.tolist()


def _script(file: Path) -> str:
    """A script as it may stand inside a page: nothing in it ends the element."""
    return file.read_text(encoding="utf-8").replace("</script", "<\\/script")


def _notice() -> str:
    licence = escape((HERE / "viewer_licence.txt").read_text(encoding="utf-8"))
    return f"<details><summary>3D view: NiiVue {VERSION}, BSD-2-Clause</summary><pre>{licence}</pre></details>"
