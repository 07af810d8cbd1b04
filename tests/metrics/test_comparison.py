import csv
from pathlib import Path

import numpy as np
import pytest
import yaml
from monai.bundle import run

from scripts.metrics.case_metrics import METRICS
from scripts.metrics.comparison import compare_systems, difference_text
from scripts.metrics.report import write_report

CONFIG = Path(__file__).parents[2] / "configs" / "tables.yaml"
SYSTEMS = {
    "ours": {"folder": "ours", "paper": {"brain": 79.04}},
    "theirs": {"folder": "theirs", "paper": {"brain": 82.8, "tree": 99.96}},
    "filter": {"folder": "filter"},
}


def scores(**cases: float) -> dict[str, dict[str, float]]:
    """Give every metric of a case the same value."""
    return {name: dict.fromkeys(METRICS, value) for name, value in cases.items()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_report(scores(a=0.5, b=0.75), tmp_path / "ours", note="")
    write_report(scores(a=0.625, b=0.75, c=0.1), tmp_path / "theirs", note="")
    return tmp_path


def compare(folder: Path, **settings: str) -> list[list[str]]:
    """Cells of every line of the tables."""
    settings = {"compare_to": "ours", "paper_set": "brain", **settings}
    text = compare_systems(SYSTEMS, str(folder), str(folder / "out"), **settings)
    assert (folder / "out" / "tables.md").read_text(encoding="utf-8") == text + "\n"
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]


def test_means_beside_the_papers(folder: Path) -> None:
    header, _, ours, theirs, missing = compare(folder)[:5]
    assert header[:4] == ["system", "DSC", "paper's DSC", "precision"] and header[-1] == "cases"
    # Mean 0.625, sample SD sqrt(2 * 0.125 ** 2 / 1) = 0.1768.
    assert ours[:4] == ["ours", "0.625 ± 0.177", "0.7904", "0.625 ± 0.177"] and ours[-1] == "2"
    assert theirs[2] == "0.8280" and theirs[-1] == "3"
    assert missing == ["filter", "not run", "", *[""] * len(METRICS)]
    assert len({len(line) for line in (header, ours, theirs, missing)}) == 1


def test_the_papers_other_set(folder: Path) -> None:
    _, _, ours, theirs, _ = compare(folder, paper_set="tree")[:5]
    assert (ours[2], theirs[2]) == ("", "0.9996")


def test_differences_are_over_the_cases_of_both(folder: Path) -> None:
    header, _, theirs, missing = compare(folder)[5:9]
    assert header == ["system", "DSC", "clDice", "cases"]
    # 0.625 - 0.5 and 0.75 - 0.75; means of resamples of two are the two and their mean.
    assert theirs == ["theirs", "+0.062 [+0.000, +0.125]", "+0.062 [+0.000, +0.125]", "2"]
    assert missing == ["filter", "not run", "not run", "0"]


def test_nothing_is_compared_with_a_system_that_was_not_run(folder: Path) -> None:
    _, _, ours, theirs = compare(folder, compare_to="filter")[5:9]
    assert ours == ["ours", "no common case", "no common case", "0"] and theirs[1] == "no common case"


def test_every_case_has_a_row(folder: Path) -> None:
    lines = compare(folder)[9:]
    assert [line[:3] for line in lines[2:]] == [
        ["ours", "a", "0.500"],
        ["ours", "b", "0.750"],
        ["theirs", "a", "0.625"],
        ["theirs", "b", "0.750"],
        ["theirs", "c", "0.100"],
        ["filter", "not run", ""],
    ]


def test_tables_for_programs(folder: Path) -> None:
    compare(folder)
    with open(folder / "out" / "systems.csv", newline="") as stream:
        ours, theirs, missing = csv.DictReader(stream)
    assert (ours["cases"], ours["paper_DSC"], ours["DSC_mean"], ours["clDice_sd"]) == (
        "2",
        "0.7904",
        "0.625",
        "0.176777",
    )
    assert missing["cases"] == "0" and missing["DSC_mean"] == missing["paper_DSC"] == ""
    with open(folder / "out" / "cases.csv", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["system"], row["case"], row["recall"]) for row in rows[-2:]] == [
        ("theirs", "b", "0.75"),
        ("theirs", "c", "0.1"),
    ]


def test_the_interval_is_that_of_resampled_means() -> None:
    differences = np.random.default_rng(1).normal(0.05, 0.03, 12)
    draws = np.random.default_rng(2)
    means = [np.mean([differences[draws.integers(12)] for _ in range(12)]) for _ in range(4000)]
    low, high = np.percentile(means, [2.5, 97.5])
    centre, interval = difference_text(list(differences)).split(" [")
    assert float(centre) == pytest.approx(differences.mean(), abs=5e-4)
    assert [float(end) for end in interval.rstrip("]").split(", ")] == pytest.approx([low, high], abs=2e-3)


def test_one_case_has_no_interval() -> None:
    assert difference_text([-0.25]) == "-0.250"


def test_a_system_to_compare_with_must_be_one_of_them(folder: Path) -> None:
    with pytest.raises(ValueError, match="compare_to 'nobody' is none of the systems: ours, theirs, filter"):
        compare(folder, compare_to="nobody")


@pytest.mark.parametrize("text", ["case,DSC\na,0.5\n", "case\n", "", "case," + ",".join(METRICS) + "\na,x\n"])
def test_a_broken_file_is_named(folder: Path, text: str) -> None:
    (folder / "ours" / "metrics.csv").write_text(text)
    with pytest.raises(ValueError, match=r"ours/metrics\.csv: .*evaluate again"):
        compare(folder)


def test_the_command_prints_a_row_for_every_system_of_the_paper(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_report(scores(a=0.5), folder / "sld", note="")
    write_report(scores(a=0.7), folder / "shipped", note="")
    run(config_file=str(CONFIG), scores_dir=str(folder), logging_file=False)
    printed = capsys.readouterr().out
    assert "| 3D-SLD, coronary-guided (E) | 0.500 | 0.7904 |" in printed
    assert "| 3D-SLD, coronary-guided (E) | -0.200" in printed
    assert printed.count("not run") == 4 * (len(yaml.safe_load(CONFIG.read_text())["systems"]) - 2)
    assert (folder / "tables.md").is_file()
