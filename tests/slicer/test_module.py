"""The module's button with stand-ins for Slicer and Qt: what is exported, run and loaded."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import MagicMock

import pytest

from tests.run_inference import ROOT

SLICER = ROOT / "scripts" / "slicer"


class Base:
    """In place of Slicer's own base classes."""

    def __init__(self, parent: Any = None) -> None:
        self.parent, self.layout = parent, MagicMock()

    def setup(self) -> None:
        pass


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    bases = ModuleType("slicer.ScriptedLoadableModule")
    bases.ScriptedLoadableModule = bases.ScriptedLoadableModuleWidget = Base  # type: ignore[attr-defined]
    for name, stand_in in {"slicer": MagicMock(), "qt": MagicMock(), "ctk": MagicMock(), bases.__name__: bases}.items():
        monkeypatch.setitem(sys.modules, name, stand_in)
    monkeypatch.syspath_prepend(str(SLICER))
    spec = importlib.util.spec_from_file_location("VesselSLD", SLICER / "VesselSLD.py")
    assert spec is not None and spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


@pytest.fixture
def widget(module: ModuleType) -> Any:
    made = module.VesselSLDWidget()
    made.setup()
    made.volume, made.brain = MagicMock(), MagicMock()
    made.volume.currentNode().GetName.return_value = "TOF"
    made.python.currentPath, made.threshold.value = "/env/bin/python", 0.30000001
    return made


def test_a_scan_is_exported_segmented_and_its_mask_loaded(module: ModuleType, widget: Any, monkeypatch: Any) -> None:
    slicer, commands = module.slicer, []

    def run(command: list[str], environment: Any, show: Any) -> None:
        commands.append(command)
        out = Path(command[command.index("--output_dir") + 1])
        out.mkdir()
        (out / "scan_vessels.nii.gz").touch()
        show("50%")

    monkeypatch.setattr(module, "run", run)
    widget.find_vessels()
    exported = [(call.args[0], Path(call.args[1]).name, call.kwargs) for call in slicer.util.exportNode.call_args_list]
    nodes = (widget.volume.currentNode(), widget.brain.currentNode())
    names = ("scan.nii.gz", "scan_brain_mask.nii.gz")
    assert exported == [(node, name, {"world": True}) for node, name in zip(nodes, names)]
    assert commands[0][0] == "/env/bin/python" and commands[0][-2:] == ["--threshold", "0.3"]
    (mask,) = slicer.util.loadSegmentation.call_args.args
    assert Path(mask).name == "scan_vessels.nii.gz" and not Path(mask).exists()  # the folder is gone
    slicer.util.loadSegmentation().SetName.assert_called_with("TOF vessels")
    slicer.util.errorDisplay.assert_not_called()
    assert widget.apply.enabled is True and widget.status.text.startswith("Done")


def test_without_a_brain_mask_none_is_exported(module: ModuleType, widget: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "run", MagicMock(side_effect=RuntimeError("scan: all voxels are equal.")))
    widget.brain.currentNode.return_value = None
    widget.find_vessels()
    assert module.slicer.util.exportNode.call_count == 1
    module.slicer.util.errorDisplay.assert_called_once_with("scan: all voxels are equal.")
    assert widget.apply.enabled is True


def test_without_a_scan_nothing_is_run(module: ModuleType, widget: Any) -> None:
    widget.volume.currentNode.return_value = None
    widget.find_vessels()
    module.slicer.util.exportNode.assert_not_called()
    module.slicer.util.errorDisplay.assert_called_once()


def test_slicer_finds_a_class_of_the_files_name(module: ModuleType) -> None:
    assert module.VesselSLD(MagicMock()).parent.title.startswith("VesselSLD")
    assert [file.name for file in SLICER.glob("*.py")] == ["VesselSLD.py"]  # each file there would be taken for one
