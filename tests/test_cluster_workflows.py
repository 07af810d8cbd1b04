"""The Snakemake and Nextflow files of docs/cluster, in a dry run where the programs are installed."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.checks.overrides import checked_overrides
from tests.run_inference import ROOT

CLUSTER = ROOT / "docs" / "cluster"
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # an environment keeps its commands there
SNAKEMAKE, NEXTFLOW = (shutil.which(name, path=PATH) for name in ("snakemake", "nextflow"))
SHARES = 3


def settings(command: str) -> dict[str, str]:
    """What a `monai.bundle run` command gives to its config, which must have these keys."""
    words = shlex.split(command)
    given = dict(zip((word.removeprefix("--") for word in words[4::2]), words[5::2]))
    checked_overrides([str(ROOT / given.pop("config_file"))], given)
    return given


def commands(text: str) -> list[str]:
    return re.findall(r"python -m monai\.bundle run .*", text)


@pytest.mark.skipif(SNAKEMAKE is None, reason="snakemake is not installed")
def test_snakemake_would_run_every_share(tmp_path: Path) -> None:
    command = [str(SNAKEMAKE), "--dry-run", "--printshellcmds", "-s", str(CLUSTER / "Snakefile"), "--cores", "1"]
    command += ["--config", "scans=my scans", "out=out", f"shares={SHARES}"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    log = done.stdout + done.stderr
    assert log.count(f"cd {ROOT} && ") == SHARES
    given = sorted(map(settings, commands(log)), key=lambda keys: keys["shard"])
    places = {"dataset_dir": str(tmp_path / "my scans"), "output_dir": str(tmp_path / "out")}
    assert given == [{**places, "shard": f"{share}/{SHARES}"} for share in range(1, SHARES + 1)]


@pytest.mark.skipif(NEXTFLOW is None, reason="nextflow is not installed; what PyPI has is a launcher that downloads it")
def test_nextflow_reads_the_workflow(tmp_path: Path) -> None:
    command = [str(NEXTFLOW), "run", str(CLUSTER / "vessels.nf"), "-preview", "--scans", "scans", "--out", "out"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_parser_of_nextflow_reads_the_workflow() -> None:
    """It is none of Nextflow's own, but knows the grammar and the names of the directives."""
    reftrace = pytest.importorskip("reftrace")
    module = reftrace.Module.from_file(str(CLUSTER / "vessels.nf"))
    assert isinstance(module, reftrace.Module), module
    (process,) = module.processes
    assert (process.name, process.unknowns) == ("SHARE", [])
    assert {param.name for param in module.params} == {"scans", "out", "shares"}


def test_the_command_of_the_nextflow_file_is_one_of_inference() -> None:
    values = {"params.shares": "3", "share": "2", "file(params.scans)": "/my scans", "file(params.out)": "/out"}
    text = (CLUSTER / "vessels.nf").read_text(encoding="utf-8")
    (command,) = commands(re.sub(r"\$\{([^}]+)\}", lambda match: values.get(match[1], match[0]), text))
    assert settings(command) == {"dataset_dir": "/my scans", "output_dir": "/out", "shard": "2/3"}
