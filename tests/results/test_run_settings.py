from __future__ import annotations

import pytest
import torch

from scripts.io.user_error import UserError
from scripts.networks.vessel_unet import VesselSegmenter
from scripts.results.run_settings import settings_key
from tests.run_inference import inference_config

SETTINGS = {
    # of inference.yaml that make another mask
    "spacing": 0.5,
    "channels": [8, 16, 32, 64, 64],
    "cluster_activation": "sigmoid",
    "brain_mask": "none",
    "window": [96, 96, 64],
    "threshold": 0.5,
    "overlap": 0.5,
    "min_component": 1.0,
    "half_maximum": True,
    "precision": "bfloat16",
    "probability_dtype": "float16",
    "tta": True,
    "displayable_configs#threshold": 0.5,
    "preprocessing#margin": 5,
    "inferer#mode": "constant",
    "embedding_dim": 8,
    "num_clusters": 7,
    "head_channels": 16,
    "network_def#oriented": False,
    "postprocessing#transforms#6#connectivity": 1,
    "postprocessing#transforms#1#nearest_interp": [True, True],
    "evaluator#inferer": {"_target_": "SimpleInferer"},
}
MEANS = {
    # that make the same mask in another way, of other scans, or beside other files
    "bundle_root": None,
    "dataset_dir": "elsewhere",
    "output_dir": "elsewhere",
    "ckpt": None,
    "device": "$torch.device('meta')",
    "windows_at_once": 2,
    "runtime": "torch",
    "graph": False,
    "report": False,
    "report_names": True,
    "dicom_seg": True,
    "overwrite": True,
    "surface": True,
    "bids_filter": {"sub": "01"},
    "shard": "1/2",
    "num_workers": 1,
    "inferer#progress": False,
}
SECTIONS = {
    "displayable_configs", "results", "preprocessing", "dataset", "dataloader", "network_def", "network", "inferer",
    "tta_inferer", "postprocessing", "outcome", "handlers", "evaluator", "initialize", "run",
}  # fmt: skip


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    file = tmp_path_factory.mktemp("weights") / "model.pt"
    file.write_bytes(b"1")
    return str(file)


def key(weights: str, **overrides: object) -> str:
    config = inference_config(ckpt=weights, **{"device": "$torch.device('cpu')", **overrides})
    return config.get_parsed_content("results#settings")


def test_every_setting_is_one_or_the_other():
    """A new one must be put into one of the lists, where the next two tests look at it."""
    listed = {name for name in SETTINGS | MEANS if "#" not in name}
    assert set(inference_config().get()) - SECTIONS == listed | {"_meta_"} & set(inference_config().get())


@pytest.mark.parametrize("name", SETTINGS)
def test_what_makes_another_mask_makes_another_key(weights, name):
    assert key(weights, **{name: SETTINGS[name]}) != key(weights)


@pytest.mark.parametrize("name", [name for name, value in MEANS.items() if value is not None])
def test_what_makes_the_same_mask_keeps_the_key(weights, name):
    assert key(weights, **{name: MEANS[name]}) == key(weights)


def test_the_weights_count_by_their_content(tmp_path, weights):
    for name, content in (("same.pt", b"1"), ("other.pt", b"2")):
        (tmp_path / name).write_bytes(content)
    assert key(str(tmp_path / "same.pt")) == key(weights) != key(str(tmp_path / "other.pt"))


def test_random_weights_that_are_replaced_do_not_count(weights):
    networks = [VesselSegmenter(channels=[2, 2, 2, 2, 2]) for _ in range(2)]
    assert not torch.equal(next(networks[0].parameters()), next(networks[1].parameters()))
    assert settings_key(weights, networks[:1]) == settings_key(weights, networks[1:])


def test_a_part_of_ones_own_counts_with_all_that_it_holds(weights):
    class Part:
        def __init__(self, sigma):
            self.inner = {"sigma": sigma, "whole": self}  # a circle

    assert (
        settings_key(weights, [Part(1.0)]) == settings_key(weights, [Part(1.0)]) != settings_key(weights, [Part(2.0)])
    )


def test_missing_weights_are_named(tmp_path):
    with pytest.raises(UserError, match="mine.pt: no such weights; give --ckpt"):
        settings_key(str(tmp_path / "mine.pt"), [])
