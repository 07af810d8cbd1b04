"""report.html opened from disk in headless Chromium."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.report.report_page import write_report_page
from tests.browser import CHROMIUM, Browser
from tests.canvas import canvas, is_grey, is_red
from tests.report.results_folder import NASTY, results_folder

VIEWER = Path(__file__).parent.parent.parent / ".viewer" / "niivue.umd.js"

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")
needs_viewer = pytest.mark.skipif(not VIEWER.is_file(), reason="the viewer is not there: make viewer")

# a mouse click, where the element is, as a user would
CLICK = "document.querySelector({!r}).click()"
HEADINGS = "[...document.querySelectorAll('#summary th')].map(heading => heading.textContent)"
COLUMN = "[...document.querySelectorAll('#summary tbody tr')].map(row => row.cells[{}].textContent)"


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """The page of `results_folder`, names shown, opened."""
    folder = tmp_path_factory.mktemp("run")
    out = results_folder(folder)
    write_report_page(str(out), str(VIEWER), names=True)
    (folder / "profile").mkdir()
    with Browser(str(CHROMIUM), folder / "profile") as opened:
        opened.open((out / "report.html").as_uri())
        yield opened


def test_the_table_sorts(browser):
    seconds = browser.run(HEADINGS).index("time (s)")  # 9.5, 109.5 and none
    heading = f"#summary th:nth-child({seconds + 1}) button"
    browser.run(CLICK.format(heading))
    assert browser.run(COLUMN.format(seconds)) == ["9.5", "109.5", ""]
    browser.run(CLICK.format(heading))
    assert browser.run(COLUMN.format(seconds)) == ["109.5", "9.5", ""]
    browser.run(CLICK.format("#summary th:nth-child(1) button"))
    assert browser.run(COLUMN.format(0)) == ["smith_john", "sub-01", NASTY]


def open_case(browser, number):
    browser.run(f"document.querySelectorAll('button.show')[{number}].click()")
    browser.wait_for(f"viewer !== null && viewer.volumes.length === {2 - number}")
    browser.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    browser.run("view.scrollIntoView({behavior: 'instant'})")


@needs_viewer
def test_the_3d_view_shows_scan_and_vessels(browser):
    open_case(browser, 0)
    colours = canvas(browser)
    assert is_grey(colours).mean() > 0.05
    assert is_red(colours).mean() > 0.001
    open_case(browser, 1)  # without brain mask, and so without scan
    colours = canvas(browser)
    assert is_grey(colours).mean() < 0.02
    assert is_red(colours).mean() > 0.001


def test_no_error_and_no_request(browser):
    if VIEWER.is_file():
        open_case(browser, 0)
    assert browser.errors == []
    assert [url for url in browser.requests if not url.startswith(("file:", "data:", "blob:"))] == []
    assert sum(url.startswith("file:") for url in browser.requests) == 1
    refused = "fetch('https://example.org').then(() => 'sent', () => 'refused')"
    assert browser.run(refused) == "refused"  # by the page's own policy
