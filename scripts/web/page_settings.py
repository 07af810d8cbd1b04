"""What the page must know of the bundle: read off the objects and constants that inference itself uses."""

from __future__ import annotations

from typing import Any

from monai.bundle import ConfigParser
from monai.transforms import Compose, CropForegroundd, Spacingd
from nibabel.nifti1 import intent_codes

import scripts.inferers.fitted_windows as fitted_windows
import scripts.io.grid as grid
import scripts.io.result_names as result_names
import scripts.transforms.brain_mask as brain_mask
import scripts.transforms.contrast_check as contrast_check
import scripts.transforms.input_checks as input_checks
import scripts.transforms.normalisation as normalisation
import scripts.transforms.small_components as small_components
import scripts.transforms.trained_range as trained_range
import scripts.transforms.vessel_probability as vessel_probability
import scripts.transforms.vessel_threshold as vessel_threshold

from ..io.user_error import UserError
from ..results.case_writer import MEANINGS

FILES = {
    "vessels": result_names.VESSELS_FILE,
    "probability": result_names.PROBABILITY_FILE,
    "brain_mask": result_names.BRAIN_MASK_FILE,
}
LOWEST_THRESHOLD = 0.05  # that the page offers; below it too many voxels would have to be looked at on every move

# the steps that scripts/web/page does; one more in a config would be missing there without a word
PREPARING = [
    "ReadVolumed Orientationd CheckScand KeepScand BrainMaskd CheckContrastd CropForegroundd Resampled",
    "CheckTrainedRanged CastToTyped NormaliseInBraind",
]
OPTIONAL = {"CheckTrainedRanged"}  # left out where nothing is known of the weights' training
FINISHING = "BrainOfImaged Invertd VesselProbabilityd VesselThresholdd CastToTyped RemoveSmallComponentsd"


def page_settings(parser: ConfigParser) -> dict[str, Any]:
    """Everything but the weights, for `settings.json`; its type is `Settings` of page/settings.js.

    Args:
        parser: of `configs/inference.yaml`.

    Raises:
        UserError: the config has a step that the page does not know.
    """
    before: Compose = parser.get_parsed_content("preprocessing")
    after: Compose = parser.get_parsed_content("postprocessing")
    inferer = parser.get_parsed_content("inferer")
    trained = [step for step in before.transforms if isinstance(step, trained_range.CheckTrainedRanged)]
    _check_steps(before, " ".join(PREPARING).split())
    _check_steps(after, FINISHING.split())
    components = _step(after, small_components.RemoveSmallComponentsd)
    return {
        "spacing": [float(side) for side in _step(before, Spacingd).spacing_transform.pixdim],
        "margin": int(_step(before, CropForegroundd).cropper.margin),
        "brain_mask_mode": _step(before, brain_mask.BrainMaskd).mode,
        "window": inferer.roi_size,
        "fitted_windows": _constants(fitted_windows, "LEAST MOST STEP"),
        "overlap": inferer.overlap,
        "blending": str(inferer.mode),
        "threshold": _step(after, vessel_threshold.VesselThresholdd).threshold[0],
        "probability_steps": vessel_probability.STEPS,
        "lowest_threshold": LOWEST_THRESHOLD,
        "min_component": components.min_volume,
        "connectivity": components.connectivity,
        "files": {
            kind: {"end": end, "intent": intent_codes.code[MEANINGS[end][0]], "meaning": MEANINGS[end][1]}
            for kind, end in FILES.items()
        },
        "checks": {
            **_constants(grid, "VOXEL SHEAR"),
            **_constants(input_checks, "LABELS ROUNDING DEPTH"),
            "component_rounding": small_components.ROUNDING,
        },
        "brain_mask": _constants(
            brain_mask,
            "WORKING_SPACING BRIDGE CLOSING BIAS AIR NOISE SKIN EXPOSED SCALP STRICTER WITHOUT_EYES WITHOUT_SCALP GAP "
            "HOLE TIGHT MARGIN BRIGHT AROUND INSIDE LEAST STRIPPED TOUCHING SPARSE",
        ),
        "normalisation": _constants(normalisation, "MAD_TO_SIGMA DARKEST BRIGHTEST"),
        "contrast": _constants(contrast_check, "COARSE FEW MANY STANDING_OUT LEAST AIR SOFT_TISSUE AIR_SHARE"),
        "trained_range": {
            "ranges": trained[0].ranges if trained else {},
            **_constants(trained_range, "WORDS ENOUGH"),
        },
    }


def _constants(module: Any, names: str) -> dict[str, Any]:
    return {name.lower(): getattr(module, name) for name in names.split()}


def _step(steps: Compose, kind: type) -> Any:
    return next(step for step in steps.transforms if isinstance(step, kind))


def _check_steps(steps: Compose, known: list[str]) -> None:
    names = [type(step).__name__ for step in steps.transforms]
    expected = [name for name in known if name in names or name not in OPTIONAL]
    if names != expected:
        odd = ", ".join(sorted(set(names) ^ set(expected))) or "their order"
        raise UserError(f"the page does other steps than configs/inference.yaml: {odd}. Use the command line.")
