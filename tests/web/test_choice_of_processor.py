"""The page takes the graphics processor where its answer is right; runtimes are stood for by stubs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.web.run_module import PAGE, needs_node, run_module

pytestmark = needs_node

STUB = """
export const env = { wasm: {} };
export class Tensor { constructor(type, data) { this.data = data; } }
export const InferenceSession = { create: async () => ({
  inputNames: ["image"], outputNames: ["pred"],
  run: async ({ image }) => ({ pred: { getData: async () => { %s } } }),
}) };
"""
RIGHT = "return image.data.map(value => 2 * value);"
CALL = """(() => {
  const adapter = { info: { isFallbackAdapter: given.fallback } };
  const gpu = given.gpu ? { gpu: { requestAdapter: async () => adapter } } : {};
  Object.defineProperty(globalThis, "navigator", { value: { hardwareConcurrency: 4, ...gpu } });
  globalThis.self = { crossOriginIsolated: given.isolated };
  return page.openNetwork([1, 1, 2], Float32Array.of(1, 2)).then(async network => (
    { device: network.device, answer: [...await network.run(Float32Array.of(3, 4))] }));
})()"""


def chosen(folder: Path, graphics: str, gpu: bool = True, fallback: bool = False, isolated: bool = True) -> str:
    """The device that is told, its answer being right."""
    shutil.copytree(PAGE / "network", folder / "network")
    (folder / "libraries").mkdir()
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "libraries/ort.wasm.min.mjs").write_text(STUB % RIGHT)
    (folder / "libraries/ort.webgpu.min.mjs").write_text(STUB % graphics)
    found = run_module(str(folder / "network/runtime.js"), CALL, gpu=gpu, fallback=fallback, isolated=isolated)
    assert found["answer"] == [6, 8]
    return found["device"]


def test_a_right_graphics_processor_is_taken(tmp_path) -> None:
    assert chosen(tmp_path, RIGHT) == "graphics processor (WebGPU)"


@pytest.mark.parametrize(
    "answer", ["return image.data.map(value => 2.01 * value);", "return image.data.map(() => NaN);"]
)
def test_a_wrong_one_is_not(tmp_path, answer) -> None:
    assert chosen(tmp_path, answer) == "processor, 4 threads; the graphics processor computes wrongly"


def test_one_that_fails_is_not(tmp_path) -> None:
    device = chosen(tmp_path, "throw new Error('no such kernel');")
    assert device == "processor, 4 threads; the graphics processor cannot compute this network"


def test_software_that_stands_for_one_is_not(tmp_path) -> None:
    assert chosen(tmp_path, RIGHT, fallback=True) == "processor, 4 threads"


def test_a_page_that_is_not_isolated_has_one_thread(tmp_path) -> None:
    assert chosen(tmp_path, RIGHT, gpu=False, isolated=False) == "processor, 1 thread"
