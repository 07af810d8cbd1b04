"""The bundle as a BIDS App (Gorgolewski et al., PLOS Computational Biology 2017), over the same inference.

    python -m scripts.bids_app BIDS_DIR OUTPUT_DIR participant --participant-label 01 02
    python -m scripts.bids_app BIDS_DIR OUTPUT_DIR group

`participant` segments the angiograms and writes a BIDS derivative, `group` writes the report.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from .checks.option_types import path
from .checks.workflow import run_config
from .io.bundle_version import bundle_version
from .io.user_error import UserError, first_cause, user_error
from .report.report_page import write_report_page

ROOT = Path(__file__).parents[1]
VIEWER = ROOT / ".viewer" / "niivue.umd.js"
VALIDATOR = "bids-validator-deno"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the app; the result is the exit status, 0 where every angiogram was segmented.

    Args:
        arguments: of the command line; what the standard does not name is passed on to `configs/inference.yaml`, such
            as `--threshold 0.5`.
    """
    options, others = _parser().parse_known_args(arguments)
    try:
        settings = inference_settings(others)
        if not options.skip_bids_validation:
            validate(options.bids_dir)
        if options.analysis_level == "participant":
            segment(options, settings)
        else:
            write_report_page(options.output_dir, str(VIEWER))
    except Exception as error:
        cause = user_error(error) or first_cause(error)
        if not isinstance(cause, (UserError, ValueError, OSError)):
            raise
        print(cause, file=sys.stderr)
        return 1
    return 0


def segment(options: argparse.Namespace, settings: dict[str, Any]) -> None:
    """Segment the wanted angiograms of the tree; those that are done are skipped."""
    entities = {"sub": options.participant_label, "ses": options.session_label}
    run_config(
        str(ROOT / "configs" / "inference.yaml"),
        bundle_root=str(ROOT),
        dataset_dir=options.bids_dir,
        output_dir=options.output_dir,
        bids_filter={entity: labels for entity, labels in entities.items() if labels},
        **settings,
    )


def inference_settings(arguments: Sequence[str]) -> dict[str, Any]:
    """`--key value` pairs as settings of the inference; values are read as YAML reads them.

    Raises:
        UserError: an argument is no `--key`, or has no value.
    """
    keys, values = arguments[::2], arguments[1::2]
    if len(keys) != len(values) or not all(key.startswith("--") for key in keys):
        raise UserError(f"{' '.join(arguments)}: settings are given as --key value; --help names the app's own.")
    return {key.removeprefix("--"): yaml.safe_load(value) for key, value in zip(keys, values)}


def validate(bids_dir: str) -> None:
    """Ask the official validator whether the tree is valid, where it is installed.

    Raises:
        UserError: the tree is not valid.
    """
    validator = shutil.which(VALIDATOR)
    if validator is None:
        print(f"{VALIDATOR} is not installed: {bids_dir} is taken as it is.", file=sys.stderr)
        return
    done = subprocess.run([validator, bids_dir, "--ignoreWarnings"], capture_output=True, text=True)
    if done.returncode:
        raise UserError(f"{done.stdout}\n{bids_dir} is no valid BIDS tree; correct it, or give --skip-bids-validation.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts.bids_app", description=__doc__, allow_abbrev=False)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("-v", "--version", action="version", version=bundle_version())
    parser.add_argument("bids_dir", type=path, help="the BIDS tree")
    parser.add_argument("output_dir", type=path, help="where the derivative is written")
    parser.add_argument("analysis_level", choices=["participant", "group"])
    parser.add_argument("--participant-label", "--participant_label", nargs="+", metavar="LABEL", help="of sub-LABEL")
    parser.add_argument("--session-label", "--session_label", nargs="+", metavar="LABEL", help="of ses-LABEL")
    parser.add_argument("--skip-bids-validation", "--skip_bids_validation", action="store_true")
    parser.add_argument("-w", "--work-dir", "--work_dir", help="accepted for batch systems; nothing is written there")
    return parser


if __name__ == "__main__":
    sys.exit(main())
