"""Fetch the 3D viewer of the report: `make viewer`."""

from __future__ import annotations

import socket
import tarfile
import tempfile
from pathlib import Path

import fire
from monai.apps.utils import download_url

from ..io.atomic_file import write_atomically

VERSION = "0.69.0"
URL = f"https://registry.npmjs.org/@niivue/niivue/-/niivue-{VERSION}.tgz"
SHA512 = (
    "60c8d0bc9803d56d9bec3ba8c64c250b85716eb80878f449e6ac90cd72b18b6b"
    "f6301560dbce4ffc2210ca0e3aa030c60c871a3656ddf8c86d3bf79d31b5c990"
)
MEMBER = "package/dist/niivue.umd.js"


def fetch_viewer(folder: str, url: str = URL, sha512: str = SHA512) -> None:
    """Download NiiVue's npm package, verify it, and put its browser build into `<folder>/niivue.umd.js`.

    Args:
        folder: made if it does not exist.
        url: of the package; `file:///...` for one that is there already.
        sha512: of the package, in hex.

    Raises:
        monai.apps.utils.HashCheckError: it is not the package that was meant; nothing is written.
    """
    target = Path(folder) / "niivue.umd.js"
    with tempfile.TemporaryDirectory() as temporary:
        package = Path(temporary) / "niivue.tgz"
        download_url(url, package, hash_val=sha512, hash_type="sha512", progress=False)
        with tarfile.open(package) as archive:
            script = archive.extractfile(MEMBER)
            assert script is not None  # it is a file of the package whose checksum was verified
            content = script.read()
    write_atomically(target, lambda partial: partial.write_bytes(content))
    print(f"NiiVue {VERSION}: {target}")


if __name__ == "__main__":
    socket.setdefaulttimeout(20)  # seconds; a network that lets nothing out may never say so
    fire.Fire(fetch_viewer)
