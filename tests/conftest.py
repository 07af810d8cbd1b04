import os
import signal
import sys
from pathlib import Path

import absl.logging
import pytest

# Before torch is imported, here or in a command that a test runs: several processes with a thread per core each wait
# for one another, ten times as long as they compute.
os.environ["OMP_NUM_THREADS"] = "1"

from tests.tiny_dataset import tiny_dataset

# tensorboard and OpenVINO import it. Its handler writes to what sys.stderr is at that moment, pytest's own file, and
# closes it when a bundle sets up its logging: pytest could not go on.
absl.logging.get_absl_handler().python_handler.stream = sys.__stderr__

# A shell has what it starts in the background ignore Ctrl-C, which some tests press.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny data set of its own for every module that does not define another."""
    return tiny_dataset(tmp_path_factory.mktemp("dataset"))
