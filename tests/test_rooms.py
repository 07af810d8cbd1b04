"""Imports go one way: a folder of scripts/ uses those on the floors below it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parent.parent / "scripts"
FLOORS = (  # from below; folders on one floor do not know each other
    {"io", "losses", "networks"},
    {"vessels"},
    {"transforms"},
    {"simulation"},
    {"cases"},
    {"datasets"},
    {"inferers", "metrics"},
    {"baselines", "engines", "handlers", "results"},
    {"checks", "documentation", "report"},
    {"benchmark", "web"},
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}


def imports(file: Path) -> Iterator[Path]:
    """Modules and folders of scripts/ that a file imports from, relative to scripts/ and without extension."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            parts = (node.module or "").split(".")
            if node.level:
                yield (file.parents[node.level - 1] / Path(*parts)).relative_to(SCRIPTS)
            elif parts[0] == SCRIPTS.name:
                yield Path(*parts[1:])
        elif isinstance(node, ast.Import):
            names = [alias.name.split(".") for alias in node.names]
            yield from (Path(*parts[1:]) for parts in names if parts[0] == SCRIPTS.name)


MODULES = {file.relative_to(SCRIPTS).with_suffix(""): file for file in SCRIPTS.rglob("*.py")}
ROOMS = sorted(path.name for path in SCRIPTS.iterdir() if (path / "__init__.py").is_file())


def test_all_imports_are_found() -> None:
    found = set(imports(SCRIPTS / "datasets" / "synthetic_vessels.py"))
    assert {Path("io/masks_2d"), Path("networks/orientation"), Path("datasets/vessel_targets")} <= found
    assert all(target in MODULES for file in MODULES.values() for target in imports(file))


@pytest.mark.parametrize("room", ROOMS)
def test_a_folder_uses_what_is_below_it(room: str) -> None:
    below = {name for name, floor in FLOOR_OF.items() if floor < FLOOR_OF[room]}
    used = {target.parts[0] for file in (SCRIPTS / room).rglob("*.py") for target in imports(file)} - {room}
    assert used <= below


def test_no_module_imports_itself_by_way_of_others() -> None:
    graph = {module: set(imports(file)) for module, file in MODULES.items()}
    assert len(list(TopologicalSorter(graph).static_order())) >= len(MODULES)  # CycleError would name the circle
