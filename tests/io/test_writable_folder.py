import pytest

from scripts.io.user_error import UserError
from scripts.io.writable_folder import make_writable


def test_the_folder_is_made_and_left_empty(tmp_path):
    for _ in range(2):  # it may be there
        make_writable(tmp_path / "a" / "b")
    assert list((tmp_path / "a" / "b").iterdir()) == []


def test_a_file_in_the_way_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="file/out: cannot be written to .*give another --output_dir"):
        make_writable(tmp_path / "file" / "out")
