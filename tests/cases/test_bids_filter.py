import pytest

from scripts.cases.bids_filter import bids_entities, with_entities

CASES = [
    {"image": "/d/sub-01_ses-1_acq-tof_angio.nii.gz"},
    {"image": "/d/sub-01_ses-2_angio.nii.gz"},
    {"image": "/d/sub-02_angio.nii.gz"},
]


def test_entities_of_a_name() -> None:
    assert bids_entities(CASES[0]["image"]) == {"sub": "01", "ses": "1", "acq": "tof"}


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [
        ({"sub": ["01", "02"]}, [0, 1, 2]),
        ({"sub": "sub-01"}, [0, 1]),
        ({"sub": "01", "ses": ["2", "3"]}, [1]),
        ({"acq": "tof"}, [0]),
        ({}, [0, 1, 2]),
    ],
)
def test_scans_that_have_all_wanted_entities_are_kept(wanted: dict, kept: list[int]) -> None:
    assert with_entities(CASES, wanted) == [CASES[i] for i in kept]


def test_nothing_left_says_what_there_is() -> None:
    with pytest.raises(FileNotFoundError, match="ses: 1, 2; acq: tof"):
        with_entities(CASES, {"ses": "9", "acq": "tof"})


def test_a_number_is_refused_because_it_has_lost_its_zeros() -> None:
    with pytest.raises(ValueError, match="write it in quotes"):
        with_entities(CASES, {"sub": 1})
