import signal
import sys

import absl.logging

# tensorboard and OpenVINO import it. Its handler writes to what sys.stderr is at that moment, pytest's own file, and
# closes it when a bundle sets up its logging: pytest could not go on.
absl.logging.get_absl_handler().python_handler.stream = sys.__stderr__

# A shell has what it starts in the background ignore Ctrl-C, which some tests press.
signal.signal(signal.SIGINT, signal.default_int_handler)
