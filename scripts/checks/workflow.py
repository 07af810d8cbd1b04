"""MONAI's workflow of a config, with the options looked at first and errors as the user can read them."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from monai.bundle import ConfigWorkflow

from ..io.user_error import user_error
from .overrides import check_settings, checked_overrides

BUNDLE = Path(__file__).parents[2]


class CheckedWorkflow(ConfigWorkflow):
    """`ConfigWorkflow` that refuses unknown keys and senseless values before anything is built.

    A key of the config named `workflow` holds this object, for the parts that record what was run. `bundle_root` is
    found by itself where no one gives it.

    Args:
        config_file, tracking: as for ConfigWorkflow.
        **arguments: others of ConfigWorkflow, and what overrides the config.

    Raises:
        UserError: an override is unknown or of the wrong type. `initialize`, `run` and `finalize` raise it as it is
            where MONAI would wrap it.
    """

    def __init__(self, config_file: Any, tracking: Any = None, **arguments: Any) -> None:
        super().__init__(config_file, tracking=tracking, **checked_overrides(config_file, arguments, tracking))
        if self.parser.get("bundle_root") == "." and Path.cwd().resolve() != BUNDLE.resolve():
            self.parser["bundle_root"] = str(BUNDLE)
        check_settings(self.parser)
        if "workflow" in self.parser:
            self.parser["workflow"] = self

    def initialize(self) -> Any:
        with plain_errors():
            return super().initialize()

    def run(self) -> Any:
        with plain_errors():
            return super().run()

    def finalize(self) -> Any:
        """Let go of all that was built, then do what the config's `finalize` says.

        A DistributedDataParallel that outlives its group of processes can wait for ever for a thread of it.
        """
        self.parser.ref_resolver.reset()
        gc.collect()  # trainer, handlers and network refer to each other
        with plain_errors():
            return super().finalize()


def run_config(config_file: Any, **arguments: Any) -> None:
    """Run a config from its `initialize` to its `finalize`; arguments are those of CheckedWorkflow."""
    workflow = CheckedWorkflow(config_file, **arguments)
    workflow.initialize()
    workflow.run()
    workflow.finalize()


@contextmanager
def plain_errors() -> Iterator[None]:
    """Raise a UserError as it is where MONAI has wrapped it in exceptions of its own."""
    try:
        yield
    except Exception as error:
        found = user_error(error)
        if found is None or found is error:
            raise
        raise found from None
