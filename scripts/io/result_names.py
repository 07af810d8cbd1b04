"""How the files that inference writes are called; no other module spells it.

Every file is `<name of the case><one of these ends>`. It stands below the other rooms because those that look for scans
must pass results over.
"""

from __future__ import annotations

VESSELS = "_vessels"
PROBABILITY = "_probability"
CONFIDENCE = "_confidence"
SMALL = "_preview"
VOLUMES = (VESSELS, PROBABILITY, CONFIDENCE, SMALL)  # without the extension: a tool may have converted them
BRAIN_MASK = "_brain_mask"  # also how a user names one

NIFTI = ".nii.gz"
VESSELS_FILE = VESSELS + NIFTI
PROBABILITY_FILE = PROBABILITY + NIFTI
CONFIDENCE_FILE = CONFIDENCE + NIFTI
BRAIN_MASK_FILE = BRAIN_MASK + NIFTI
PREVIEW = SMALL + ".png"
SMALL_FILE = SMALL + NIFTI
CENTRELINE = "_centreline.swc"
SEGMENTS = "_segments.csv"
SURFACE = "_vessels.surf.gii"
SURFACE_STL = "_vessels.stl"
DICOM_SEG = VESSELS + ".dcm"

SUMMARY = "summary.csv"  # these two of a whole run
REPORT = "report.html"
