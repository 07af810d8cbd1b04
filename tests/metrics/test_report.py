import csv
from pathlib import Path

from scripts.metrics.case_metrics import METRICS
from scripts.metrics.report import summary_table, write_report


def scores(**cases: float) -> dict[str, dict[str, float]]:
    """Give every metric of a case the same value."""
    return {name: dict.fromkeys(METRICS, value) for name, value in cases.items()}


def test_table_of_two_cases() -> None:
    header, _, first, second, overall = summary_table(scores(a=0.25, b=0.75)).splitlines()
    assert header.startswith("| case | DSC | precision | recall | clDice |")
    assert first.startswith("| a | 0.250 | 0.250 |")
    assert second.startswith("| b | 0.750 | 0.750 |")
    # Mean 0.5; sample SD sqrt(2 * 0.25 ** 2 / 1) = 0.3536.
    assert overall.startswith("| **mean ± SD** | 0.500 ± 0.354 |")


def test_one_case_has_no_deviation() -> None:
    assert "| **mean ± SD** | 0.250 |" in summary_table(scores(a=0.25))


def test_errors_have_fewer_decimals() -> None:
    assert summary_table(scores(a=12.3456)).splitlines()[2].endswith("| 12.35 | 12.346 | 12.3 | 12.3 | 12.3 |")


def test_files(tmp_path: Path) -> None:
    text = write_report(scores(a=1 / 3, b=0.5), tmp_path / "new" / "folder", note="What was scored.")
    folder = tmp_path / "new" / "folder"
    assert sorted(f.name for f in folder.iterdir()) == ["metrics.csv", "summary.md"]
    assert text.startswith("What was scored.\n\n| case |")
    assert (folder / "summary.md").read_text(encoding="utf-8") == text
    with open(folder / "metrics.csv", newline="") as stream:
        first, second = csv.DictReader(stream)
    assert first == {"case": "a", **dict.fromkeys(METRICS, "0.333333")}
    assert second["DSC"] == "0.5"


def test_a_second_report_replaces_the_first(tmp_path: Path) -> None:
    write_report(scores(a=0.1, b=0.2), tmp_path, note="")
    write_report(scores(c=0.3), tmp_path, note="")
    assert (tmp_path / "metrics.csv").read_text().splitlines()[1].startswith("c,0.3")


def test_names_of_files_that_are_no_text_are_spelt_out(tmp_path: Path) -> None:
    odd = b"na\xefve".decode(errors="surrogateescape")
    text = write_report(scores(**{odd: 0.5}), tmp_path, note=f"Split test of /{odd}.")
    assert text.startswith("Split test of /na%EFve.\n") and "| na%EFve |" in text
    assert "na%EFve" in (tmp_path / "metrics.csv").read_text(encoding="utf-8")
