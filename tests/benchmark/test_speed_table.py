import json
from dataclasses import asdict

import numpy as np

from scripts.benchmark.apart import Cost
from scripts.benchmark.speed_table import growth_table, read_growth, systems_table


def write(path, cost, mask=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(cost)))
    if mask is not None:
        np.save(path.with_suffix(".npy"), np.array(mask, dtype=bool))


def test_systems_beside_the_first(tmp_path):
    write(tmp_path / "stock.json", Cost(50, 40, 100, 900), [1, 1, 0, 0])
    write(tmp_path / "ours.json", Cost(12, 10, 110, 310), [1, 1, 1, 1])
    write(tmp_path / "filter.json", Cost(90, 80, 100, 1700))
    rows = systems_table(tmp_path, ["stock", "missing", "ours", "filter"]).splitlines()[2:]
    assert rows == [
        "| stock | 40 | 1.00 | 800 | 1.00 | 900 | 1.0000 |",
        "| ours | 10 | 0.25 | 200 | 0.25 | 310 | 0.6667 |",
        "| filter | 80 | 2.00 | 1600 | 2.00 | 1700 |  |",
    ]


def test_growth_by_voxels(tmp_path):
    write(tmp_path / "200x100x100" / "ours.json", Cost(9, 8, 100, 180))
    write(tmp_path / "100x100x100" / "ours.json", Cost(5, 4, 100, 150))
    rows = growth_table(read_growth(tmp_path, "ours")).splitlines()[2:]
    assert rows == ["| 1.0 | 4 | 4.00 | 50 | 50.0 |", "| 2.0 | 8 | 4.00 | 80 | 40.0 |"]
