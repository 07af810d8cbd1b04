"""The BIDS App, with the shipped weights on tiny scans."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts import bids_app
from tests.bids_tree import bids_tree
from tests.run_inference import ROOT, summary

DESCRIPTOR = ROOT / "scripts" / "bids_app.json"
SMALL = ("--window", "[32, 32, 32]", "--brain_mask", "none")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bids_tree(tmp_path_factory.mktemp("bids") / "raw")


def test_participants_one_by_one_and_their_group(tree: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for label in ("01", "sub-02"):
        places = (str(tree), str(out), "participant", "--participant-label", label)
        assert bids_app.main((*places, "--skip-bids-validation", *SMALL)) == 0
    (out / "report.html").unlink()
    assert bids_app.main((str(tree), str(out), "group", "--skip_bids_validation")) == 0
    assert len(summary(out)) == 4 and (out / "report.html").is_file()
    assert (out / "sub-02/anat/sub-02_label-vessel_mask.nii.gz").is_file()


def test_sessions_are_chosen(tree: Path, tmp_path: Path) -> None:
    places = (str(tree), str(tmp_path), "participant", "--session-label", "1")
    assert bids_app.main((*places, "--skip-bids-validation", *SMALL)) == 0
    assert list(summary(tmp_path)) == ["sub-01/ses-1/anat/sub-01_ses-1_angio"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--participant-label", "03"), "There are sub: 01, 02"),
        (("--threshold",), "settings are given as --key value"),
        (("--tresh", "0.5"), "Did you mean --threshold"),
        (("--threshold", "0,5"), "--threshold must be a number greater than 0"),
    ],
)
def test_what_is_wrong_is_said_and_the_status_tells(
    tree: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...], words: str
) -> None:
    assert bids_app.main((str(tree), str(tmp_path), "participant", "--skip-bids-validation", *more)) == 1
    assert words in capsys.readouterr().err


def test_the_version_is_that_of_the_metadata(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="^0$"):
        bids_app.main(("--version",))
    metadata = json.loads((ROOT / "configs" / "metadata.json").read_text())
    assert capsys.readouterr().out == f"{metadata['version']}\n"


def test_paths_expand_the_user(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert bids_app.main(("~/tree", "~/out", "group", "--skip-bids-validation")) == 1
    assert capsys.readouterr().err.startswith(f"{tmp_path}/out: holds no summary.csv")


def test_an_invalid_tree_is_refused(
    tree: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch
) -> None:
    refuse = tmp_path / "bids-validator-deno"
    refuse.write_text("#!/bin/sh\necho '[ERROR] no README'\nexit 1\n")
    refuse.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert bids_app.main((str(tree), str(tmp_path / "out"), "participant")) == 1
    assert "[ERROR] no README" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_boutiques_descriptor_is_valid_and_tells_the_apps_own_options() -> None:
    descriptor = json.loads(DESCRIPTOR.read_text())
    options = {action.dest for action in bids_app._parser()._actions} - {"help", "version"}
    assert options | {"threshold", "shard"} == {item["id"] for item in descriptor["inputs"]}
    assert descriptor["tool-version"] == json.loads((ROOT / "configs" / "metadata.json").read_text())["version"]
    boutiques = pytest.importorskip("boutiques")
    boutiques.validate(str(DESCRIPTOR))
    invocation = {
        "bids_dir": "/in",
        "output_dir": "/out",
        "analysis_level": "participant",
        "participant_label": ["01", "02"],
    }
    command = boutiques.execute("simulate", str(DESCRIPTOR), "-i", json.dumps(invocation)).stdout
    assert "python -m scripts.bids_app /in /out participant --participant-label 01 02" in command
