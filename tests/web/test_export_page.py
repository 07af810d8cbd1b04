"""What configs/web.yaml writes; the browser's libraries are stood for by empty files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from scripts.io.user_error import UserError
from scripts.io.weights_needs import write_needs
from scripts.networks.vessel_unet import VesselSegmenter
from scripts.web.export_page import LIBRARIES, export_page
from tests.run_inference import ROOT

CHANNELS = [2, 3, 4, 5, 6]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory) -> Path:
    """A bundle's folder after `make web`."""
    root = tmp_path_factory.mktemp("bundle")
    (root / "configs").symlink_to(ROOT / "configs")
    for path in LIBRARIES.values():
        (root / ".web/node_modules" / path).parent.mkdir(parents=True, exist_ok=True)
        (root / ".web/node_modules" / path).touch()
    return root


@pytest.fixture(scope="module")
def own(bundle) -> tuple[Path, VesselSegmenter]:
    """Weights of one's own, of another width and spacing, and their network."""
    torch.manual_seed(0)
    network = VesselSegmenter(channels=CHANNELS, cluster_activation="softmax", embedding_dim=16, num_clusters=8)
    torch.save(network.state_dict(), bundle / "model.pt")
    write_needs(bundle / "model.pt", {"spacing": 0.8, "channels": CHANNELS, "threshold": 0.55})
    return bundle / "model.pt", network.eval()


@pytest.fixture(scope="module")
def page(bundle, own) -> Path:
    pytest.importorskip("onnxscript")
    export_page(str(bundle), str(bundle / "page"), str(own[0]), {"window": [32, 32, 48], "min_component": 1.5})
    return bundle / "page"


def test_settings_are_those_of_weights_config_and_user(page) -> None:
    settings = json.loads((page / "settings.json").read_text())
    assert settings["spacing"] == [0.8, 0.8, 0.8] and settings["threshold"] == 0.55  # the weights'
    assert settings["overlap"] == 0.25 and settings["blending"] == "gaussian"  # of inference.yaml
    assert settings["window"] == [32, 32, 48] and settings["min_component"] == 1.5  # the user's
    assert settings["brain_mask"]["closing"] == 12.0 and settings["files"]["vessels"]["end"] == "_vessels.nii.gz"
    assert len(settings["about"]["sha256"]) == 64


def test_all_files_are_there(page) -> None:
    files = {str(file.relative_to(page)) for file in page.rglob("*") if file.is_file()}
    assert {"index.html", "worker.js", "isolation.js", "network.onnx", "scan/brain_mask.js"} <= files
    assert {f"libraries/{name}" for name in LIBRARIES} <= files


@pytest.mark.parametrize("sides", [(32, 32, 48), (16, 80, 32)])
def test_the_network_is_that_of_the_weights_for_windows_of_any_size(page, own, sides) -> None:
    runtime = pytest.importorskip("onnxruntime")
    window = torch.rand(1, 1, *sides)
    (found,) = runtime.InferenceSession(str(page / "network.onnx")).run(None, {"image": window.numpy()})
    with torch.no_grad():
        np.testing.assert_allclose(found, own[1](window).numpy(), atol=1e-4)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"half_maximum": True}, "HalfMaximumd"),
        ({"treshold": 0.4}, "Did you mean --threshold"),
        ({"window": [50, 50, 50]}, "--window must be"),
    ],
)
def test_settings_that_the_page_cannot_have_are_refused(bundle, own, tmp_path, settings, words) -> None:
    with pytest.raises(UserError, match=words):
        export_page(str(bundle), str(tmp_path), str(own[0]), settings)


def test_weights_of_another_network_are_refused(bundle, tmp_path) -> None:
    torch.save({"weight": torch.zeros(3)}, tmp_path / "model.pt")
    with pytest.raises(UserError, match="no weights of this network"):
        export_page(str(bundle), str(tmp_path / "page"), str(tmp_path / "model.pt"), {})


def test_missing_libraries_are_said(tmp_path, own) -> None:
    (tmp_path / "configs").symlink_to(ROOT / "configs")
    with pytest.raises(UserError, match="make web"):
        export_page(str(tmp_path), str(tmp_path / "page"), str(own[0]), {})
