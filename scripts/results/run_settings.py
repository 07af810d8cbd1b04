"""Whether two runs of inference would give the same results."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def settings_key(weights: str, values: Sequence[Any]) -> str:
    """Eight hexadecimal digits that differ when the weights' content or a value differs.

    Args:
        weights: file of the state dict.
        values: the other settings that decide the results, always in the same order.

    Raises:
        FileNotFoundError: no such weights.
    """
    file = Path(weights)
    if not file.is_file():
        raise FileNotFoundError(f"{weights}: no such weights; give --ckpt the model.pt of a training.")
    digest = hashlib.sha256(file.read_bytes())
    digest.update(json.dumps(list(values), default=str).encode())
    return digest.hexdigest()[:8]
