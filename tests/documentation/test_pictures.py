"""The pictures are made of a small case in the layout of the demo, and the results' figure is that of today's table."""

from __future__ import annotations

import json
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from scripts.documentation.curves_figure import curves_rows, write_curves_figure
from scripts.documentation.demo_pictures import NAME, write_scan_and_vessels, write_simulated_scan
from scripts.documentation.panels import axial, coloured
from scripts.documentation.results_figure import results_rows, write_results_figure
from scripts.documentation.stages_diagram import ARROWS, BOXES, write_stages_diagram
from scripts.documentation.synthetic_vessels_picture import SIZE, write_synthetic_vessels

ROOT = Path(__file__).parents[2]


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    """A folder as `make demo` leaves it: a box of brain with a bright line, of which half is found."""
    pytest.importorskip("matplotlib")
    shape = (SIZE + 8,) * 3
    brain, label, found = (np.zeros(shape, np.uint8) for _ in range(3))
    brain[2:-2, 2:-2, 2:-2] = 1
    label[50, 10:90, 50] = 1
    found[50, 10:50, 50] = 1
    scan = 100.0 * brain + 300.0 * label + np.random.default_rng(0).normal(0, 10, shape)
    files = {"test/images": scan.astype(np.float32), "test/labels": label, "test/brain_masks": brain, "result": found}
    for folder, volume in files.items():
        (tmp_path / folder).mkdir(parents=True)
        name = f"{NAME}_vessels.nii.gz" if folder == "result" else f"{NAME}.nii.gz"
        nib.save(nib.Nifti1Image(volume, np.diag([0.6, 0.6, 0.6, 1.0])), tmp_path / folder / name)
    return tmp_path


@pytest.mark.parametrize("write", [write_scan_and_vessels, write_simulated_scan, write_synthetic_vessels])
def test_a_picture_is_written(write, demo: Path) -> None:
    write(demo, demo / "picture.png")
    with Image.open(demo / "picture.png") as picture:
        assert picture.width > 2 * picture.height and len(set(picture.convert("L").getdata())) > 20


def test_found_and_missed_vessels_have_their_colours(demo: Path) -> None:
    write_scan_and_vessels(demo, demo / "picture.png")
    with Image.open(demo / "picture.png") as picture:
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    third = pixels.shape[1] // 3
    red, blue = (pixels[..., i] > 1.5 * pixels[..., 2 - i] for i in (0, 2))
    assert red[:, third : 2 * third].any() and not red[:, :third].any()
    assert blue[:, 2 * third :].any() and not blue[:, : 2 * third].any()


def test_without_a_demo_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="make demo"):
        write_simulated_scan(tmp_path, tmp_path / "picture.png")


def test_axial_has_anterior_up_and_the_patients_right_on_the_left() -> None:
    volume = np.zeros((2, 3))
    volume[1, 2] = 1  # the last of both RAS axes: right and anterior
    assert np.argwhere(axial(volume)).tolist() == [[0, 0]]


def test_a_later_layer_covers_an_earlier_one() -> None:
    everywhere = np.ones((1, 1), dtype=bool)
    picture = coloured(np.zeros((1, 1)), [(everywhere, (1.0, 0.0, 0.0)), (everywhere, (0.0, 0.0, 1.0))])
    np.testing.assert_allclose(picture[0, 0], [0.1875, 0.0, 0.75])


RESULTS = "| system | 3D labels | DSC |\n|---|---|---|\n| **ours** | no | 0.500 ± 0.100 |\n"
CURVES = "| other |\n|---|\n| 1 |\n\n| run | 200 | 400 |\n|---|---|---|\n| a | 0.5 | 0.6 |\n| b | 0.4 | stopped |\n"


@pytest.mark.parametrize(
    "write, rows, table", [(write_results_figure, results_rows, RESULTS), (write_curves_figure, curves_rows, CURVES)]
)
def test_a_figure_is_that_of_its_table(write, rows, table: str, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    page = tmp_path / "page.md"
    page.write_text(table)
    write(page, tmp_path / "figure.png")
    with Image.open(tmp_path / "figure.png") as figure:
        assert json.loads(figure.info["rows"]) == rows(page) != []


@pytest.mark.parametrize(
    "rows, page, image", [(results_rows, "results", "results"), (curves_rows, "ablations", "curves")]
)
def test_the_figure_of_a_page_is_todays(rows, page: str, image: str) -> None:
    with Image.open(ROOT / f"docs/images/{image}.png") as figure:
        drawn = json.loads(figure.info["rows"])
    assert drawn == rows(ROOT / f"docs/{page}.md"), "run `python -m scripts.documentation`"


def test_curves_need_a_table_of_runs(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(RESULTS)
    with pytest.raises(ValueError, match="no table whose first column is called run"):
        curves_rows(tmp_path / "page.md")


def test_the_diagram_has_every_stage(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    assert {name for arrow in ARROWS for name in arrow} == set(BOXES)
    write_stages_diagram(tmp_path / "stages.png")
    with Image.open(tmp_path / "stages.png") as picture:
        assert picture.width > 1000
