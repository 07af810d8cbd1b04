"""The README's commands are run as they stand, on tiny data; those of all other documents are checked key by key."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import fire
import pytest
import yaml
from fire import parser
from monai.bundle import run

from scripts.checks.command_line import command_arguments
from scripts.checks.overrides import checked_overrides

ROOT = Path(__file__).parent.parent
COMMAND = "python -m monai.bundle run "
BLOCKS = re.findall(r"```bash\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
RUN_BLOCKS = [block.splitlines() for block in BLOCKS if COMMAND in block]

SMALL_NETWORK = ["--window", "[32,32,32]", "--brain_mask", "none"]
SMALL_TRAINING = [*SMALL_NETWORK, "--crop_size", "32", "--epochs", "1", "--iterations_per_epoch", "1"]
SMALL_UNET = ["--channels", "[2,2,4,4,4]"]  # not where the shipped weights are taken
SMALL = {  # appended to a command of a config, so that it takes seconds
    "inference": SMALL_NETWORK,
    "evaluate": SMALL_NETWORK,
    "train": [*SMALL_TRAINING, "--pretrain_epochs", "1", "--num_workers", "0", "--crop_pairs", "1"],
    "synthetic_vessels": [*SMALL_TRAINING, "--pretrain_epochs", "1", "--num_workers", "0"],
    "selftrain": [*SMALL_TRAINING, "--num_workers", "0"],
    "adapt": [*SMALL_TRAINING, "--num_workers", "0", "--heads", "1", "--guard_crops", "1", "--guard_size", "32"],
    "refine": [*SMALL_TRAINING, "--num_workers", "0", "--crops", "2"],
    "classical": ["--brain_mask", "none", "--sigmas", "[0.6]"],
    "simulate": ["--cases", "{'test': 1}", "--masks_2d", "1", "--spacing", "4.0"],
}
RESULTS = {  # what a command leaves in its output_dir
    "inference": ["{scan}_vessels.nii.gz", "{scan}_probability.nii.gz", "{scan}_preview.png", "summary.csv"],
    "evaluate": ["metrics.csv", "summary.md"],
    "train": ["train/model.pt", "train/record_1"],
    "synthetic_vessels": ["synthetic_vessels/model.pt", "synthetic_vessels/record_1"],
    "selftrain": ["selftrain/model.pt", "selftrain/record_1"],
    "adapt": ["adapted/model.pt", "adapted/guard.md"],
    "refine": ["refine/model.pt", "refine/record_1"],
    "classical": ["metrics.csv", "summary.md"],
    "simulate": ["test/images/grown_test_000.nii.gz", "masks_2d/tree_000.png"],
}


def config_files(command: str) -> list[str]:
    """The configs that a command gives, itself or by its recipe."""
    recipe = re.search(r"configs/recipes/\w+\.yaml", command)
    given = str(yaml.safe_load((ROOT / recipe[0]).read_text())["config_file"]) if recipe else command
    return re.findall(r"configs/\w+\.yaml", given)


def config_of(command: str) -> str:
    """Name of the config that says what a command does: the first given, or the last overlay of another stage."""
    names = [Path(file).stem for file in config_files(command)]
    assert names, command
    return next(
        (stage for stage in ("adapt", "selftrain", "synthetic_vessels", "evaluate") if stage in names), names[0]
    )


def with_places(command: str, dataset: Path, folder: Path) -> list[str]:
    """A command's words, the folders that stand in capitals replaced by real ones."""
    words = shlex.split(command)
    places = {"--dataset_dir DATA": dataset, "--dataset_dir SCANS": dataset / "test" / "images"}
    for index, (option, place) in enumerate(zip(words, words[1:]), start=1):
        top, *below = place.split("/")
        if top.isupper():
            words[index] = str(places.get(f"{option} {top}", folder / top).joinpath(*below))
    return words


@pytest.mark.parametrize("block", RUN_BLOCKS, ids=lambda block: "-".join(map(config_of, block)))
def test_a_block_of_the_readme_runs(
    block: list[str], dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    stages = {config_of(command) for command in block}
    unet = SMALL_UNET if stages & {"train", "synthetic_vessels"} else []
    for command in block:
        name = config_of(command)
        words = with_places(command, dataset, tmp_path)
        # what `python -m monai.bundle` does with its arguments, without starting Python anew
        fire.Fire({"run": run}, [*words[3:], *SMALL[name], *unet, "--logging_file", "False"])
        output_dir = Path(words[words.index("--output_dir") + 1])
        scan = "a" if "DATA/training" in command else "d"
        results = [output_dir / result.format(scan=scan) for result in RESULTS[name]]
        assert [result for result in results if not result.exists()] == [], command


def test_the_readme_has_no_other_commands_than_those_of_make() -> None:
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    others = [line for block in BLOCKS for line in block.splitlines() if not line.startswith(COMMAND)]
    assert others and all(line in [f"make {target}" for target in targets] for line in others)


CONFIGS = sorted((ROOT / "configs").glob("*.yaml"))
RECIPES = sorted((ROOT / "configs/recipes").glob("*.yaml"))
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *CONFIGS, *RECIPES]
DOCUMENTED = [
    pytest.param(arguments, id=f"{document.name}-{number}")
    for document in DOCUMENTS
    for number, arguments in enumerate(  # a backslash goes on in the next line, of a comment too
        re.findall(r"monai\.bundle run (--.*)", re.sub(r"\\\n#?", "", document.read_text())), start=1
    )
]


@pytest.mark.parametrize("arguments", DOCUMENTED)
def test_configs_and_keys_of_every_documented_command_exist(arguments: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    words = shlex.split(arguments.strip("`").split(" # ")[0].replace("[--", "--"))
    given = {word[2:]: parser.DefaultParseValue(value) for word, value in zip(words, words[1:]) if word[:2] == "--"}
    given = {**given, "config_file": config_files(arguments)}
    checked_overrides(given.pop("config_file"), {key: given[key] for key in given.keys() - {"args_file"}})


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.stem)
def test_configs_and_keys_of_every_recipe_exist(recipe: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert recipe.read_text().startswith("# ")  # what it is for
    given = command_arguments(["run", "--args_file", str(recipe)])
    checked_overrides(given.pop("config_file"), given)
