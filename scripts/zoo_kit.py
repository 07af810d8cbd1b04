"""The bundle as a pull request to MONAI's Model Zoo: its folder there, and its tests.

    python -m scripts.zoo_kit MODEL_ZOO

MODEL_ZOO is a checkout of the Zoo. `models/vessel_sld_segmentation` and two files in `ci/unit_tests` are written anew.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import yaml

from .io.content import content_sha256
from .io.user_error import UserError

ROOT = Path(__file__).parents[1]
NAME = "vessel_sld_segmentation"  # MONAI Label reads the type off the end
CONTENT = ("LICENSE", "vessel_sld.py", "requirements.txt", "configs", "docs", "models", "scripts")
WEIGHTS = ("model.pt", "model.json", "LICENSE.weights")  # of models/, where users put others
LEFT_OUT = ("__pycache__", Path(__file__).name)  # and what is hidden
LIMIT = 25 * 2**20  # bytes; a larger file is not taken into the Zoo, but downloaded as large_files.yml says


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the submission; the result is the exit status."""
    parser = argparse.ArgumentParser(prog="scripts.zoo_kit", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("model_zoo", type=Path, help="a checkout of the Model Zoo")
    parser.add_argument("--url", help="address of a folder where files above 25 MB can be downloaded")
    options = parser.parse_args(arguments)
    try:
        print(write_submission(options.model_zoo, options.url))
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def write_submission(model_zoo: Path, url: str | None = None, limit: int = LIMIT) -> Path:
    """Write folder and tests into a checkout of the Zoo and return the folder.

    Args:
        model_zoo: gets `models/vessel_sld_segmentation`, in place of an earlier one, and files in `ci/unit_tests`.
        url: address of a folder that holds the files which are too large for the Zoo.
        limit: size above which a file is one of these, bytes.

    Raises:
        UserError: a file is too large and there is no address, or the tests are not part of this copy of the bundle.
    """
    tests = sorted((ROOT / "tests" / "zoo").glob(f"test_{NAME}*.py"))
    if not tests:
        raise UserError(f"{ROOT / 'tests' / 'zoo'}: holds no tests for the Zoo; run this in a checkout of the bundle.")
    files = _files()
    large = [path for path, file in files.items() if file.stat().st_size > limit]
    if large and not url:
        raise UserError(f"{large[0]} is larger than {limit / 2**20:.0f} MB: give --url ADDRESS.")
    folder = model_zoo / "models" / NAME
    if folder.exists():
        shutil.rmtree(folder)
    for path, file in files.items():
        if path not in large:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, folder / path)
    if large:
        _say_where_they_are({path: files[path] for path in large}, str(url), folder / "large_files.yml")
    (model_zoo / "ci" / "unit_tests").mkdir(parents=True, exist_ok=True)
    for test in tests:
        shutil.copy(test, model_zoo / "ci" / "unit_tests")
    return folder


def _files() -> dict[str, Path]:
    """Each file of the bundle by its path in the submission."""
    found: dict[str, Path] = {}
    for item in CONTENT:
        files = [ROOT / item / name for name in WEIGHTS] if item == "models" else sorted((ROOT / item).rglob("*"))
        for file in files or [ROOT / item]:
            path = file.relative_to(ROOT)
            left_out = any(part in LEFT_OUT or part.startswith(".") for part in path.parts)
            if not left_out and not file.is_dir():
                found[path.as_posix()] = file
    found["LICENSE.weights"] = found.pop("models/LICENSE.weights")  # where other bundles have it
    return found


def _say_where_they_are(files: dict[str, Path], url: str, list_file: Path) -> None:
    entries = [
        {"path": path, "url": f"{url}/{path}", "hash_val": content_sha256(file), "hash_type": "sha256"}
        for path, file in files.items()
    ]
    list_file.write_text(yaml.safe_dump({"large_files": entries}, sort_keys=False))


if __name__ == "__main__":
    sys.exit(main())
