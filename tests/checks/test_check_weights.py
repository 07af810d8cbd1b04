"""Files that are no weights of the network are refused, and run no code."""

from __future__ import annotations

import re

import pytest

from scripts.checks.check_weights import check_weights
from scripts.networks.vessel_unet import VesselSegmenter, VesselUNet
from tests.faulty_weights import CHANNELS, weights_file
from tests.refusal import refusal


@pytest.mark.parametrize("network", [VesselSegmenter(CHANNELS), VesselUNet(CHANNELS)])
@pytest.mark.parametrize("fault", ["sound", "under a key"])
def test_weights_of_the_network_pass(tmp_path, fault, network):
    check_weights(str(weights_file(tmp_path, fault)), network)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("truncated", "no whole file of torch.save"),
        ("cut early", "no whole file of torch.save"),
        ("empty", "no whole file of torch.save"),
        ("text", "is refused. It is damaged"),
        ("code", "could run code"),
        ("another width", "of another width: .* Give --channels"),
        ("without the key", r"no weights of this network: .*such as weights\)"),
        ("checkpoint", "a checkpoint to go on from; give the weights beside it"),
        ("no dictionary", "holds a list"),
        ("not finite", "holds NaN or infinity"),
        ("gone", "no such file"),
    ],
)
def test_other_weights_are_refused(tmp_path, fault, words):
    file = weights_file(tmp_path, fault)
    message = refusal(check_weights, str(file), VesselSegmenter(CHANNELS))
    assert message.startswith(f"{file}: ")
    assert re.search(words, message)
    assert not (tmp_path / "ran").exists()
