"""MONAI's federated client on the training configs."""

from __future__ import annotations

import numpy as np
import pytest
import yaml
from monai.fl.client import MonaiAlgo
from monai.fl.utils.exchange_object import ExchangeObject
from monai.networks.utils import get_state_dict

from tests.run_inference import ROOT
from tests.tiny_dataset import tiny_dataset

SMALL = {"channels": [2, 2, 4, 4, 4], "crop_size": 32, "window": [32, 32, 32], "brain_mask": "none", "num_workers": 0}


@pytest.fixture
def client(tmp_path):
    scans = tiny_dataset(tmp_path / "data")
    overlay = tmp_path / "small.yaml"
    overlay.write_text(yaml.safe_dump({**SMALL, "epochs": 1, "iterations_per_epoch": 1}))
    client = MonaiAlgo(
        bundle_root=str(ROOT),
        config_train_filename=["configs/train.yaml", "configs/cpu.yaml", str(overlay)],
        config_evaluate_filename=None,
        train_kwargs={"dataset_dir": str(scans), "output_dir": str(tmp_path / "out")},
        local_epochs=1,
    )
    client.initialize(extra={"client_name": "site"})
    yield client
    client.finalize()


def test_rounds_start_from_the_servers_weights_and_go_beyond_the_schedule(client):
    weights = {key: value.numpy().copy() for key, value in get_state_dict(client.trainer.network).items()}
    for number in (1, 2):  # of a schedule of one epoch
        client.train(ExchangeObject(weights=weights), extra={})
        change = client.get_weights(extra={})
        assert client.trainer.state.iteration == number
        moved = change.weights["encoder.0.conv1.weight"]
        assert 0 < np.abs(moved).max() < 0.1  # one step of Adam from what the server gave
