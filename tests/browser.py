"""A headless Chromium that a test drives over a pipe (Chrome DevTools Protocol)."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DOMAINS = ("Runtime", "Log", "Network")
ATTACH = {"autoAttach": True, "waitForDebuggerOnStart": True, "flatten": True}
FLAGS = [
    "--headless=new",
    "--no-sandbox",  # containers run as root
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--use-angle=swiftshader",  # WebGL2 without a GPU
    "--enable-unsafe-swiftshader",
    "--window-size=1200,1400",
    "--remote-debugging-pipe",
]


class Browser:
    """One page; records what it and its workers ask for (`requests`) and what goes wrong (`errors`).

    Args:
        executable: Chromium or Chrome.
        profile: empty folder for its profile.
        cores: that workers are told the processor has; 0: as many as it has.
    """

    def __init__(self, executable: str, profile: Path, cores: int = 0) -> None:
        self.cores = cores
        to_browser, self.commands = _pipe()
        self.answers, from_browser = _pipe()

        def give_pipes() -> None:
            os.dup2(to_browser, 3)  # where the protocol expects them
            os.dup2(from_browser, 4)

        self.process = subprocess.Popen(
            [executable, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
            preexec_fn=give_pipes,
            pass_fds=(3, 4),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        self.buffer, self.number, self.session = b"", 0, None
        self.requests: list[str] = []
        self.errors: list[str] = []
        self.loaded = False

    def __enter__(self) -> Browser:
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", *DOMAINS):
            self.send(f"{domain}.enable")
        self.send("Target.setAutoAttach", **ATTACH)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.session = None
        self.send("Browser.close")
        self.process.wait(30)
        os.close(self.commands)
        os.close(self.answers)

    def open(self, url: str) -> None:
        self.loaded = False
        self.send("Page.navigate", url=url)
        while not self.loaded:
            self._handle(self._receive())

    def run(self, script: str) -> Any:
        """Value of a JavaScript expression; a promise is awaited."""
        answer = self.send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def wait_for(self, script: str, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while not self.run(script):
            assert time.monotonic() < end, f"still not true after {seconds} s: {script}"
            time.sleep(0.2)

    def choose(self, selector: str, *files: Path) -> None:
        """Give files to the element of a page that takes some."""
        page = self.send("DOM.getDocument")["root"]["nodeId"]
        element = self.send("DOM.querySelector", nodeId=page, selector=selector)["nodeId"]
        self.send("DOM.setFileInputFiles", nodeId=element, files=[str(file) for file in files])

    def drop(self, *files: Path) -> None:
        """Let files fall on the page."""
        data = {"items": [], "files": [str(file) for file in files], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            self.send("Input.dispatchDragEvent", type=kind, x=200, y=200, data=data)

    def download_to(self, folder: Path) -> None:
        """Where what the page gives to save is put."""
        self.send("Page.setDownloadBehavior", behavior="allow", downloadPath=str(folder))

    def screenshot(self, whole: bool = False) -> bytes:
        """PNG of the window, or of the whole page."""
        return base64.b64decode(self.send("Page.captureScreenshot", captureBeyondViewport=whole)["data"])

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        self._write(self.session, method, **params)
        number = self.number
        while (answer := self._receive()).get("id") != number:
            self._handle(answer)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def _write(self, session: str | None, method: str, **params: Any) -> None:
        self.number += 1
        message: dict[str, Any] = {"id": self.number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self.commands, json.dumps(message).encode() + b"\0")

    def _receive(self, seconds: float = 120) -> dict[str, Any]:
        while b"\0" not in self.buffer:
            assert select.select([self.answers], [], [], seconds)[0], f"the browser is silent for {seconds} s"
            data = os.read(self.answers, 1 << 16)
            assert data, "the browser has ended"
            self.buffer += data
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def _handle(self, message: dict[str, Any]) -> None:
        method, params = message.get("method"), message.get("params", {})
        if method == "Page.loadEventFired":
            self.loaded = True
        elif method == "Target.attachedToTarget":  # a worker, which waits until it is watched
            for domain in DOMAINS:
                self._write(params["sessionId"], f"{domain}.enable")
            self._write(params["sessionId"], "Target.setAutoAttach", **ATTACH)
            if self.cores:
                self._write(
                    params["sessionId"], "Emulation.setHardwareConcurrencyOverride", hardwareConcurrency=self.cores
                )
            self._write(params["sessionId"], "Runtime.runIfWaitingForDebugger")
        elif method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.errors.append(str(params["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "assert"):
            self.errors.append(str(params["args"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.errors.append(str(params["entry"]))


def _pipe() -> tuple[int, int]:
    """Ends to read and to write, numbered so high that they are in nobody's way."""
    ends = os.pipe()
    high = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends]
    for end in ends:
        os.close(end)
    return high[0], high[1]
