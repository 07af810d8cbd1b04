import pytest
import torch

from scripts.cases.case_error import case_error
from scripts.io.free_memory import MORE


def wrapped(error):
    """As MONAI's transforms raise it."""
    outer = RuntimeError("applying transform <X>")
    outer.__cause__ = error
    return outer


def unread(error):
    """As `read_volume` raises it."""
    outer = ValueError("cannot read a.nii: Unable to allocate 1 GiB. Is it a whole 3D grey-value image?")
    outer.__cause__ = error
    return outer


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ValueError("a.nii: is empty."), "a.nii: is empty."),
        (wrapped(ValueError("a.nii: is empty.")), "a.nii: is empty."),
        (wrapped(wrapped(ValueError("is\n  empty"))), "a.nii: is empty"),
        (wrapped(MemoryError()), f"a.nii: memory ran out: {MORE}."),
        (wrapped(wrapped(RuntimeError("X: can't allocate memory: 9 bytes"))), f"a.nii: memory ran out: {MORE}."),
        (unread(MemoryError("Unable to allocate 1 GiB")), f"a.nii: memory ran out: {MORE}."),
        (OSError(12, "Cannot allocate memory"), f"a.nii: memory ran out: {MORE}."),
        (
            torch.OutOfMemoryError("CUDA out of memory"),
            "a.nii: the GPU's memory ran out: give --windows_at_once 1 or --device cpu.",
        ),
        (RuntimeError("no kernel"), "a.nii: RuntimeError: no kernel"),
        (RuntimeError("applying transform <X>"), "a.nii: RuntimeError: applying transform <X>"),
    ],
)
def test_the_reason_names_the_scan_in_one_line(error, text):
    assert case_error(error, "a.nii") == text
