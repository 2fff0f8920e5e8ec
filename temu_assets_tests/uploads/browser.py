"""A real Chromium without a window, driven over its own protocol through two pipes; no other library, no open port."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
LONGEST_SECONDS = 60.0
_FLAGS = (
    "--headless=new", "--no-sandbox", "--remote-debugging-pipe", "--no-first-run", "--disable-gpu", "--disable-dev-shm-usage",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-proxy-server", "--lang=de-DE",
)  # fmt: skip
_FREE_FD = 20


class Browser:
    """One tab. ``complaints``: what its console said of errors and refused content, and what JavaScript raised."""

    def __init__(self, process: subprocess.Popen[bytes], sending: int, receiving: int) -> None:
        self._process = process
        self._sending, self._receiving = sending, receiving
        self._rest = b""
        self._number = 0
        self._session = ""
        self.complaints: list[str] = []
        self.downloaded: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "DOM", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol; its result."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._sending, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                result: dict[str, Any] = answer["result"]
                return result

    def open(self, url: str) -> None:
        """Go to an address and wait until it is there."""
        self.call("Page.navigate", url=url)
        self.until(lambda: self.run("document.readyState") == "complete")

    def run(self, script: str) -> Any:
        """The value of a JavaScript expression in the page."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def choose(self, selector: str, *files: Path) -> None:
        """Choose files in a file field, as its dialogue would."""
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        field = self.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.call("DOM.setFileInputFiles", nodeId=field, files=[str(file) for file in files])

    def drop(self, selector: str, *files: Path) -> None:
        """Drag files from outside over an element and let go."""
        place = self.run(
            f"(() => {{ const at = document.querySelector({json.dumps(selector)}).getBoundingClientRect();"
            " return [at.x + at.width / 2, at.y + at.height / 2]; })()"
        )
        data = {"items": [], "files": [str(file) for file in files], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            self.call("Input.dispatchDragEvent", type=kind, x=place[0], y=place[1], data=data)

    def press(self, key: str, code: int) -> None:
        """Press a key."""
        for kind in ("rawKeyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)

    def text(self) -> str:
        """What a person reads on the page."""
        return str(self.run("document.body?.innerText ?? ''"))

    def picture(self, path: Path, width: int, height: int, *, dark: bool = False) -> None:
        """A picture of the page at a size."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot")["data"]))

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait for what has to happen."""
        end = time.monotonic() + LONGEST_SECONDS
        while not condition():
            assert time.monotonic() < end, f"it did not happen; the page says: {self.text()}; {self.complaints}"
            time.sleep(0.05)

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._receiving], [], [], LONGEST_SECONDS)
            assert ready, "the browser does not answer"
            more = os.read(self._receiving, 1 << 20)
            assert more, "the browser has ended"
            self._rest += more
        first, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(first)
        self._note(message.get("method", ""), message.get("params", {}))
        return message

    def _note(self, method: str, told: dict[str, Any]) -> None:
        if method == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(told["exceptionDetails"])[:500])
        elif method == "Runtime.consoleAPICalled" and told["type"] in {"error", "warning", "assert"}:
            self.complaints.append(json.dumps(told["args"])[:500])
        elif method == "Log.entryAdded" and told["entry"]["level"] in {"error", "warning"}:
            self.complaints.append(f"{told['entry']['text']} {told['entry'].get('url', '')}")
        elif method == "Browser.downloadProgress" and told["state"] == "completed":
            self.downloaded.append(told["guid"])


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A browser with a profile of its own."""
    assert CHROMIUM is not None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        kept = [fcntl.fcntl(end, fcntl.F_DUPFD, _FREE_FD) for end in (theirs_in, theirs_out)]
        for end in (theirs_in, theirs_out):
            os.close(end)

        def place() -> None:
            os.dup2(kept[0], 3)
            os.dup2(kept[1], 4)

        process = subprocess.Popen(
            [CHROMIUM, *_FLAGS, f"--user-data-dir={profile}", "about:blank"],
            close_fds=False,  # those of this process are not inherited anyway
            preexec_fn=place,
            env=os.environ | {"HOME": profile},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for end in kept:
            os.close(end)
        try:
            browser = Browser(process, ours_out, ours_in)
            yield browser
            browser._session = ""
            browser.call("Browser.close")
            process.wait(LONGEST_SECONDS)
        finally:
            process.kill()
            process.wait()
            os.close(ours_out)
            os.close(ours_in)
