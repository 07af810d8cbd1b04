"""The page of configs/web.yaml in headless Chromium, beside configs/inference.yaml on the same scan."""

from __future__ import annotations

import csv
import re
import shutil
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import torch
from monai.data import MetaTensor

from scripts.checks.workflow import CheckedWorkflow
from scripts.io.weights_needs import read_needs, write_needs
from scripts.transforms.small_components import RemoveSmallComponentsd
from scripts.web.export_page import LIBRARIES, export_page
from tests.browser import CHROMIUM, Browser
from tests.canvas import canvas, is_grey, is_red
from tests.phantom import dice
from tests.run_inference import CONFIG, ROOT
from tests.web.simulated_head import simulated_head

WINDOW = [48, 48, 64]
WEIGHTS = ROOT / "models/model.pt"
HAS_LIBRARIES = all((ROOT / ".web/node_modules" / path).is_file() for path in LIBRARIES.values())

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium"),
    pytest.mark.skipif(not HAS_LIBRARIES, reason="the page's libraries are not there: make web"),
]

STATE = "document.body?.dataset.state"  # nothing while a page is loaded
TEXT = "document.getElementById('{}').textContent"
CLICK = "document.getElementById('{}').click()"


class SilentHandler(SimpleHTTPRequestHandler):
    """`python -m http.server`, which notes what it is asked."""

    asked: list[str] = []

    def log_request(self, *_) -> None:
        self.asked.append(self.requestline)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("web")


@pytest.fixture(scope="module")
def scan(folder):
    """A scan, and beside it its brain mask."""
    simulated_head(folder / "head.nii.gz", folder / "head_brain_mask.nii.gz")
    return folder / "head.nii.gz"


@pytest.fixture(scope="module")
def weights(folder):
    """The shipped ones, as if no scan of their training was as small as this one."""
    shutil.copy(WEIGHTS, folder / "model.pt")
    write_needs(folder / "model.pt", read_needs(WEIGHTS) | {"trained_range": {"field_of_view": [150.0, None]}})
    return str(folder / "model.pt")


@pytest.fixture(scope="module")
def written(folder, weights):
    """The page's files."""
    pytest.importorskip("onnxscript")
    export_page(str(ROOT), str(folder / "page"), weights, {"window": WINDOW})
    return folder / "page"


@pytest.fixture(scope="module")
def page(written, folder):
    """The page, opened."""
    handler = partial(SilentHandler, directory=str(written))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    (folder / "profile").mkdir()
    (folder / "saved").mkdir()
    with Browser(str(CHROMIUM), folder / "profile", cores=2) as browser:
        browser.open(f"http://127.0.0.1:{server.server_port}/")
        browser.wait_for(f"{STATE} === 'ready'")
        browser.download_to(folder / "saved")
        yield browser
    server.shutdown()


@pytest.fixture(scope="module")
def segmented(page, scan):
    """The page when the vessels of the scan are shown."""
    page.drop(scan, scan.with_name("head_brain_mask.nii.gz"))
    page.wait_for(f"['shown', 'failed'].includes({STATE})")
    return page


@pytest.fixture(scope="module")
def expected(folder, scan, weights):
    """What the bundle makes of the scan."""
    workflow = CheckedWorkflow(
        config_file=CONFIG,
        workflow_type="infer",
        bundle_root=str(ROOT),
        logging_file=False,
        dataset_dir=str(scan),
        output_dir=str(folder / "bundle"),
        ckpt=weights,
        window=WINDOW,
        graph=False,
        report=False,
        runtime="torch",
    )
    workflow.initialize()
    workflow.run()
    return folder / "bundle"


def saved(page, kind: str, folder: Path):
    """What the page gives to save."""
    file = folder / "saved" / f"head_{kind}.nii.gz"
    file.unlink(missing_ok=True)
    page.run(CLICK.format(f"save-{kind}"))
    end = time.monotonic() + 20
    while not file.is_file():
        assert time.monotonic() < end, f"{file} was not saved"
        page.run("new Promise(done => setTimeout(done, 100))")
    return nib.load(file)


def test_every_file_of_the_page_is_written(written) -> None:
    assert {"index.html", "settings.json", "network.onnx", "libraries"} <= {file.name for file in written.iterdir()}


def test_the_page_is_isolated_and_says_what_it_is(page) -> None:
    assert page.run("self.crossOriginIsolated")
    assert "Research use only, not for diagnosis" in page.run("document.body.textContent")


def test_the_bundle_finds_vessels(expected) -> None:
    assert np.asarray(nib.load(expected / "head_vessels.nii.gz").dataobj).sum() > 300


def test_mask_and_probability_are_those_of_the_bundle(segmented, expected, folder) -> None:
    assert segmented.run(TEXT.format("error")) == ""
    assert "2 threads" in segmented.run(TEXT.format("device"))
    mask, own = saved(segmented, "vessels", folder), nib.load(expected / "head_vessels.nii.gz")
    assert mask.shape == own.shape and mask.get_data_dtype() == own.get_data_dtype() == np.uint8
    np.testing.assert_array_equal(mask.affine, own.affine)
    for field in ("qform_code", "sform_code", "xyzt_units", "pixdim", "intent_code", "descrip"):
        np.testing.assert_array_equal(mask.header[field], own.header[field])
    vessels = np.asarray(own.dataobj) > 0
    assert dice(np.asarray(mask.dataobj) > 0, vessels) >= 0.99
    probability, own = saved(segmented, "probability", folder), nib.load(expected / "head_probability.nii.gz")
    difference = np.abs(np.asarray(probability.dataobj) - np.asarray(own.dataobj))
    assert np.mean(difference > 0.01) < 1e-4


def test_the_warnings_are_those_of_the_bundle(segmented, expected) -> None:
    (row,) = csv.DictReader((expected / "summary.csv").open())
    (warning,) = [words for words in row["warnings"].split("; ") if words.startswith("unlike")]
    assert re.fullmatch(r"unlike .* training: a field of view of \d+ mm \(from 150\)", warning)
    assert segmented.run(TEXT.format("warnings")) == f"Warning: {warning}."


def test_scan_and_vessels_are_shown(segmented) -> None:
    segmented.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    colours = canvas(segmented)
    assert is_grey(colours).mean() > 0.05
    assert is_red(colours).mean() > 0.0005


def test_the_threshold_acts_at_once(segmented, folder) -> None:
    probability = saved(segmented, "probability", folder)
    segmented.run("threshold.value = 0.7; threshold.dispatchEvent(new Event('input'))")
    voxels = np.asarray(probability.dataobj) >= np.float32(0.7)
    mask = MetaTensor(torch.from_numpy(voxels)[None].float(), affine=torch.from_numpy(probability.affine))
    left = RemoveSmallComponentsd("pred", 2.0)({"pred": mask})["pred"][0].numpy()
    words = f"{left.sum() * abs(np.linalg.det(probability.affine)) / 1000:.2f} ml of vessel"
    segmented.wait_for(f"{TEXT.format('volume')} === '{words}'", 5)
    np.testing.assert_array_equal(np.asarray(saved(segmented, "vessels", folder).dataobj), left)


def test_a_run_can_be_cancelled(segmented, scan) -> None:
    segmented.choose("#scan-file", scan)
    segmented.wait_for(f"{STATE} === 'running'")
    segmented.run(CLICK.format("cancel"))
    segmented.run("new Promise(done => setTimeout(done, 500))")
    assert segmented.run(STATE) == "cancelled" and segmented.run("run.hidden")


@pytest.mark.parametrize("content", [b"no scan at all" * 100, b"", "cut off"], ids=["text", "empty", "cut off"])
def test_a_broken_file_gives_a_message(segmented, scan, folder, content) -> None:
    broken = folder / "broken.nii.gz"
    broken.write_bytes(scan.read_bytes()[:5000] if content == "cut off" else content)
    segmented.choose("#scan-file", broken)
    segmented.wait_for(f"{STATE} === 'failed'", 10)
    assert "broken.nii.gz" in segmented.run(TEXT.format("error"))


def test_no_error_and_no_request_to_another_place(segmented) -> None:
    origin = segmented.run("location.origin")
    assert segmented.errors == []
    others = [url[:80] for url in segmented.requests if not url.startswith((f"{origin}/", f"blob:{origin}/", "data:"))]
    assert others == []
    assert any(url.endswith("network.onnx") for url in segmented.requests)  # workers are watched, too
    assert SilentHandler.asked and all(line.startswith("GET ") for line in SilentHandler.asked)
