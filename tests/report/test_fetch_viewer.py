import hashlib
import io
import tarfile

import pytest
from monai.apps.utils import HashCheckError

from scripts.report.fetch_viewer import MEMBER, URL, VERSION, fetch_viewer


@pytest.fixture
def package(tmp_path):
    file = tmp_path / "package.tgz"
    with tarfile.open(file, "w:gz") as archive:
        member = tarfile.TarInfo(MEMBER)
        member.size = 6
        archive.addfile(member, io.BytesIO(b"script"))
    return file


def test_the_build_lies_where_the_report_looks(package, tmp_path):
    sha512 = hashlib.sha512(package.read_bytes()).hexdigest()
    fetch_viewer(str(tmp_path / "viewer"), url=package.as_uri(), sha512=sha512)
    assert [(file.name, file.read_bytes()) for file in (tmp_path / "viewer").iterdir()] == [
        ("niivue.umd.js", b"script")
    ]


def test_another_package_is_refused(package, tmp_path):
    with pytest.raises(HashCheckError):
        fetch_viewer(str(tmp_path / "viewer"), url=package.as_uri())
    assert not (tmp_path / "viewer").exists()


def test_the_version_is_pinned():
    assert URL.endswith(f"-{VERSION}.tgz")
