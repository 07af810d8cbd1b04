"""What the page holds of one case, a row of `summary.csv`, with what lies beside it."""

from __future__ import annotations

import base64
import gzip
import io
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
from PIL import Image

from ..io.result_file import result_file
from ..io.result_names import CENTRELINE, PREVIEW, SMALL_FILE, SUMMARY
from ..results.summary_table import REFUSED, Row
from ..vessels.swc import read_swc
from .radius_histogram import radius_histogram

PICTURE = 768  # pixels, greatest width of an embedded preview
MANY = 300  # cases whose pictures, 50 to 100 kB each, a browser still opens at once; of more they are smaller


def case_cell(row: Row, column: str, names: bool) -> tuple[str, str]:
    """Class and text of a cell of the table; what would give a name away is not told unless names may appear."""
    text = row[column] or ""
    if re.fullmatch(r"-?[\d.]+", text):
        return "number", text
    if not names and re.search(rf"[/\\]|(?<!\w){re.escape(row['name'])}(?!\w)", text):
        return column, f"see {SUMMARY}"
    return column, text


def case_picture(folder: Path, row: Row, cases: int) -> str:
    """The preview of one of `cases` as JPEG in base64; empty where there is none, or it is another scan's of the name.

    The pictures of more than `MANY` cases take as much room together as those of `MANY`.
    """
    file = _own_file(folder, row, PREVIEW)
    if file is None:
        return ""
    image = Image.open(file).convert("RGB")
    width = round(PICTURE * min(1.0, (MANY / cases) ** 0.5))
    image.thumbnail((width, 4 * width))
    stream = io.BytesIO()
    image.save(stream, format="JPEG", quality=85)
    return base64.b64encode(stream.getvalue()).decode()


def case_radii(folder: Path, row: Row) -> list[float]:
    """`radius_histogram` of a case; empty where it has no centrelines, or they are another scan's of the name."""
    file = _own_file(folder, row, CENTRELINE)
    if file is not None:
        with suppress(ValueError):  # no vessel at all
            return radius_histogram(read_swc(file)).tolist()
    return []


def case_volumes(folder: Path, row: Row) -> dict[str, str]:
    """Vessels, and the scan where it was kept, as gzipped NIfTI in base64; the header holds the voxel size alone."""
    file = _own_file(folder, row, SMALL_FILE)
    if file is None:
        return {}
    image: Any = nib.load(file)
    affine = np.diag([*image.header.get_zooms()[:3], 1.0])
    encoded = {}
    for kind, volume in zip(("vessels", "scan"), np.moveaxis(np.asarray(image.dataobj), -1, 0)):
        content = gzip.compress(nib.Nifti1Image(volume, affine).to_bytes(), mtime=0)
        encoded[kind] = base64.b64encode(content).decode()
    return encoded


def _own_file(folder: Path, row: Row, end: str) -> Path | None:
    """A file of a case; None where there is none, or it is another scan's of the name."""
    file = result_file(folder, row["name"], end)
    return file if row.get("status") != REFUSED and file.is_file() else None
