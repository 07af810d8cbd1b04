"""The shipped weights as other programs take them: docs/deployment.md, its commands run as they stand."""

from __future__ import annotations

import re
import shlex
import zipfile
from inspect import signature
from pathlib import Path

import fire
import monai.bundle
import numpy as np
import pytest
import torch
from monai.bundle import ConfigParser
from monai.data import MetaTensor, load_net_with_metadata

from tests.bright_network import BrightNetwork
from tests.phantom import dice, grid, oblique, phantom
from tests.run_inference import ROOT

COMMANDS = {
    words[3]: words[4:]
    for words in map(shlex.split, re.findall(r"python -m monai\.bundle .*", (ROOT / "docs/deployment.md").read_text()))
}
SHAPE = (32, 48, 32)


def export(command: str, folder: Path) -> Path:
    """Run a documented command, its file written into a folder instead, its windows small."""
    words = [re.sub("96,96,96", "32,48,32", word) for word in COMMANDS[command]]
    target = words.index("--filepath") + 1
    words[target] = str(folder / Path(words[target]).name)
    fire.Fire({command: getattr(monai.bundle, command)}, [command, *words])
    return Path(words[target])


@pytest.fixture(scope="module")
def eager():
    parser = ConfigParser()
    parser.read_config(str(ROOT / "configs/inference.yaml"))
    network = parser.get_parsed_content("network_def").eval()
    network.load_state_dict(torch.load(ROOT / "models/model.pt", weights_only=True), strict=True)
    return network


@pytest.fixture(scope="module")
def brain():
    """A normalised scan, (2, 1, D, H, W): tissue, vessels, and zeros outside the brain."""
    torch.manual_seed(0)
    scan = 1 + 0.2 * torch.randn(2, 1, *SHAPE)
    scan[..., 10:14, 5:40, 12:15] = 3.0
    scan[..., :4] = 0
    return scan


@pytest.fixture(scope="module")
def torchscript(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        return export("ckpt_export", tmp_path_factory.mktemp("torchscript"))


def test_torchscript_of_the_shipped_weights_equals_the_network(torchscript, eager, brain):
    scripted, metadata, _ = load_net_with_metadata(str(torchscript))
    with torch.no_grad():
        expected = eager(brain)
        torch.testing.assert_close(scripted.eval()(brain), expected, rtol=0, atol=1e-4)
    assert expected.max() > 0.5 > expected.min()
    assert metadata["name"].startswith("VesselSLD")


def test_onnx_of_the_shipped_weights_equals_the_network(tmp_path, monkeypatch, eager, brain):
    runtime = pytest.importorskip("onnxruntime")
    monkeypatch.chdir(ROOT)
    session = runtime.InferenceSession(str(export("onnx_export", tmp_path)))
    (found,) = session.run(None, {session.get_inputs()[0].name: brain[:1].numpy()})
    with torch.no_grad():
        np.testing.assert_allclose(found, eager(brain[:1]).numpy(), rtol=0, atol=1e-4)


def test_what_tensorrt_is_given_exists():
    arguments = {word[2:] for word in COMMANDS["trt_export"] if word.startswith("--")}
    assert arguments <= set(signature(monai.bundle.trt_export).parameters)


def test_network_and_metadata_agree(monkeypatch):
    monkeypatch.chdir(ROOT)
    files = {"config_file": "configs/inference.yaml", "meta_file": "configs/metadata.json"}
    monai.bundle.verify_net_in_out(net_id="network_def", device="cpu", **files)


def test_monai_deploy_can_run_the_torchscript_bundle(torchscript, tmp_path):
    """As its MonaiBundleInferenceOperator does: configs out of the archive, a volume in memory without file name."""
    with zipfile.ZipFile(torchscript) as archive:
        (member,) = [name for name in archive.namelist() if name.endswith("extra/inference.json")]
        archive.extract(member, tmp_path)
    parser = ConfigParser()
    parser.read_config(str(tmp_path / member))
    parser.update({"window": [32, 32, 32], "brain_mask": "none"})
    affine = grid(oblique(), (0.5, 0.5, 0.7), (56, 52, 28))
    scan, vessel = phantom(affine, (56, 52, 28))
    image = parser.get_parsed_content("preprocessing")({"image": MetaTensor(torch.from_numpy(scan), affine=affine)})
    image = {"image": image["image"]}  # see docs/deployment.md
    pred = parser.get_parsed_content("inferer")(inputs=image["image"][None], network=BrightNetwork())[0]
    result = parser.get_parsed_content("postprocessing")({"pred": pred, **image})["pred"]
    assert result.shape == (1, 56, 52, 28)
    np.testing.assert_allclose(result.affine, affine, atol=1e-4)
    assert dice(result[0].numpy() > 0, vessel) > 0.9
