"""What `make zoo` writes is all that a pull request to the Model Zoo needs, and works there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from monai.bundle import ConfigParser

from scripts import zoo_kit
from scripts.checks.workflow import CheckedWorkflow
from scripts.io.content import content_sha256
from scripts.io.user_error import UserError
from tests.run_inference import ROOT

TESTS = Path(__file__).parent


@pytest.fixture(scope="module")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model-zoo")
    assert zoo_kit.main([str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def bundle(zoo: Path) -> Path:
    return zoo / "models" / "vessel_sld_segmentation"


def test_the_folder_holds_what_the_zoo_asks_for_and_no_more(zoo: Path, bundle: Path) -> None:
    top = {"LICENSE", "LICENSE.weights", "requirements.txt", "vessel_sld.py", "configs", "docs", "models", "scripts"}
    assert {path.name for path in bundle.iterdir()} == top
    assert {path.name for path in (bundle / "models").iterdir()} == {"model.pt", "model.json"}
    files = {path.relative_to(bundle).as_posix() for path in bundle.rglob("*")}
    assert {"configs/metadata.json", "configs/inference.yaml", "docs/README.md", "docs/data_license.txt"} <= files
    assert not [file for file in files if re.search(r"(^|/)tests?[/_]|__pycache__|/\.|zoo_kit", file)]
    assert all(path.stat().st_size <= zoo_kit.LIMIT for path in bundle.rglob("*"))  # so there is no large_files.yml
    assert [path.name for path in sorted((zoo / "ci" / "unit_tests").iterdir())] == [
        "test_vessel_sld_segmentation.py",
        "test_vessel_sld_segmentation_dist.py",
    ]
    assert (bundle / "models" / "model.pt").read_bytes() == (ROOT / "models" / "model.pt").read_bytes()


def test_what_lies_about_in_a_working_copy_stays_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "copy"
    wanted = ["LICENSE", "vessel_sld.py", "requirements.txt", "configs/train.yaml", "docs/use.md", "scripts/io/a.py"]
    wanted += [f"models/{name}" for name in zoo_kit.WEIGHTS]
    other = [
        "scripts/.cache/a",
        "scripts/io/.a.py.swp",
        "configs/.DS_Store",
        "docs/.ipynb_checkpoints/use.md",
        ".git/a",
    ]
    other += ["scripts/io/__pycache__/a.pyc", "scripts/zoo_kit.py", "models/mine.pt", "models/.model.pt", "eval/a.csv"]
    for file in [*wanted, *other, "tests/zoo/test_vessel_sld_segmentation.py"]:
        (copy / file).parent.mkdir(parents=True, exist_ok=True)
        (copy / file).touch()
    monkeypatch.setattr(zoo_kit, "ROOT", copy)
    folder = zoo_kit.write_submission(tmp_path / "zoo")
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert there == {file.replace("models/LICENSE", "LICENSE") for file in wanted}


def test_the_metadata_name_the_required_packages_alone(bundle: Path) -> None:
    metadata = json.loads((bundle / "configs" / "metadata.json").read_text())
    assert [key for key in metadata if "packages" in key] == ["required_packages_version"]


def test_links_of_the_pages_lead_somewhere_there(bundle: Path) -> None:
    pages = sorted((bundle / "docs").glob("*.md"))
    links = {(page.name, link) for page in pages for link in re.findall(r"\]\((?!https?:)([^)\s#]+)", page.read_text())}
    assert links and [(page, link) for page, link in links if not (bundle / "docs" / link).exists()] == []


def test_what_was_there_before_goes(tmp_path: Path) -> None:
    old = tmp_path / "models" / "vessel_sld_segmentation" / "configs" / "old.yaml"
    old.parent.mkdir(parents=True)
    old.touch()
    zoo_kit.write_submission(tmp_path)
    assert not old.exists()


def test_large_files_are_left_to_a_download(tmp_path: Path) -> None:
    folder = zoo_kit.write_submission(tmp_path, url="https://example.org/v1", limit=5 * 2**20)
    assert not (folder / "models" / "model.pt").exists()
    digest = content_sha256(ROOT / "models" / "model.pt")
    entry = {"path": "models/model.pt", "url": "https://example.org/v1/models/model.pt"}
    assert yaml.safe_load((folder / "large_files.yml").read_text()) == {
        "large_files": [{**entry, "hash_val": digest, "hash_type": "sha256"}]
    }


def test_what_was_there_before_stays_where_a_file_is_too_large(tmp_path: Path) -> None:
    old = tmp_path / "models" / "vessel_sld_segmentation" / "configs" / "old.yaml"
    old.parent.mkdir(parents=True)
    old.touch()
    with pytest.raises(UserError, match=r"models/model.pt is larger than 5 MB: give --url ADDRESS"):
        zoo_kit.write_submission(tmp_path, limit=5 * 2**20)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [old]


def test_the_zoos_checks_and_the_unit_test_pass(zoo: Path) -> None:
    command = [sys.executable, "-W", "ignore", str(TESTS / "verify.py")]
    done = subprocess.run(command, cwd=zoo, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "Ran 2 tests" in done.stderr


@pytest.mark.parametrize("name", ["test_train_mgpu_config", "test_infer_mgpu_config"])
def test_the_distributed_test_gives_torchrun_a_config_that_is_right(
    zoo: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without starting processes, which tests/soak/zoo.py does."""
    monkeypatch.syspath_prepend(str(zoo / "ci" / "unit_tests"))
    monkeypatch.chdir(zoo)
    import test_vessel_sld_segmentation_dist as module

    configs = []

    def note(command: list[str], env: dict[str, str]) -> None:
        configs.append(ConfigParser.load_config_file(command[command.index("--config_file") + 1]))
        CheckedWorkflow(command[command.index("--config_file") + 1], logging_file=False)
        raise FileNotFoundError

    monkeypatch.setattr(module.subprocess, "check_call", note)
    case = module.TestVesselSLDMultiGPU(name)
    case.setUp()
    with pytest.raises(FileNotFoundError):
        getattr(case, name)()
    case.tearDown()
    assert configs[0]["bundle_root"] == "models/vessel_sld_segmentation" and configs[0]["window"] == [32, 32, 32]
