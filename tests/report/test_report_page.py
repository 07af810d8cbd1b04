"""What stands in report.html; `test_report_in_browser` shows that it works."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from scripts.report.report_page import write_report_page
from tests.phantom import save
from tests.report.results_folder import FAILED, NASTY, results_folder


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
def folders(tmp_path_factory):
    return results_folder(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def viewer(tmp_path_factory):
    file = tmp_path_factory.mktemp("viewer") / "niivue.umd.js"
    file.write_text("/* the viewer </script> */")
    return file


def page(folders, viewer, **options):
    scans, out = folders
    write_report_page(str(out), str(viewer), dataset_dir=str(scans), **options)
    return (out / "report.html").read_text()


def test_without_the_viewer(folders, tmp_path):
    text = page(folders, tmp_path / "absent.js")
    elements = Elements(text)
    assert "make viewer" in text
    assert elements.count("figure") == 2  # the failed case has no picture
    assert "3D view</button>" not in text
    assert elements.count("script") == 1


def test_case_numbers_and_no_names(folders, viewer):
    text = page(folders, viewer)
    assert not re.search(r"sub-0|onerror|John|smith", text)
    cells = Elements(text).cells
    assert [cell for cell in cells if cell.startswith("Case")] == ["Case 1", "Case 2", "Case 3"]
    assert cells[-1] == "see summary.csv"  # its warning names a path
    assert cells[10] == "9.5"


def test_names_when_asked_for_are_escaped(folders, viewer):
    text = page(folders, viewer, names=True)
    elements = Elements(text)
    assert NASTY in elements.cells
    assert FAILED in elements.cells
    assert f"cannot read /data/John Smith/{FAILED}.nii: truncated" in elements.cells
    assert not [tag for tag, attributes in elements.tags if "onerror" in attributes]
    assert elements.count("img") == 2


def test_volumes(folders, viewer):
    elements = Elements(page(folders, viewer))
    assert "make viewer" not in elements.cells
    identifiers = [attributes["id"] for tag, attributes in elements.tags if tag == "script" and "id" in attributes]
    assert identifiers == ["vessels-0", "scan-0", "vessels-1"]  # the second has no brain mask: its scan is left out
    assert elements.count("script") == 3 + 2  # the viewer's own </script> does not end it
    fewer = Elements(page(folders, viewer, volumes=1))
    assert sum(attributes.get("class") == "show" for _, attributes in fewer.tags) == 1


def test_another_scan_of_the_name_is_left_out(folders, viewer, tmp_path):
    (tmp_path / "scans").mkdir()
    save(tmp_path / "scans" / "sub-01.nii.gz", np.ones((5, 6, 7), np.uint8), np.eye(4))
    text = page((tmp_path / "scans", folders[1]), viewer)
    assert 'id="vessels-0"' in text
    assert 'id="scan-0"' not in text


def test_nothing_is_left_beside_it(folders, viewer):
    page(folders, viewer)
    assert not [file for file in folders[1].iterdir() if file.name.startswith(".")]


def test_a_folder_without_results_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"holds no summary\.csv; give --results_dir"):
        write_report_page(str(tmp_path), "")
