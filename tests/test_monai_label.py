"""What MONAI Label 0.8.5 does with the bundle, without a server; docs/monai-label.md has the steps of a user."""

from __future__ import annotations

import json

import nibabel as nib
import numpy as np
import pytest
import torch
from monai.bundle import ConfigParser, run
from monai.transforms import LoadImaged

from scripts.networks.vessel_unet import VesselSegmenter
from tests.bright_network import BrightNetwork
from tests.faulty_scans import FAULTS, SOUND
from tests.phantom import LPS, dice, grid, oblique, phantom, save
from tests.run_inference import ROOT, inference_config, run_inference
from tests.tiny_dataset import tiny_dataset

BESIDE = {
    "other_grid",
    "mask_moved",
    "mask_empty",
    "mask_inverted",
    "mask_cut",
}  # MONAI Label gives no mask


@pytest.mark.parametrize("axes", [LPS, oblique()], ids=["LPS", "oblique"])
def test_item_by_item_as_monai_label_does_it(tmp_path, axes):
    shape = (58, 54, 28)
    affine = grid(axes, (0.5, 0.5, 0.7), shape)
    scan, vessel = phantom(affine, shape)
    pred = item_by_item(save(tmp_path / "scan.nii.gz", scan, affine))
    assert pred.shape == (1, *shape)
    np.testing.assert_allclose(pred.affine, affine, atol=1e-4)
    assert dice(pred[0].numpy() > 0, vessel) > 0.9
    assert [path.name for path in tmp_path.iterdir()] == ["scan.nii.gz"]


@pytest.mark.parametrize("name", sorted(FAULTS.keys() - BESIDE))
def test_odd_files_are_refused_with_the_reason(tmp_path, name):
    make, reason = FAULTS[name]
    path = tmp_path / (name if name == "series_with_gap" else f"{name}.nii.gz")
    make(path)
    with pytest.raises(Exception) as error:  # noqa: B017, PT011 MONAI Label shows whatever is raised
        item_by_item(path)
    assert reason in str(error.getrepr(chain=True))


@pytest.mark.parametrize("name", SOUND)
def test_odd_files_have_the_mask_that_the_command_gives_them(tmp_path, name):
    (tmp_path / "scans").mkdir()
    path = tmp_path / "scans" / f"{name}.nii.gz"
    SOUND[name](path)
    run_inference(tmp_path / "scans", tmp_path / "out", tmp_path / "model.pt", report=False, graph=False)
    mask = nib.load(tmp_path / "out" / f"{name}_vessels.nii.gz")
    np.testing.assert_array_equal(item_by_item(path)[0].numpy(), np.asarray(mask.dataobj))


def item_by_item(path):
    """The mask (1, D, H, W) of a scan; nothing but `image` is given."""
    data = {"image": str(path), "image_path": str(path)}
    parser = inference_config(window=[32, 32, 32], device="cpu", spacing=0.6)  # a name, not a torch.device
    for transform in parser.get_parsed_content("preprocessing").transforms:
        assert not isinstance(transform, LoadImaged)  # MONAI Label's stand-in for it needs `brain_mask` in every case
        data = transform(data)
    data["pred"] = parser.get_parsed_content("inferer")(data["image"][None], BrightNetwork())[0]
    for transform in parser.get_parsed_content("postprocessing").transforms:
        data = transform(data)
    return data["pred"]


def test_what_the_user_sets_reaches_window_threshold_and_small_components():
    parser = inference_config()
    shown = parser.get_parsed_content("displayable_configs")
    assert set(shown) == {"threshold", "overlap", "min_component"}
    assert all(type(value) is float for value in shown.values())  # 3D Slicer cuts an answer down to the default's type
    parser.get_parsed_content("postprocessing")  # an earlier request
    parser["displayable_configs"].update({"threshold": 0.125, "overlap": 0.5, "min_component": 7.0})
    parser.parse()
    steps = {type(step).__name__: step for step in parser.get_parsed_content("postprocessing").transforms}
    assert steps["VesselThresholdd"].threshold == [0.125]
    assert steps["RemoveSmallComponentsd"].min_volume == 7.0
    assert parser.get_parsed_content("inferer").overlap == 0.5


@pytest.mark.parametrize(
    ("part", "name", "value", "words"),
    [
        ("postprocessing", "threshold", 40.0, "must be greater than 0, at most 1, got 40.0"),
        ("postprocessing", "min_component", -1.0, "must be at least 0 mm3, got -1.0"),
        ("inferer", "overlap", 1.5, "must be at least 0 and less than 1 of a window, got 1.5"),
    ],
)
def test_a_senseless_number_of_the_user_is_refused(part, name, value, words):
    parser = inference_config()
    parser["displayable_configs"].update({name: value})
    with pytest.raises(RuntimeError) as error:
        parser.get_parsed_content(part)
    assert words in str(error.value.__cause__)


def test_weights_and_label_are_the_ones_that_it_chooses():
    assert min((ROOT / "models").glob("*.pt"), key=lambda file: len(file.name)).name == "model.pt"
    (outputs,) = json.loads((ROOT / "configs/metadata.json").read_text())["network_data_format"]["outputs"].values()
    assert outputs["channel_def"] == {"0": "background", "1": "vessel"}


def test_its_training_starts_from_the_shipped_weights_with_the_scans_it_hands_over(tmp_path):
    scans = tiny_dataset(tmp_path / "data")
    channels = [2, 2, 4, 4, 4]
    torch.manual_seed(1)  # not the config's seed, with which its own start would be the same
    start = VesselSegmenter(channels=channels).state_dict()
    torch.save(start, tmp_path / "model.pt")
    files = [str(ROOT / f"configs/{name}.yaml") for name in ("train", "cpu")]
    parser = ConfigParser()
    parser.read_config(files)
    handlers = parser.get("train#handlers")
    assert "CheckpointLoader" not in [handler["_target_"] for handler in handlers]  # or it would not put its own
    loader = {"_target_": "CheckpointLoader", "load_path": str(tmp_path / "model.pt"), "strict": False}
    handlers.insert(0, {**loader, "load_dict": {"model": "$@network"}})
    case = {"image": str(scans / "test/images/d.nii.gz"), "label": str(scans / "test/labels/d.nii.gz")}
    settings = {
        "bundle_root": str(ROOT),
        "device": "cpu",
        "train#trainer#max_epochs": 1,
        "train#dataset#data": [case, case],
        "validate#dataset#data": [case],
        "train#handlers": handlers,
    }
    small = {"channels": channels, "crop_size": 32, "iterations_per_epoch": 1, "num_workers": 0, "brain_mask": "none"}
    small |= {"window": [32, 32, 32], "learning_rate": 0.0, "logging_file": False}
    run(config_file=files, output_dir=str(tmp_path / "out"), masks_dir=str(scans / "masks_2d"), **settings, **small)
    assert [folder.name for folder in (tmp_path / "out").iterdir()] == ["train"]  # no stage 1
    trained = torch.load(tmp_path / "out/train/model.pt", weights_only=True)
    for key in ("encoder.0.conv1.weight", "decoder.3.conv2.weight"):
        torch.testing.assert_close(trained[key], start[key])  # averaging them with themselves may round
