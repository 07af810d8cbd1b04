"""3D Slicer module: vessels of the volume that is shown, without a server. docs/slicer.md tells how to install it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import ctk
import qt
import slicer
from slicer.ScriptedLoadableModule import ScriptedLoadableModule, ScriptedLoadableModuleWidget
from VesselSLDLib.bundle_process import BUNDLE, bundle_command, bundle_python, found_mask, run

SETTING = "VesselSLD/Python"  # where Slicer keeps the user's choice


class VesselSLD(ScriptedLoadableModule):
    """What Slicer shows of the module."""

    def __init__(self, parent: Any) -> None:
        super().__init__(parent)
        parent.title = "VesselSLD: arteries in MR angiography"
        parent.categories = ["Segmentation"]
        parent.contributors = ["VesselSLD contributors"]
        parent.helpText = f"Arteries in time-of-flight MR angiography of the brain, by the MONAI bundle in {BUNDLE}."
        parent.acknowledgementText = "Research software, not a medical device. Chen, Wang, Wang, arXiv:2302.03299."


class VesselSLDWidget(ScriptedLoadableModuleWidget):
    """Choose a volume, perhaps a brain mask, and a threshold; a button does the rest."""

    def setup(self) -> None:
        super().setup()
        form = qt.QFormLayout()
        self.layout.addLayout(form)
        self.volume = self.node_choice("vtkMRMLScalarVolumeNode", optional=False)
        form.addRow("Scan:", self.volume)
        self.brain = self.node_choice("vtkMRMLLabelMapVolumeNode", optional=True)
        form.addRow("Brain mask (estimated if none):", self.brain)
        self.threshold = ctk.ctkSliderWidget()
        self.threshold.minimum, self.threshold.maximum, self.threshold.singleStep = 0.05, 0.95, 0.05
        self.threshold.value = 0.35
        form.addRow("Threshold:", self.threshold)
        self.python = ctk.ctkPathLineEdit()
        self.python.filters = ctk.ctkPathLineEdit.Files
        self.python.currentPath = slicer.app.userSettings().value(SETTING) or str(bundle_python() or "")
        form.addRow("Python of the bundle:", self.python)
        self.apply = qt.QPushButton("Find vessels")
        self.apply.connect("clicked(bool)", self.find_vessels)
        form.addRow(self.apply)
        self.status = qt.QLabel()
        self.status.wordWrap = True
        form.addRow(self.status)
        self.layout.addStretch(1)

    def node_choice(self, kind: str, optional: bool) -> Any:
        box = slicer.qMRMLNodeComboBox()
        box.nodeTypes = [kind]
        box.noneEnabled, box.addEnabled, box.removeEnabled = optional, False, False
        box.setMRMLScene(slicer.mrmlScene)
        return box

    def find_vessels(self, _: bool = False) -> None:
        volume = self.volume.currentNode()
        if volume is None:
            slicer.util.errorDisplay("Load a scan and choose it first.")
            return
        slicer.app.userSettings().setValue(SETTING, self.python.currentPath)
        self.apply.enabled = False
        try:
            with tempfile.TemporaryDirectory() as folder:
                self.segment(volume, Path(folder))
        except RuntimeError as error:
            slicer.util.errorDisplay(str(error))
        finally:
            self.apply.enabled = True

    def segment(self, volume: Any, folder: Path) -> None:
        """Export the scan as it lies in the world, segment it, and load the mask as a segmentation with a surface."""
        scan, out = folder / "scan.nii.gz", folder / "out"
        slicer.util.exportNode(volume, str(scan), world=True)
        if self.brain.currentNode() is not None:
            slicer.util.exportNode(self.brain.currentNode(), str(folder / "scan_brain_mask.nii.gz"), world=True)
        command = bundle_command(self.python.currentPath, scan, out, {"threshold": round(self.threshold.value, 2)})
        run(command, slicer.util.startupEnvironment(), self.show)
        vessels = slicer.util.loadSegmentation(str(found_mask(out)))
        vessels.SetName(f"{volume.GetName()} vessels")
        vessels.CreateClosedSurfaceRepresentation()
        self.show("Done. The result is a segmentation: see the module Segmentations or Segment Editor.")

    def show(self, line: str) -> None:
        self.status.text = line
        slicer.app.processEvents()
