"""What stands in report.html; `test_report_in_browser` shows that it works."""

from __future__ import annotations

import base64
import io
import re
import shutil
from html.parser import HTMLParser

import pytest
from PIL import Image

from scripts.report import report_page
from scripts.report.case_parts import case_picture
from scripts.report.report_page import write_report_page
from scripts.results.summary_table import SummaryTable
from tests.report.results_folder import FAILED, NASTY, results_folder
from tests.run_inference import summary


class Elements(HTMLParser):
    """Tags with their attributes, and the text of table cells."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.cells, self.inside = [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self.inside = tag
        if tag == "td":
            self.cells.append("")

    def handle_endtag(self, tag):
        self.inside = None

    def handle_data(self, data):
        if self.inside == "td":
            self.cells[-1] += data

    def count(self, tag):
        return sum(name == tag for name, _ in self.tags)


@pytest.fixture(scope="module")
def out_folder(tmp_path_factory):
    return results_folder(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def viewer(tmp_path_factory):
    file = tmp_path_factory.mktemp("viewer") / "niivue.umd.js"
    file.write_text("/* the viewer </script> */")
    return file


def page(out, viewer, **options):
    write_report_page(str(out), str(viewer), **options)
    return (out / "report.html").read_text()


def test_without_the_viewer(out_folder, tmp_path):
    text = page(out_folder, tmp_path / "absent.js")
    elements = Elements(text)
    assert "make viewer" in text
    assert elements.count("figure") == 2  # the failed case has no picture
    assert "3D view</button>" not in text
    assert elements.count("script") == 1


def test_case_numbers_and_no_names(out_folder, viewer):
    text = page(out_folder, viewer)
    assert not re.search(r"sub-0|onerror|John|smith", text)
    cells = Elements(text).cells
    assert [cell for cell in cells if cell.startswith("Case")] == ["Case 1", "Case 2", "Case 3"]
    assert cells[-1] == "see summary.csv"  # its warning names a path
    assert "9.5" in cells


def test_names_when_asked_for_are_escaped(out_folder, viewer):
    text = page(out_folder, viewer, names=True)
    elements = Elements(text)
    assert NASTY in elements.cells
    assert FAILED in elements.cells
    assert f"cannot read /data/John Smith/{FAILED}.nii: truncated" in elements.cells
    assert not [tag for tag, attributes in elements.tags if "onerror" in attributes]
    assert elements.count("img") == 2


def test_volumes(out_folder, viewer):
    elements = Elements(page(out_folder, viewer))
    assert "make viewer" not in elements.cells
    identifiers = [attributes["id"] for tag, attributes in elements.tags if tag == "script" and "id" in attributes]
    assert identifiers == ["vessels-0", "scan-0", "vessels-1"]  # the second has no brain mask: its scan is left out
    assert elements.count("script") == 3 + 2  # the viewer's own </script> does not end it
    fewer = Elements(page(out_folder, viewer, volumes=1))
    assert sum(attributes.get("class") == "show" for _, attributes in fewer.tags) == 1


def test_histograms_of_the_radii(out_folder, viewer, tmp_path):
    text = page(out_folder, viewer)
    assert "Length of the centrelines (m) by radius (mm), in steps of 0.1 mm, of 2 scans together." in text
    pooled, *cases = re.findall(r'<svg class="radii".*?</svg>', text, re.DOTALL)
    sums = [sum(map(float, re.findall(r"mm.*?: ([\d.]+) m</title>", svg))) for svg in (pooled, *cases)]
    rows = summary(out_folder)
    assert sums[1:] == pytest.approx([float(rows[name]["length_m"]) for name in ("sub-01", NASTY)], abs=0.02)
    assert sums[0] == pytest.approx(sum(sums[1:]), abs=0.02)
    heights = [float(height) for height in re.findall(r'height="([\d.]+)"', pooled)]
    assert max(heights) == 75  # the longest bar fills the picture
    out = shutil.copytree(out_folder, tmp_path / "out")
    (out / "sub-01_centreline.swc").write_text("# no vessel\n")
    (out / f"{NASTY}_centreline.swc").unlink()
    assert "<svg" not in page(out, viewer) and "Radii" not in page(out, viewer)


def test_a_refused_scan_does_not_show_the_pictures_of_its_namesake(out_folder, viewer, tmp_path):
    out = shutil.copytree(out_folder, tmp_path / "out")
    SummaryTable(out).add({"name": "sub-01", "scan": "/2/sub-01.nii.gz", "status": "refused", "error": "taken"})
    elements = Elements(page(out, viewer))
    assert "refused" in elements.cells
    assert elements.count("figure") == 2
    assert elements.count("svg") == 3  # of all, and of two cases
    assert sum("id" in attributes for tag, attributes in elements.tags if tag == "script") == 3


def test_pictures_get_smaller_where_there_are_many(out_folder):
    row = summary(out_folder)["sub-01"]
    sizes = []
    for cases in (1, 300, 1200):
        picture = base64.b64decode(case_picture(out_folder, row, cases))
        sizes.append(Image.open(io.BytesIO(picture)).width)
    assert sizes == [768, 768, 384]


@pytest.mark.parametrize(("status", "pages"), [("done", 2), ("started", 1)])
def test_what_another_command_added_meanwhile_is_on_the_page(out_folder, viewer, tmp_path, monkeypatch, status, pages):
    out = shutil.copytree(out_folder, tmp_path / "out")
    write, written = report_page.write_atomically, []

    def write_while_another_ends(file, write_to):
        if not written:
            SummaryTable(out).add({"name": "late", "status": status})
        written.append(file)
        write(file, write_to)

    monkeypatch.setattr(report_page, "write_atomically", write_while_another_ends)
    assert ("Case 4" in page(out, viewer)) == (status == "done")
    assert len(written) == pages  # one that is not done yet will be by a command that then writes the page


def test_nothing_is_left_beside_it(out_folder, viewer):
    page(out_folder, viewer)
    assert not [file for file in out_folder.iterdir() if file.name.startswith(".")]


def test_a_folder_without_results_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"holds no summary\.csv; give --results_dir"):
        write_report_page(str(tmp_path), "")
