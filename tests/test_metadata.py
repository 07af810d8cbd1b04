"""configs/metadata.json says what is so; the Model Zoo installs and lists by it."""

from __future__ import annotations

import json
import re
from importlib.metadata import PackageNotFoundError, metadata

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from tests.run_inference import ROOT

METADATA = json.loads((ROOT / "configs/metadata.json").read_text())
# name and the first version given, which is that of the oldest Python
PINS = re.findall(r"^([\w-]+)==([\w.]+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
OLDEST = dict(reversed(PINS))
REQUIREMENTS = ("requirements.txt", "requirements-dev.txt")
OF_THEIR_OWN = {"torch": "pytorch_version", "monai": "monai_version", "numpy": "numpy_version"}


@pytest.mark.parametrize("package", OLDEST)
def test_packages_are_those_of_the_requirements(package):
    if package in OF_THEIR_OWN:
        assert METADATA[OF_THEIR_OWN[package]] == OLDEST[package]
    else:
        assert METADATA["required_packages_version"][package.lower()] == OLDEST[package]


def test_no_other_package_is_required():
    assert set(METADATA["required_packages_version"]) == {name.lower() for name in OLDEST} - set(OF_THEIR_OWN)
    assert "optional_packages_version" not in METADATA  # MONAI would leave the required ones out


def test_what_is_pinned_for_the_zoos_python_takes_it():
    """As far as a version that is pinned for 3.10 is the one that is installed here."""
    refused = {}
    for line in "\n".join((ROOT / name).read_text() for name in REQUIREMENTS).splitlines():
        if not re.match(r"[\w-]+==", line):
            continue
        pin = Requirement(re.sub(r"\s+#.*", "", line))
        if pin.marker is None or pin.marker.evaluate({"python_version": "3.10"}):
            try:
                found = metadata(pin.name)
            except PackageNotFoundError:
                continue
            if pin.specifier.contains(found["Version"]) and "3.10.13" not in SpecifierSet(found["Requires-Python"]):
                refused[str(pin)] = found["Requires-Python"]
    assert refused == {}


def test_the_version_is_in_the_changelogs():
    assert METADATA["version"] in METADATA["changelog"]
    assert f'version = "{METADATA["version"]}"' in (ROOT / "pyproject.toml").read_text()


@pytest.mark.parametrize("key", ["schema", "task", "description", "authors", "copyright", "intended_use", "references"])
def test_what_the_zoo_asks_for_is_said(key):
    assert METADATA[key]


@pytest.mark.parametrize("file", ["LICENSE", "docs/README.md", "docs/data_license.txt", "models/model.pt"])
def test_what_the_zoo_asks_for_is_there(file):
    assert (ROOT / file).stat().st_size > 100
