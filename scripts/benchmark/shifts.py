"""Scans that differ from those of the training in one way each: another scanner, tissue, field of view, brain mask."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

MASKS = ("given", "estimated", "none", "cut")
VIEWS = ("head", "slab", "half", "box")


@dataclass(frozen=True)
class Shift:
    """One way to differ from the scans of `TofMraSimulator`'s own settings.

    Attributes:
        name: of its folder.
        settings: of `TofMraSimulator`, where they are others; scans of equal settings share one noise-free head.
        thick_slices: this many slices are measured as one.
        noise, bias: factors of the drawn strength.
        grain: mm, sigma over which the noise is correlated.
        blur: mm, sigma of the point spread.
        sampled: share of the frequencies measured in plane; the scanner fills the others with 0.
        gamma: exponent of the intensities, after which they are scaled back to the same maximum.
        view: field of view, one of VIEWS: whole head; axial slab of 40 mm; right half; box of 60 x 60 x 45 mm around
            the circle of Willis.
        mask: brain mask that comes with the scan, one of MASKS: exact; none, so that it is estimated; all of the field
            of view; exact but for the lowest 12 mm of the arteries, which are missing.
        growth: mm by which the exact mask is made too large (or, negative, too small).
    """

    name: str
    settings: dict[str, Any] = field(default_factory=dict)
    thick_slices: int = 1
    noise: float = 1.0
    bias: float = 1.0
    grain: float = 0.0
    blur: float = 0.3
    sampled: float = 1.0
    gamma: float = 1.0
    view: str = "head"
    mask: str = "given"
    growth: float = 0.0


WEAK = {"contrast": (1.2, 1.74), "venous_contrast": (0.12, 0.42), "meningeal_contrast": (0.24, 0.54)}

SHIFTS = (
    Shift("reference"),
    Shift("noise_half", noise=0.5),
    Shift("noise_double", noise=2.0),
    Shift("noise_correlated", grain=0.5),
    Shift("bias_strong", bias=3.0),
    Shift("point_spread_wide", blur=0.6),
    Shift("zero_filled", sampled=0.6),
    Shift("gamma_0.6", gamma=0.6),
    Shift("gamma_1.6", gamma=1.6),
    Shift("slab", view="slab", mask="estimated"),
    Shift("half_head", view="half", mask="estimated"),
    Shift("box", view="box", mask="estimated"),
    Shift("box_given", view="box"),
    Shift("mask_estimated", mask="estimated"),
    Shift("mask_none", mask="none"),
    Shift("mask_3_mm_large", growth=3.0),
    Shift("mask_6_mm_large", growth=6.0),
    Shift("mask_2_mm_small", growth=-2.0),
    Shift("mask_cuts_carotids", mask="cut"),
    Shift("contrast_weak", WEAK),
    Shift("contrast_flat", {"thin_share": 1.0}),
    Shift("veins_bright", {"venous_contrast": (0.8, 1.4)}),
    Shift("tissue_mni", {"tissue": "mni"}),
    Shift("tissue_voronoi", {"tissue": "voronoi"}),
    Shift("tissue_colin", {"tissue": "colin"}),
    Shift("tissue_colin_estimated", {"tissue": "colin"}, mask="estimated"),
    Shift("spacing_0.8", {"spacing": 0.8}),
    Shift("spacing_0.4", {"spacing": 0.4}),
    Shift("slices_0.8", {"spacing": 0.4}, thick_slices=2),
)
