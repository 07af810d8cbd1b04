"""The types of the page's JavaScript, and of the settings that it is given."""

from __future__ import annotations

import json
import subprocess

import pytest

from scripts.web.page_settings import page_settings
from tests.run_inference import ROOT, inference_config

COMPILER = ROOT / ".web/node_modules/.bin/tsc"
WEB = ROOT / "scripts/web"


@pytest.mark.skipif(not COMPILER.exists(), reason="the compiler is not there: make web")
def test_types(tmp_path) -> None:
    settings = page_settings(inference_config()) | {"about": {"bundle": "", "weights": "", "sha256": ""}}
    lacking = {
        **settings,
        "contrast": {key: settings["contrast"][key] for key in settings["contrast"] if key != "many"},
    }
    for name, content in (("whole", settings), ("lacking", lacking)):
        source = (
            f'import type {{ Settings }} from "{WEB}/page/settings.js";\n({json.dumps(content)}) satisfies Settings;'
        )
        (tmp_path / f"{name}.ts").write_text(source)
    project = {"extends": f"{WEB}/tsconfig.json", "include": [f"{WEB}/page/**/*.js", "*.ts"]}
    (tmp_path / "tsconfig.json").write_text(json.dumps(project))
    errors = subprocess.run([COMPILER, "-p", tmp_path], capture_output=True, text=True, cwd=tmp_path).stdout
    # a setting that is missing is seen, and there is nothing else to see
    assert errors.count("error") == 1 and errors.startswith("lacking.ts") and "Property 'many' is missing" in errors


def test_libraries_are_pinned() -> None:
    package = json.loads((WEB / "package.json").read_text())
    lock = json.loads((WEB / "package-lock.json").read_text())["packages"]
    for name, version in {**package["dependencies"], **package["devDependencies"]}.items():
        assert lock[f"node_modules/{name}"]["version"] == version
    assert all("integrity" in entry for place, entry in lock.items() if place)
