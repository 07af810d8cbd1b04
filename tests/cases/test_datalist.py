import json
from pathlib import Path

import pytest

from scripts.cases.datalist import scan_cases, split_cases
from scripts.cases.scan_files import scan_name
from scripts.io.user_error import UserError
from tests.empty_files import touch


def names(cases: list[dict[str, str]], key: str = "image") -> list[str]:
    return [Path(case[key]).name for case in cases]


def test_scan_name_strips_the_whole_extension():
    assert scan_name("a/sub-01.x.nii.gz") == "sub-01.x"
    assert [scan_name(f"s{e}") for e in (".nii", ".NRRD", ".mha", ".mhd")] == ["s"] * 4
    with pytest.raises(ValueError, match="photo.png: unsupported file type"):
        scan_name("photo.png")


def test_scans_of_a_folder_are_sorted_and_masks_and_results_are_no_scans(tmp_path):
    touch(tmp_path, "b.mha", "a.nii.gz", "a_brain_mask.nii.gz", "a_vessels.nii.gz", "a_probability.nii.gz")
    touch(tmp_path, "notes.txt", ".hidden.nii.gz", "mip_vessels.nrrd")
    cases = scan_cases(str(tmp_path))
    assert names(cases) == ["a.nii.gz", "b.mha", "mip_vessels.nrrd"]  # no scan `mip`: a scan of an odd name
    assert cases[0]["brain_mask"] == str(tmp_path / "a_brain_mask.nii.gz")
    assert "brain_mask" not in cases[1]
    assert all("brain_mask" not in case for case in scan_cases(str(tmp_path), brain_mask="none"))


@pytest.mark.parametrize(
    "other",
    ["tof_label", "tof-label", "tof_labels", "tof_seg", "TOF_SEG", "tof.seg", "tof_dseg", "tof_probseg", "tof_gt"]
    + ["tof_ph", "tof_real", "tof_imaginary", "tof_MIP", "tof_vessels", "b_vessel_mask", "tof_confidence"],
)
def test_labels_and_parts_beside_a_scan_are_no_scans(tmp_path, other, caplog):
    caplog.set_level("INFO")
    touch(tmp_path, "tof.nii.gz", f"{other}.nrrd")
    assert names(scan_cases(str(tmp_path))) == ["tof.nii.gz"]
    assert f"no scans by their names: {other}.nrrd" in caplog.text


def test_parts_are_known_by_their_bids_names_in_any_folder(tmp_path):
    touch(tmp_path, *(f"sub-1_{entity}angio.nii.gz" for entity in ("", "part-mag_", "part-phase_", "acq-mip_")))
    assert names(scan_cases(str(tmp_path))) == ["sub-1_angio.nii.gz", "sub-1_part-mag_angio.nii.gz"]


@pytest.mark.parametrize("name", ["unmask", "tof_seg", "mip", "a_ph", "label"])
def test_an_odd_name_alone_makes_no_scan_a_label(tmp_path, name):
    touch(tmp_path, f"{name}.nii.gz")
    assert names(scan_cases(str(tmp_path))) == [f"{name}.nii.gz"]


def test_of_a_data_set_the_test_split_is_segmented(tmp_path):
    touch(tmp_path, "training/images/t.nii.gz", "test/images/a.nii.gz", "test/brain_masks/a.nii.gz")
    (case,) = scan_cases(str(tmp_path))
    assert names([case]) == ["a.nii.gz"] and case["brain_mask"].endswith("test/brain_masks/a.nii.gz")
    touch(tmp_path, "own.nii.gz")  # a folder of scans, in which there happens to be a folder `test`
    assert names(scan_cases(str(tmp_path))) == ["own.nii.gz"]


def test_one_file_is_a_case_and_finds_its_mask(tmp_path):
    touch(tmp_path, "images/a.nii.gz", "brain_masks/a.nrrd", "labels/a.nii.gz")
    (case,) = scan_cases(str(tmp_path / "images/a.nii.gz"))
    assert case["brain_mask"] == str(tmp_path / "brain_masks/a.nrrd")
    assert case["label"] == str(tmp_path / "labels/a.nii.gz")
    assert scan_cases(str(tmp_path)) == [case]


def test_no_item_is_a_string_named_after_the_image(tmp_path):  # MONAI's Spacingd would stumble over it
    touch(tmp_path, "images/a.nii.gz", "brain_masks/a.nrrd", "labels/a.nii.gz")
    assert not [key for case in scan_cases(str(tmp_path)) for key in case if key.startswith("image_")]


def test_layout_of_a_data_set(tmp_path):
    touch(tmp_path, "training/images/t2.nii.gz", "training/images/t1.nii.gz", "training/brain_masks/t2.nii.gz")
    touch(tmp_path, "training/labels/t1.nii.gz", "validation/images/v.nrrd", "validation/labels/v.nii.gz")
    training = split_cases(str(tmp_path))
    assert names(training) == ["t1.nii.gz", "t2.nii.gz"]
    assert all("label" not in case for case in training)
    assert training[1]["brain_mask"] == str(tmp_path / "training/brain_masks/t2.nii.gz")
    assert names(split_cases(str(tmp_path), "validation"), "label") == ["v.nii.gz"]
    with pytest.raises(FileNotFoundError, match="no test case"):
        split_cases(str(tmp_path), "test")


def test_a_plain_folder_is_the_training_split(tmp_path):
    touch(tmp_path, "a.nii.gz", "masks_2d/m.png")
    assert names(split_cases(str(tmp_path))) == ["a.nii.gz"]
    assert split_cases(str(tmp_path), "validation") == []


def test_json_list(tmp_path):
    touch(tmp_path, "x/a.nii.gz", "x/b.nii.gz", "y/m.nii.gz", "y/l.nii.gz")
    entries = {
        "training": ["x/b.nii.gz", {"image": "x/a.nii.gz", "brain_mask": "y/m.nii.gz", "label": "not/there.nii.gz"}],
        "test": [{"image": "x/a.nii.gz", "label": "y/l.nii.gz"}],
    }
    (tmp_path / "dataset.json").write_text(json.dumps(entries))
    image_a, image_b, mask = (str(tmp_path / p) for p in ("x/a.nii.gz", "x/b.nii.gz", "y/m.nii.gz"))
    assert split_cases(str(tmp_path)) == [{"image": image_a, "brain_mask": mask}, {"image": image_b}]
    assert split_cases(str(tmp_path), "test") == [{"image": image_a, "label": str(tmp_path / "y/l.nii.gz")}]
    assert split_cases(str(tmp_path), "validation") == []


@pytest.mark.parametrize(
    ("entries", "error", "words"),
    [
        ({"training": [{"picture": "a"}]}, ValueError, "has no 'image'"),
        ({"training": ["gone.nii.gz"]}, FileNotFoundError, "gone.nii.gz: named in"),
        ({"training": None}, UserError, "dataset.json: 'training' is no list of cases"),
        ({"training": "gone.nii.gz"}, UserError, "dataset.json: 'training' is no list of cases"),
        ([1], ValueError, "not a JSON dictionary"),
    ],
)
def test_a_broken_json_list_is_refused(tmp_path, entries, error, words):
    (tmp_path / "dataset.json").write_text(json.dumps(entries))
    with pytest.raises(error, match=words):
        split_cases(str(tmp_path))


def test_json_that_does_not_parse_is_refused(tmp_path):
    (tmp_path / "dataset.json").write_text("{")
    with pytest.raises(ValueError, match="dataset.json"):
        split_cases(str(tmp_path))


def test_unknown_split(tmp_path):
    with pytest.raises(ValueError, match="'train' is unknown"):
        split_cases(str(tmp_path), "train")


@pytest.mark.parametrize(
    ("files", "error", "words"),
    [
        ((), FileNotFoundError, "no scan found"),
        (("photo.png",), FileNotFoundError, "photo.png, which is not supported"),
        (("a_brain_mask.nii.gz",), FileNotFoundError, "but no scan"),
        (("a.nii.gz", "a.nrrd"), ValueError, "have the same name"),
        (("a.nii.gz", "brain_masks/other.nii.gz"), ValueError, "no brain mask there has the name of a scan"),
    ],
)
def test_a_folder_that_cannot_be_used_is_refused(tmp_path, files, error, words):
    touch(tmp_path, *files)
    with pytest.raises(error, match=words):
        scan_cases(str(tmp_path))


def test_brain_masks_that_are_not_asked_for_or_are_none_refuse_nothing(tmp_path):
    touch(tmp_path, "scans/a.nii.gz", "scans/brain_masks/.DS_Store", "scans/brain_masks/notes.txt")
    assert names(scan_cases(str(tmp_path / "scans"))) == ["a.nii.gz"]
    touch(tmp_path, "brain_masks/of_other_scans.nii.gz")
    with pytest.raises(ValueError, match="rename or remove them"):
        scan_cases(str(tmp_path / "scans"))
    assert names(scan_cases(str(tmp_path / "scans"), brain_mask="none")) == ["a.nii.gz"]


def test_missing_and_unsupported_paths_are_refused(tmp_path):
    touch(tmp_path, "photo.png")
    with pytest.raises(FileNotFoundError, match="no such file or folder"):
        scan_cases(str(tmp_path / "nothing"))
    with pytest.raises(ValueError, match="photo.png: unsupported"):
        scan_cases(str(tmp_path / "photo.png"))


def test_a_validation_case_without_label_is_refused(tmp_path):
    touch(tmp_path, "training/images/t.nii.gz", "validation/images/v.nii.gz")
    with pytest.raises(FileNotFoundError, match="its label is missing"):
        split_cases(str(tmp_path), "validation")
