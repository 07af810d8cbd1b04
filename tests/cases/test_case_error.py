import pytest

from scripts.cases.case_error import case_error


def wrapped(error):
    """As MONAI's transforms raise it."""
    outer = RuntimeError("applying transform <X>")
    outer.__cause__ = error
    return outer


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ValueError("a.nii: is empty."), "a.nii: is empty."),
        (wrapped(ValueError("a.nii: is empty.")), "a.nii: is empty."),
        (wrapped(wrapped(ValueError("is\n  empty"))), "a.nii: is empty"),
        (wrapped(MemoryError()), "a.nii: MemoryError"),
        (RuntimeError("no kernel"), "a.nii: RuntimeError: no kernel"),
        (RuntimeError("applying transform <X>"), "a.nii: RuntimeError: applying transform <X>"),
    ],
)
def test_the_reason_names_the_scan_in_one_line(error, text):
    assert case_error(error, "a.nii") == text
