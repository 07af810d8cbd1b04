"""What a training was made of: settings, code, packages and data."""

from __future__ import annotations

import platform
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from importlib.metadata import distributions
from itertools import count
from pathlib import Path
from typing import Any

import ignite.distributed as idist
import torch
import yaml
from ignite.engine import Engine, Events
from monai.bundle import ConfigParser, ConfigWorkflow

from ..io.content import content_sha256

BUNDLE = Path(__file__).parents[2]
PLAIN = (str, int, float, list, type(None), torch.device)


class RunRecord:
    """At STARTED writes `record_<n>` with two files; a resumed run leaves the records that are there and adds its own.

    `config.yaml` is the config that runs: files merged, overrides applied, settings at the top evaluated; it can be
    given as --config_file. `run.yaml` holds time, iteration that the run goes on from, seed, whether it computes in
    mixed precision, the bundle's version and, in a checkout, its commit, the versions of all packages, and the
    SHA-256 of every data file.

    Args:
        output_dir: folder of the records.
        seed: of the run.
        data: lists of cases (dictionaries of paths), and paths of files or folders; what is not there is left out.
        workflow: what runs, a CheckedWorkflow; without one there is no `config.yaml`.
    """

    def __init__(
        self,
        output_dir: str,
        seed: int,
        data: Sequence[list[dict[str, str]] | str],
        workflow: ConfigWorkflow | None = None,
    ) -> None:
        self.output_dir = Path(output_dir)
        self.seed = seed
        self.data = data
        self.workflow = workflow

    def attach(self, engine: Engine) -> None:
        if idist.get_rank() == 0:  # one process writes for all
            engine.add_event_handler(Events.STARTED, self.write)

    def write(self, engine: Engine) -> None:
        config = {} if self.workflow is None else executed_config(self.workflow.parser)
        run = {
            "started": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "iteration": engine.state.iteration,
            "seed": self.seed,
            "mixed_precision": getattr(engine, "amp", None),
            "version": config.pop(ConfigParser.meta_key, {}).get("version"),
            "commit": bundle_commit(),
            "python": platform.python_version(),
            "packages": dict(sorted((item.metadata["Name"] or "?", item.version or "?") for item in distributions())),
            "data": {str(path): content_sha256(path) for path in sorted(set(_files(self.data)))},
        }
        number = next(n for n in count(1) if not (self.output_dir / f"record_{n}").exists())
        partial = self.output_dir / f".record_{number}.part"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        known = {key: value for key, value in run.items() if value is not None}
        for name, content in (("config", config), ("run", known)):
            if not content:
                continue
            (partial / f"{name}.yaml").write_text(yaml.dump(content, Dumper=_Dumper, sort_keys=False))
        partial.rename(self.output_dir / f"record_{number}")


def executed_config(parser: ConfigParser) -> dict[str, Any]:
    """The parser's config, expressions and references at its top level replaced by plain values where they have one."""
    config = dict(parser.get())
    if "workflow" in config:
        config["workflow"] = None
    for key, item in config.items():
        if isinstance(item, str) and item.startswith(("$", "@")):
            value = parser.get_parsed_content(key)
            config[key] = value if isinstance(value, PLAIN) else item
    return config


def bundle_commit() -> str | None:
    """Commit that the bundle is a checkout of, "-dirty" added where files differ from it; None in an unpacked copy."""
    if not (BUNDLE / ".git").exists():
        return None
    command = ["git", "-C", str(BUNDLE), "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty"]
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):  # no git here, or the folder belongs to someone else
        return None


def _files(data: Any) -> Iterator[Path]:
    if isinstance(data, dict):
        yield from _files(list(data.values()))
    elif isinstance(data, (list, tuple)):
        for item in data:
            yield from _files(item)
    elif isinstance(data, (str, Path)):
        path = Path(data).absolute()
        yield from (file for file in (path.rglob("*") if path.is_dir() else [path]) if file.is_file())


class _Dumper(yaml.SafeDumper):
    """Writes the objects that Python code may override a setting with as what a config would say."""


_Dumper.add_representer(torch.device, lambda dumper, device: dumper.represent_str(f"$torch.{device!r}"))
_Dumper.add_multi_representer(object, lambda dumper, item: dumper.represent_str(str(item)))
