"""Sliding window that computes only where there is brain, and needs little memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from monai.data import MetaTensor
from monai.data.utils import compute_importance_map
from monai.inferers import Inferer
from monai.utils import convert_to_dst_type, ensure_tuple_rep, fall_back_tuple
from torch import Tensor
from torch.nn import functional as F
from tqdm import tqdm

from .brain_windows import brain_windows
from .fitted_windows import fitted_windows, window_step
from .slab_stitcher import SlabStitcher
from .window_predictor import window_predictor

AUTO = "auto"


class BrainWindowInferer(Inferer):
    """Sliding window over the brain of a normalised scan; one channel is stitched, 0 where no window lies.

    The brain is where the scan is not 0: the preprocessing sets everything outside it to exactly 0. The windows are
    those of MONAI's `SlidingWindowInferer` without those that hold no brain; inside the brain the result is MONAI's,
    with `padding_mode="replicate"`.

    Memory beside scan and network, in bytes, for a scan of D x H x W voxels: D H W (1 + bytes of `dtype`) + 8 d H W for
    the slab of sums, d the window's first side, + what the network takes for `sw_batch_size` windows. A scan
    with a side shorter than the window's is padded: one copy more.

    Args:
        roi_size: sides of a window, voxels; the network decides of what they must be multiples. "auto": they fit the
            scan (`fitted_windows`).
        sw_batch_size: windows computed at once.
        overlap: of neighbouring windows, at least; a fraction of the window, of an automatic one a fraction of 96
            voxels.
        mode: how windows are blended, "gaussian" or "constant".
        progress: show a bar over the windows.
        precision, runtime: how the network computes, see `window_predictor`.
        dtype: of the result, "float32" or "float16".

    Raises:
        ValueError: an overlap outside [0, 1), a word other than "auto"; and what `window_predictor` raises.
    """

    def __init__(
        self,
        roi_size: Sequence[int] | int | str,
        sw_batch_size: int = 1,
        overlap: float = 0.25,
        mode: str = "gaussian",
        progress: bool = False,
        precision: str = "float32",
        runtime: str = "torch",
        dtype: str = "float32",
    ) -> None:
        super().__init__()
        if not 0 <= overlap < 1:
            raise ValueError(f"overlap must be at least 0 and less than 1 of a window, got {overlap}.")
        if isinstance(roi_size, str) and roi_size != AUTO:
            raise ValueError(f"roi_size is {AUTO} or the sides of a window, got {roi_size}.")
        self.roi_size = roi_size if isinstance(roi_size, str) else ensure_tuple_rep(roi_size, 3)
        self.sw_batch_size = sw_batch_size
        self.overlap = overlap
        self.mode = mode
        self.progress = progress
        self.precision = precision
        self.runtime = runtime
        self.dtype: torch.dtype = getattr(torch, dtype)

    def __call__(self, inputs: Tensor, network: Callable[..., Any], *args: Any, **kwargs: Any) -> Tensor:
        """Vessel probability of normalised scans: (B, 1, D, H, W) -> (B, 1, D, H, W), on the scans' device."""
        scans = inputs.as_tensor() if isinstance(inputs, MetaTensor) else inputs
        window, step = self.layout(scans.shape[2:])
        short = [max(side - length, 0) for side, length in zip(window, scans.shape[2:])]
        before = [lack // 2 for lack in short]
        if any(short):
            padding = [(start, lack - start) for start, lack in zip(before, short)]
            # not by zeros: they would say that the brain ends where the field of view does
            scans = F.pad(scans, [side for pair in reversed(padding) for side in pair], mode="replicate")
        predict = window_predictor(network, window, scans.device, self.precision, self.runtime, *args, **kwargs)
        result = torch.zeros(scans.shape, dtype=self.dtype, device=scans.device)  # (B, 1, D, H, W)
        for scan, probability in zip(scans, result):
            self._stitch(scan[0], probability[0], window, step, predict)
        for axis, (start, length) in enumerate(zip(before, inputs.shape[2:]), start=2):
            result = result.narrow(axis, start, length)
        return convert_to_dst_type(result, inputs, dtype=self.dtype)[0]

    def layout(self, shape: Sequence[int]) -> tuple[Sequence[int], Sequence[int]]:
        """Sides and steps of the windows for scans of this shape, (D, H, W)."""
        if isinstance(self.roi_size, str):
            return fitted_windows(shape, self.overlap)
        window = fall_back_tuple(self.roi_size, shape)
        return window, [window_step(side, self.overlap) for side in window]

    def _stitch(
        self,
        scan: Tensor,
        probability: Tensor,
        window: Sequence[int],
        step: Sequence[int],
        predict: Callable[[Tensor], Tensor],
    ) -> None:
        """Fill `probability` with that of one scan, (D, H, W) both."""
        corners = brain_windows(scan != 0, window, step)
        weights = compute_importance_map(tuple(window), mode=self.mode, device=scan.device)  # (d, h, w)
        stitcher = SlabStitcher(probability, weights)
        silent = {} if self.progress else {"disable": True}  # left open, so that TQDM_DISABLE is heard
        with tqdm(total=len(corners), unit="window", **silent) as bar:
            for first in range(0, len(corners), self.sw_batch_size):
                batch = corners[first : first + self.sw_batch_size]
                boxes = [tuple(slice(start, start + side) for start, side in zip(corner, window)) for corner in batch]
                predictions = predict(torch.stack([scan[box] for box in boxes])[:, None])  # (windows, 1, d, h, w)
                for prediction, corner in zip(predictions, batch):
                    stitcher.add(prediction[0], corner)
                bar.update(len(batch))
        stitcher.finish()
