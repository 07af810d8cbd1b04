import json

import pytest

from scripts.cases.datalist import scan_cases
from tests.cases.test_datalist import touch


def save_list(path, content):
    path.write_text(json.dumps(content))
    return str(path)


def test_a_list_keeps_its_order_and_finds_masks(tmp_path):
    touch(tmp_path, "s/b/tof.nii.gz", "s/a/tof.nii.gz", "s/brain_masks/c.nii.gz", "s/x/c.nrrd", "m.nii.gz", "l.nii.gz")
    entries = [
        {"image": "s/b/tof.nii.gz", "name": "b/tof", "brain_mask": "m.nii.gz", "label": "l.nii.gz"},
        {"image": str(tmp_path / "s/a/tof.nii.gz"), "name": "a/tof"},
        "s/x/c.nrrd",
    ]
    cases = scan_cases(save_list(tmp_path / "scans.json", entries))
    assert [case["name"] for case in cases] == ["b/tof", "a/tof", "c"]
    assert cases[0]["brain_mask"] == str(tmp_path / "m.nii.gz")
    assert cases[0]["label"] == str(tmp_path / "l.nii.gz")
    assert cases[1] == {"image": str(tmp_path / "s/a/tof.nii.gz"), "name": "a/tof"}
    assert cases[2]["brain_mask"] == str(tmp_path / "s/brain_masks/c.nii.gz")
    unmasked = scan_cases(str(tmp_path / "scans.json"), brain_mask="none")
    assert not [case for case in unmasked if "brain_mask" in case]


def test_paths_of_a_list_expand_the_user_and_variables(tmp_path, monkeypatch):
    touch(tmp_path, "home/a.nii.gz", "data/b.nii.gz", "$PLACE.nii.gz")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PLACE", str(tmp_path / "data"))
    cases = scan_cases(save_list(tmp_path / "scans.json", ["~/a.nii.gz", "$PLACE/b.nii.gz", "$PLACE.nii.gz"]))
    assert [case["image"].removeprefix(f"{tmp_path}/") for case in cases] == [
        "home/a.nii.gz",
        "data/b.nii.gz",
        "$PLACE.nii.gz",
    ]


def test_of_a_dictionary_of_splits_the_test_split_is_taken(tmp_path):
    touch(tmp_path, "a.nii.gz", "b.nii.gz")
    save_list(tmp_path / "dataset.json", {"training": ["a.nii.gz"], "test": ["b.nii.gz"]})
    assert [case["name"] for case in scan_cases(str(tmp_path))] == ["b"]
    assert scan_cases(str(tmp_path)) == scan_cases(str(tmp_path / "dataset.json"))


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [
        ([], FileNotFoundError, "names no scan"),
        ({"training": ["a.nii.gz"]}, FileNotFoundError, "a list under 'test'"),
        (["gone.nii.gz"], FileNotFoundError, "gone.nii.gz: named in"),
        ([{"picture": "a.nii.gz"}], ValueError, "has no 'image'"),
        ([{"image": 3}], ValueError, "has no 'image'"),
        ([3], ValueError, "the entry 3 has no 'image'"),
        (["a.nii.gz", "x/a.nrrd"], ValueError, "the results' name 'a'; give them a 'name' each"),
        ([{"image": f, "name": n} for f, n in (("a.nii.gz", "s/a"), ("x/a.nrrd", "./s//a"))], ValueError, "name 's/a'"),
        ([{"image": "a.nii.gz", "name": "../a"}], ValueError, "leads out of the output folder"),
        ([{"image": "a.nii.gz", "name": "/a"}], ValueError, "leads out of the output folder"),
        (["notes.txt"], ValueError, "unsupported file type"),
    ],
)
def test_a_list_that_cannot_be_used_is_refused(tmp_path, content, error, words):
    touch(tmp_path, "a.nii.gz", "x/a.nrrd", "notes.txt")
    with pytest.raises(error, match=words):
        scan_cases(save_list(tmp_path / "scans.json", content))


def test_a_file_that_is_no_json_is_refused(tmp_path):
    (tmp_path / "scans.json").write_bytes(b"\xff\xfe{")
    with pytest.raises(ValueError, match="scans.json: not a JSON file"):
        scan_cases(str(tmp_path / "scans.json"))
