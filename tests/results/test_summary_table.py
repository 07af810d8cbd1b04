import csv
import multiprocessing

from scripts.io import file_lock, summary_rows
from scripts.results import summary_table
from scripts.results.run_summary import COLUMNS
from scripts.results.summary_table import SummaryTable


def row(name, **values):
    return {"name": name, "status": "done", **values}


def read(folder):
    with open(folder / "summary.csv", newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_a_second_run_replaces_its_rows_and_keeps_the_others(tmp_path):
    table = SummaryTable(tmp_path)
    for name, seconds in (("a", "1.0"), ("b", "2.0"), ("a", "3.0")):
        table.add(row(name, seconds=seconds))
    rows = read(tmp_path)
    assert tuple(rows[0]) == COLUMNS
    assert [(row["name"], row["seconds"]) for row in rows] == [("a", "3.0"), ("b", "2.0")]
    assert [path.name for path in tmp_path.iterdir()] == ["summary.csv"]


def test_the_scan_of_a_row_is_kept_and_nothing_else(tmp_path):
    table = SummaryTable(tmp_path)
    table.add(row("a", scan="/in/a.nii", scan_sha256="1f", seconds="9"))
    table.add(row("a", warnings="small"))
    (kept,) = read(tmp_path)
    assert (kept["scan"], kept["scan_sha256"], kept["seconds"], kept["warnings"]) == ("/in/a.nii", "1f", "", "small")


def test_a_refused_scan_has_a_row_beside_that_of_its_name_until_it_is_done(tmp_path):
    table = SummaryTable(tmp_path)
    table.add(row("a", scan="/1/a.nii"))
    for _ in range(2):
        table.add(row("a", scan="/2/a.nii", status="refused"))
        table.add(row("a", scan="/3/a.nii", status="refused"))
    assert [(row["scan"], row["status"]) for row in read(tmp_path)] == [
        ("/1/a.nii", "done"),
        ("/2/a.nii", "refused"),
        ("/3/a.nii", "refused"),
    ]
    table.add(row("a", scan="/2/a.nii"))
    assert [(row["scan"], row["status"]) for row in read(tmp_path)] == [("/2/a.nii", "done"), ("/3/a.nii", "refused")]


def add_rows(folder, number):
    for i in range(20):
        SummaryTable(folder).add(row(f"{number}-{i}"))


def processes(folder, target):
    context = multiprocessing.get_context("fork")
    started = [context.Process(target=target, args=(folder, number)) for number in range(6)]
    for process in started:
        process.start()
    for process in started:
        process.join()
        assert process.exitcode == 0


def test_rows_of_processes_that_write_at_once_are_all_kept(tmp_path):
    processes(tmp_path, add_rows)
    assert len(read(tmp_path)) == 6 * 20
    assert [path.name for path in tmp_path.iterdir()] == ["summary.csv"]


def test_a_table_is_read_once_until_it_is_changed(tmp_path, monkeypatch):
    read_files = []
    monkeypatch.setattr(
        summary_table, "summary_rows", lambda file: read_files.append(file) or summary_rows.summary_rows(file)
    )
    SummaryTable(tmp_path).add(row("a"))
    table = SummaryTable(tmp_path)
    read_files.clear()
    for _ in range(3):
        assert not table.change(lambda rows: None)
    assert len(read_files) == 1
    table.add(row("b"))
    table.add(row("c"))  # what it wrote itself it knows
    assert len(read_files) == 1
    SummaryTable(tmp_path).add(row("d", seconds="1"))
    seen = []
    table.change(lambda rows: seen.extend(rows))
    assert seen == [(name, "") for name in "abcd"]


def test_without_locks_a_row_that_was_overwritten_is_added_again(tmp_path, monkeypatch):
    monkeypatch.setattr(file_lock, "fcntl", None)
    first, second = SummaryTable(tmp_path), SummaryTable(tmp_path)
    first.add({"name": "a", "status": "started"})
    before = (tmp_path / "summary.csv").read_bytes()
    first.add(row("a", seconds="1"))
    (tmp_path / "summary.csv").write_bytes(before)  # as another process had read it
    second.add(row("b"))
    first.confirm()
    assert {row["name"]: row["status"] for row in read(tmp_path)} == {"a": "done", "b": "done"}


def test_columns_of_an_older_version_do_not_stop_a_run(tmp_path):
    (tmp_path / "summary.csv").write_text("name,colour\na,red\n")
    SummaryTable(tmp_path).add(row("b"))
    assert [row["name"] for row in read(tmp_path)] == ["a", "b"]


def test_a_path_that_is_no_text_is_written_all_the_same(tmp_path):
    SummaryTable(tmp_path).add(row("a", error=b"cannot read na\xefve.nii".decode(errors="surrogateescape")))
    assert read(tmp_path)[0]["error"] == r"cannot read na\udcefve.nii"
