"""The mask of a DICOM scan as DICOM Segmentation."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from ignite.engine import Engine
from monai.engines.utils import IterationEvents

from ..io.atomic_file import write_atomically
from ..io.bundle_version import bundle_version
from ..io.dicom_series import find_series
from ..io.result_names import DICOM_SEG
from ..io.user_error import BadInput, MissingPackage
from .result_folder import ResultFolder

SERIES_NUMBER = 1000  # added to the scan's: above the numbers that scanners give


def dicom_seg(mask: np.ndarray, folder: str) -> Any:
    """A DICOM Segmentation (PS3.3 A.51) of one binary segment, blood vessel, that refers to the series' slices.

    Args:
        mask: (D, H, W), as the series in `folder` is read: columns, rows, slices.
        folder: of the series.

    Returns:
        highdicom.seg.Segmentation; it carries over patient and study from the scan's headers.
    """
    import highdicom
    from pydicom import dcmread
    from pydicom.sr.codedict import codes

    slices = [dcmread(file) for file in find_series(folder)[0]]
    vessels = highdicom.seg.SegmentDescription(
        segment_number=1,
        segment_label="vessels",
        segmented_property_category=codes.SCT.AnatomicalStructure,
        segmented_property_type=codes.SCT.BloodVessel,
        algorithm_type=highdicom.seg.SegmentAlgorithmTypeValues.AUTOMATIC,
        algorithm_identification=highdicom.AlgorithmIdentificationSequence(
            name="VesselSLD", version=bundle_version(), family=codes.DCM.ArtificialIntelligence
        ),
    )
    return highdicom.seg.Segmentation(
        source_images=slices,
        pixel_array=np.ascontiguousarray(mask.T.astype(np.uint8)),  # (slices, rows, columns)
        segmentation_type=highdicom.seg.SegmentationTypeValues.BINARY,
        segment_descriptions=[vessels],
        series_instance_uid=highdicom.UID(),
        series_number=SERIES_NUMBER + int(slices[0].get("SeriesNumber") or 0),
        sop_instance_uid=highdicom.UID(),
        instance_number=1,
        manufacturer="VesselSLD contributors",
        manufacturer_model_name="VesselSLD",
        software_versions=bundle_version(),
        device_serial_number="0",
        series_description="vessels (VesselSLD, research use)",
    )


class DicomSegWriter:
    """Ignite handler: writes `<name>_vessels.dcm` of every case that was read from a DICOM series, where asked for.

    Attached after CaseWriter: headers that no Segmentation can be made of do not cost the other results.

    Args:
        results: their folder; without `dicom_seg` nothing is written.

    Raises:
        MissingPackage: highdicom is not installed.
        ValueError: in a run, when the scan's headers lack what a Segmentation must carry over.
    """

    def __init__(self, results: ResultFolder) -> None:
        self.results = results
        if results.dicom_seg and find_spec("highdicom") is None:
            raise MissingPackage("dicom_seg needs highdicom: pip install highdicom==0.28.2")

    def attach(self, engine: Engine) -> None:
        if self.results.dicom_seg:
            engine.add_event_handler(IterationEvents.MODEL_COMPLETED, self.write_batch)

    def write_batch(self, engine: Engine) -> None:
        batches: Any = engine.state.batch
        outputs: Any = engine.state.output
        for batch, output in zip(batches, outputs):
            folder = output["pred"].meta["filename_or_obj"]
            if Path(folder).is_dir():
                try:
                    segmentation = dicom_seg(output["pred"][0].cpu().numpy(), folder)  # (D, H, W)
                except (AttributeError, KeyError, TypeError, ValueError) as error:  # as highdicom has it
                    raise BadInput(
                        f"{folder}: no DICOM Segmentation can be made with its headers ({error}); mend them, or run "
                        "without dicom_seg. The other results are written."
                    ) from error
                write_atomically(self.results.file(batch["name"], DICOM_SEG), segmentation.save_as)
