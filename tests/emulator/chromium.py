"""A headless browser, driven over its debugging port; as little as one page's test needs."""

import json
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import websocket

__all__ = ["BINARY", "Page"]

BINARY = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--remote-debugging-port=0",
)  # fmt: skip
_PATIENCE = 20.0


class Page:
    """`errors` are the page's own: exceptions and what it wrote to the console as an error."""

    def __init__(self, folder: Path, url: str, width: int) -> None:
        self._folder, self._url, self._width = folder, url, width
        self._number = 0
        self.errors: list[str] = []

    def __enter__(self) -> Self:
        assert BINARY is not None
        self._process = subprocess.Popen(  # noqa: S603
            [BINARY, *_FLAGS, f"--user-data-dir={self._folder}", f"--window-size={self._width},900", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        port_file = self._folder / "DevToolsActivePort"
        _until(lambda: port_file.exists() and len(port_file.read_text().splitlines()) == 2)
        port, path = port_file.read_text().splitlines()
        self._socket = websocket.create_connection(
            f"ws://127.0.0.1:{port}{path}", timeout=_PATIENCE, suppress_origin=True
        )
        target = self._call("Target.createTarget", {"url": "about:blank"})["targetId"]
        self._session = self._call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        size = {"width": self._width, "height": 900, "deviceScaleFactor": 1, "mobile": self._width < 600}
        for method, params in (
            ("Runtime.enable", {}),
            ("Page.enable", {}),
            ("Emulation.setDeviceMetricsOverride", size),
            ("Page.navigate", {"url": self._url}),
        ):
            self._call(method, params, self._session)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)

    def value(self, script: str) -> Any:
        found = self._call("Runtime.evaluate", {"expression": script, "returnByValue": True}, self._session)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def text(self, selector: str) -> str:
        return str(self.value(f"(document.querySelector({json.dumps(selector)}) || {{}}).innerText || ''"))

    def wait_for(self, selector: str, text: str) -> None:
        """Until the page shows it."""
        _until(lambda: text in self.text(selector), lambda: f"{selector} shows {self.text(selector)!r}, not {text!r}")

    def _call(self, method: str, params: dict[str, Any], session: str | None = None) -> Any:
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        self._socket.send(json.dumps({**message, "sessionId": session} if session else message))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("method") == "Runtime.exceptionThrown":
                self.errors.append(json.dumps(answer["params"]))
            if answer.get("method") == "Runtime.consoleAPICalled" and answer["params"]["type"] == "error":
                self.errors.append(json.dumps(answer["params"]["args"]))
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]


def _until(condition: Any, told: Any = lambda: "the browser does not answer") -> None:
    end = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < end, told()
        time.sleep(0.02)
