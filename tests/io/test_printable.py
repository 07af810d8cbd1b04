import os

from scripts.io.printable import printable


def test_text_stays_and_other_bytes_are_spelt_out():
    assert printable("Ünï 100 %.nii") == "Ünï 100 %.nii"
    assert printable(os.fsdecode(b"M\xfcller/na\xefve")) == "M%FCller/na%EFve"
