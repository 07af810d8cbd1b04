"""Through all of inference.yaml with a network that calls bright voxels vessels: does the mask lie on the scan?"""

from __future__ import annotations

import nibabel as nib
import numpy as np
import pytest
import torch
from PIL import Image

from scripts.vessels.swc import read_swc
from tests.dicom_series import save_series
from tests.phantom import LPS, RAS, SUPERIOR_FIRST, dice, grid, oblique, phantom, save
from tests.run_inference import inference_config, run_inference, summary

SCANS = {
    # file name: axes, spacing in mm, shape, smallest DSC (thin and thick slices lose to partial volume)
    "ras.nii.gz": (RAS, (0.6, 0.6, 0.6), (50, 46, 30), 0.97),
    "lps.nii.gz": (LPS, (0.5, 0.5, 0.8), (56, 52, 24), 0.9),
    "superior_first.nii": (SUPERIOR_FIRST, (0.7, 0.5, 0.6), (26, 56, 46), 0.9),
    "oblique.nii.gz": (oblique(), (0.5, 0.5, 0.6), (60, 60, 32), 0.9),
    "anisotropic.nii.gz": (RAS, (0.4, 0.4, 1.5), (70, 66, 14), 0.85),
    "thin.nii.gz": (LPS, (0.5, 0.5, 0.9), (56, 52, 2), 0.9),
    "format.nrrd": (oblique(-15), (0.5, 0.6, 0.7), (60, 50, 28), 0.9),
    "other.mha": (LPS, (0.5, 0.5, 0.5), (56, 52, 30), 0.9),
    "left_handed.nii.gz": (np.diag([-1.0, 1.0, 1.0, 1.0]), (0.5, 0.5, 0.6), (56, 52, 30), 0.9),
    "series": (oblique(10), (0.5, 0.5, 0.7), (56, 52, 28), 0.9),  # a folder of DICOM slices
}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Output folder of one run over all SCANS, each with an all-true brain mask; and the label of each."""
    root = tmp_path_factory.mktemp("geometry")
    label = {}
    for folder in ("images", "brain_masks", "labels"):
        (root / folder).mkdir()
    for file, (axes, spacing, shape, _) in SCANS.items():
        affine = grid(axes, spacing, shape)
        scan, vessel = phantom(affine, shape)
        label[file] = (affine, vessel)
        if file == "series":
            save_series(root / "images" / file, scan, affine)
        else:
            save(root / "images" / file, scan, affine)
        save(root / "brain_masks" / (file if "." in file else f"{file}.nii.gz"), np.ones(shape, np.uint8), affine)
        if file == "thin.nii.gz":
            save(root / "labels" / file, vessel.astype(np.uint8), affine)
        if file == "lps.nii.gz":  # on another grid: of no use for the picture, and no reason to fail
            save(root / "labels" / file, vessel[1:].astype(np.uint8), affine)
    run_inference(root, root / "out", root / "model.pt")
    return root / "out", label


@pytest.mark.parametrize("file", SCANS)
def test_the_mask_lies_on_the_scan(results, file):
    folder, label = results
    affine, vessel = label[file]
    name = file.split(".")[0]
    mask = nib.load(folder / f"{name}_vessels.nii.gz")
    probability = nib.load(folder / f"{name}_probability.nii.gz")
    for volume in (mask, probability):
        assert volume.shape == vessel.shape
        np.testing.assert_allclose(volume.affine, affine, atol=1e-4)
    values = np.asarray(mask.dataobj)
    assert (values.dtype, probability.get_data_dtype()) == (np.uint8, np.float32)
    assert set(np.unique(values)) == {0, 1}
    assert dice(values > 0, vessel) > SCANS[file][3]
    assert 0 <= probability.get_fdata().min() < probability.get_fdata().max() <= 1 + 1e-6  # rounding of resampling


def test_previews(results):
    folder, _ = results
    assert len(list(folder.glob("*_preview.png"))) == len(SCANS)
    without, with_label = (Image.open(folder / f"{name}_preview.png") for name in ("lps", "thin"))
    assert with_label.width == 2 * without.width  # label and errors
    assert np.asarray(without).std() > 10


def test_summary(results):
    folder, label = results
    rows = summary(folder)
    assert set(rows) == {file.split(".")[0] for file in SCANS}
    affine, vessel = label["ras.nii.gz"]
    assert float(rows["ras"]["vessel_volume_ml"]) == pytest.approx(vessel.sum() * 0.216 / 1000, rel=0.05)
    assert {row["brain_mask"] for row in rows.values()} == {"user"}
    # two tubes of 11 mm that meet at a corner, radius 2 mm, on every grid but that of two slices
    for name in rows.keys() - {"thin"}:
        assert float(rows[name]["length_m"]) == pytest.approx(0.022, abs=0.006), name
        assert float(rows[name]["mean_radius_mm"]) == pytest.approx(2, abs=0.4), name
    assert all(float(row["seconds"]) > 0 for row in rows.values())
    assert "look at it" in rows["thin"]["warnings"]  # a brain of a few ml


def test_report(results):
    folder, _ = results
    assert (folder / "report.html").read_text().count("<figure>") == len(SCANS)  # written after the last scan


@pytest.mark.parametrize("file", SCANS)
def test_the_centreline_lies_in_the_vessel(results, file):
    folder, label = results
    affine, vessel = label[file]
    tree = read_swc(folder / f"{file.split('.')[0]}_centreline.swc")
    voxels = np.rint((tree.points - affine[:3, 3]) @ np.linalg.inv(affine[:3, :3]).T).astype(int)
    assert vessel[tuple(voxels.T)].mean() > 0.9


def test_nothing_else_is_left(results):
    folder, _ = results
    ends = ("_vessels.nii.gz", "_probability.nii.gz", "_centreline.swc", "_segments.csv")
    ends += ("_preview.png", "_preview.nii.gz")
    expected = {f"{file.split('.')[0]}{end}" for file in SCANS for end in ends}
    expected |= {"summary.csv", "report.html"}
    assert {path.name for path in folder.iterdir()} == expected


def postprocess(folder, volume, brain, **overrides):
    """`postprocessing` of a probability (D, H, W) on a 1 mm grid."""
    parser = inference_config(spacing=1.0, brain_mask="none", **overrides)
    scan = np.arange(volume.numel(), dtype=np.float32).reshape(volume.shape)
    data = parser.get_parsed_content("preprocessing")({"image": str(save(folder / "scan.nii", scan, RAS))})
    data["image"] = data["image"] * brain
    data["pred"] = torch.zeros_like(data["image"]) + volume
    return parser.get_parsed_content("postprocessing")(data)


def test_small_components_and_what_is_outside_the_brain_go(tmp_path):
    volume, brain = torch.zeros(12, 12, 12), torch.ones(12, 12, 12)
    volume[1, 1, 1:6] = 0.9  # 5 mm3
    for i in range(4):  # 4 mm3, joined at corners only
        volume[6 + i, 6 + i, 6 + i] = 0.9
    volume[1, 8, 1:3] = 0.9  # 2 mm3
    volume[10, :, 1] = 0.9  # outside the brain
    brain[10] = 0
    result = postprocess(tmp_path, volume, brain, min_component=2.5)
    pred = result["pred"][0]
    assert int(pred.sum()) == 5 + 4
    assert pred[7, 7, 7] == 1
    assert result["probability"][0, 1, 8, 1] == pytest.approx(0.9, abs=1e-5)  # small components are kept
    assert not result["probability"][0, 10].any()


def test_threshold(tmp_path):
    volume = torch.full((4, 4, 4), 0.25)
    assert not postprocess(tmp_path, volume, torch.ones(4, 4, 4))["pred"].any()
    assert postprocess(tmp_path, volume, torch.ones(4, 4, 4), threshold=0.2)["pred"].all()
