"""The page: a folder that any web server serves, and that needs nothing but a browser."""

from __future__ import annotations

import json
import logging
import shutil
from pathlib import Path
from typing import Any

from monai.bundle import ConfigParser

from ..checks.check_weights import check_weights
from ..checks.overrides import checked_overrides
from ..io.atomic_file import write_atomically
from ..io.bundle_version import bundle_title
from ..io.content import content_sha256
from ..io.tensor_file import read_weights
from ..io.user_error import UserError
from ..io.weights_needs import read_needs
from ..io.writable_folder import make_writable
from .network_file import write_network
from .page_settings import page_settings

logger = logging.getLogger(__name__)

PAGE = Path(__file__).parent / "page"
VIEWER_LICENCE = Path(__file__).parents[1] / "report" / "viewer_licence.txt"
LIBRARIES = {  # of npm, by their name on the page
    "niivue.js": "@niivue/niivue/dist/index.js",
    "ort.wasm.min.mjs": "onnxruntime-web/dist/ort.wasm.min.mjs",
    "ort-wasm-simd-threaded.mjs": "onnxruntime-web/dist/ort-wasm-simd-threaded.mjs",
    "ort-wasm-simd-threaded.wasm": "onnxruntime-web/dist/ort-wasm-simd-threaded.wasm",
    "ort.webgpu.min.mjs": "onnxruntime-web/dist/ort.webgpu.min.mjs",
    "ort-wasm-simd-threaded.asyncify.mjs": "onnxruntime-web/dist/ort-wasm-simd-threaded.asyncify.mjs",
    "ort-wasm-simd-threaded.asyncify.wasm": "onnxruntime-web/dist/ort-wasm-simd-threaded.asyncify.wasm",
}


def export_page(bundle_root: str, output_dir: str, ckpt: str, settings: dict[str, Any]) -> None:
    """Write page, libraries, `network.onnx` and `settings.json` into a folder.

    What the weights need (`weights_needs`) goes before the values of configs/inference.yaml, `settings` before both.

    Args:
        bundle_root: the bundle's folder; `make web` has put the libraries into its `.web`.
        output_dir: made if need be.
        ckpt: the weights.
        settings: keys of configs/inference.yaml, and values, that are to differ.

    Raises:
        UserError: libraries or weights are missing, the weights are of another network, the folder cannot be written
            to, or see `checked_overrides`, `page_settings` and `write_network`.
    """
    packages, configs, folder = Path(bundle_root) / ".web/node_modules", Path(bundle_root) / "configs", Path(output_dir)
    missing = [path for path in LIBRARIES.values() if not (packages / path).is_file()]
    if missing:
        raise UserError(f"the page's libraries are not there ({missing[0]}): run `make web` in the bundle's folder.")
    own = checked_overrides(str(configs / "inference.yaml"), settings)
    parser = ConfigParser()
    parser.read_config(str(configs / "inference.yaml"))
    make_writable(folder)
    parser.update({"bundle_root": bundle_root, "ckpt": ckpt, **read_needs(ckpt), **own})
    network = parser.get_parsed_content("network_def")
    check_weights(ckpt, network)
    network.load_state_dict(read_weights(ckpt))
    known = page_settings(parser)
    known["about"] = {
        "bundle": bundle_title(),
        "weights": Path(ckpt).name,
        "sha256": content_sha256(ckpt),
    }
    shutil.copytree(PAGE, folder, dirs_exist_ok=True)
    shutil.copyfile(VIEWER_LICENCE, folder / "libraries/niivue-licence.txt")
    for name, path in LIBRARIES.items():
        shutil.copyfile(packages / path, folder / "libraries" / name)
    write_network(network, folder / "network.onnx")
    text = json.dumps(known, indent=2)
    write_atomically(folder / "settings.json", lambda partial: partial.write_text(text, encoding="utf-8"))
    logger.info("%s: serve it, e.g. python -m http.server --directory %s", folder / "index.html", folder)
