import csv

import ignite.distributed as idist

from scripts.results.run_summary import COLUMNS
from scripts.results.summary_table import SummaryTable


def row(name, **values):
    return {"name": name, "status": "done", **values}


def read(folder):
    with open(folder / "summary.csv", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_second_run_replaces_its_rows_and_keeps_the_others(tmp_path):
    table = SummaryTable(tmp_path)
    for name, seconds in (("a", "1.0"), ("b", "2.0"), ("a", "3.0")):
        table.add(row(name, seconds=seconds))
    rows = read(tmp_path)
    assert tuple(rows[0]) == COLUMNS
    assert [(row["name"], row["seconds"]) for row in rows] == [("a", "3.0"), ("b", "2.0")]
    assert [path.name for path in tmp_path.iterdir()] == ["summary.csv"]


def test_rows_of_several_processes_are_merged(tmp_path, monkeypatch):
    SummaryTable(tmp_path).add(row("a", error="old"))
    monkeypatch.setattr(idist, "get_world_size", lambda: 2)
    for rank, name in ((0, "a"), (1, "b")):
        monkeypatch.setattr(idist, "get_rank", lambda rank=rank: rank)
        SummaryTable(tmp_path).add(row(name, error="new"))
    assert [row["error"] for row in read(tmp_path)] == ["old"]
    SummaryTable(tmp_path).merge()  # rank 1 leaves it to rank 0
    assert len(read(tmp_path)) == 1
    monkeypatch.setattr(idist, "get_rank", lambda: 0)
    SummaryTable(tmp_path).merge()
    assert [(row["name"], row["error"]) for row in read(tmp_path)] == [("a", "new"), ("b", "new")]
    assert [path.name for path in tmp_path.iterdir()] == ["summary.csv"]


def test_columns_of_an_older_version_do_not_stop_a_run(tmp_path):
    (tmp_path / "summary.csv").write_text("name,colour\na,red\n")
    SummaryTable(tmp_path).add(row("b"))
    assert [row["name"] for row in read(tmp_path)] == ["a", "b"]
