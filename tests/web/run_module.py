"""Runs a function of the page's modules in Node."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

PAGE = Path(__file__).parents[2] / "scripts" / "web" / "page"
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="there is no Node")

ARRAYS = {"Float32Array": np.float32, "Float64Array": np.float64, "Uint8Array": np.uint8, "Int32Array": np.int32}
SCRIPT = """
import * as page from "%s";
import { readFileSync } from "node:fs";
const revive = (key, value) => {
  if (!value?.base64) return value;
  return new globalThis[value.type](new Uint8Array(Buffer.from(value.base64, "base64")).buffer);
};
const replace = (key, value) => {
  if (!ArrayBuffer.isView(value)) return value;
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return { type: value.constructor.name, base64: bytes.toString("base64") };
};
const given = JSON.parse(readFileSync(0), revive);
console.log(JSON.stringify(await (%s), replace));
"""


def run_module(module: str, expression: str, **given: Any) -> Any:
    """Value of a JavaScript expression, in which `page` is the module and `given` what is given."""
    script = SCRIPT % ((PAGE / module).as_uri(), expression)
    command = [str(NODE), "--input-type=module", "--eval", script]
    answer = subprocess.run(command, input=json.dumps(given, default=_packed), capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout, object_hook=_unpacked)


def _packed(array: np.ndarray) -> dict[str, str]:
    kind = next(name for name, dtype in ARRAYS.items() if array.dtype == dtype)
    return {"type": kind, "base64": base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()}


def _unpacked(content: dict[str, Any]) -> Any:
    if "base64" not in content:
        return content
    return np.frombuffer(base64.b64decode(content["base64"]), ARRAYS[content["type"]])
