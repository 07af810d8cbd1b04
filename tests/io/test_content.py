import hashlib
import shutil

import pytest

from scripts.io.content import content_sha256


def test_a_file(tmp_path):
    (tmp_path / "a.nii").write_bytes(b"scan")
    assert content_sha256(tmp_path / "a.nii") == hashlib.sha256(b"scan").hexdigest()


def test_a_series_is_its_slices_whatever_lies_beside_them(tmp_path):
    for name in ("1.dcm", "2.dcm"):
        (tmp_path / name).write_bytes(bytes(128) + b"DICM" + name.encode())
    key = content_sha256(tmp_path)
    (tmp_path / "note.txt").write_text("hello")
    (tmp_path / "tof_vessels.dcm").write_bytes(bytes(128) + b"DICM" + b"1.2.840.10008.5.1.4.1.1.66.4")  # DICOM-SEG
    assert content_sha256(tmp_path) == key
    (tmp_path / "3.dcm").write_bytes(bytes(128) + b"DICM")
    assert content_sha256(tmp_path) != key


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("a.mhd", "ObjectType = Image\nElementDataFile = a.raw\n"),
        ("a.mhd", "ObjectType = Image\nElementDataFile = LIST\n0.raw\na.raw\n"),
        ("a.nrrd", "NRRD0004\ntype: short\ndata file: a.raw\n"),
    ],
)
def test_a_header_counts_with_the_file_that_holds_its_voxels(tmp_path, name, header):
    (tmp_path / name).write_text(header)
    (tmp_path / "a.raw").write_bytes(b"1")
    shutil.copytree(tmp_path, tmp_path / "copy")
    assert content_sha256(tmp_path / name) == content_sha256(tmp_path / "copy" / name)
    (tmp_path / "copy/a.raw").write_bytes(b"2")  # another patient's voxels under the same header
    assert content_sha256(tmp_path / name) != content_sha256(tmp_path / "copy" / name)


def test_voxels_behind_the_header_are_no_names(tmp_path):
    (tmp_path / "a.mhd").write_bytes(b"ElementDataFile = LOCAL\n" + bytes(range(256)) * 9 + b"\n" + b"x" * 5000)
    assert content_sha256(tmp_path / "a.mhd") == hashlib.sha256((tmp_path / "a.mhd").read_bytes()).hexdigest()
