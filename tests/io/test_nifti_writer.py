import nibabel as nib
import numpy as np
import pytest

from scripts.io.nifti_writer import QFORM, SFORM, write_nifti

OBLIQUE = np.array([[-0.4, 0.1, 0.0, 9.0], [0.1, 0.4, 0.0, -7.5], [0.0, 0.0, 0.8, 3.25], [0.0, 0.0, 0.0, 1.0]])
VOLUME = np.arange(24, dtype=np.int16).reshape(2, 3, 4)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32])
def test_volume_affine_and_unit_are_read_back(tmp_path, dtype):
    write_nifti(tmp_path / "sub" / "volume.nii.gz", VOLUME.astype(dtype), OBLIQUE)
    image = nib.load(tmp_path / "sub" / "volume.nii.gz")
    assert image.get_data_dtype() == dtype
    np.testing.assert_array_equal(image.dataobj, VOLUME)
    for affine, code in (image.get_qform(coded=True), image.get_sform(coded=True)):
        np.testing.assert_allclose(affine, OBLIQUE, atol=1e-6)
        assert code == 1  # scanner
    assert image.header.get_xyzt_units()[0] == "mm"


@pytest.mark.parametrize("codes", [(1, 0), (0, 2), (1, 4), (0, 0)], ids=["qform", "sform", "both", "neither"])
def test_a_scans_transforms_are_copied_with_their_codes(tmp_path, codes):
    scan = nib.Nifti1Image(VOLUME.astype(np.float32), OBLIQUE)
    moved = OBLIQUE + np.eye(4, k=3) * 0.1  # the two need not agree
    scan.set_sform(moved, code=codes[1])
    scan.set_qform(OBLIQUE, code=codes[0])
    write_nifti(tmp_path / "mask.nii", (VOLUME > 5).astype(np.uint8), scan.header)
    mask = nib.load(tmp_path / "mask.nii")
    assert mask.get_data_dtype() == np.uint8
    for field in QFORM + SFORM:
        np.testing.assert_array_equal(mask.header[field], scan.header[field])
    np.testing.assert_array_equal(mask.affine, scan.header.get_best_affine())
