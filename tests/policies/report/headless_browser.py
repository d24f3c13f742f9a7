"""A headless Chromium that a test drives over two pipes: no driver package, no port."""

import base64
import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "headless_shell")
ARGUMENTS = (
    "--headless",
    "--no-sandbox",  # as root, which a container is, it would not start
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-background-networking",
    "--remote-debugging-pipe",
)
_SECONDS = 60.0


def installed() -> str | None:
    """The first of the known names that is on PATH."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Page:
    """One page, and what its console and its network said."""

    def __init__(self, to: int, answers: int) -> None:
        self._to, self._answers, self._rest, self._last = to, answers, b"", 0
        self._session: str | None = None
        self.complaints: list[str] = []
        self.fetched: list[str] = []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    def open(self, file: Path, width: int, height: int = 900) -> None:
        """Loads a file in a window of this size, as a phone does where it is narrow."""
        self.ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        self.ask("Page.navigate", url=file.as_uri())
        self.until("document.readyState === 'complete' && location.protocol === 'file:'")

    def until(self, expression: str) -> None:
        """Waits for something to become true."""
        end = time.monotonic() + _SECONDS
        while not self.value(expression):
            assert time.monotonic() < end, f"never became true: {expression}"
            time.sleep(0.02)

    def value(self, expression: str) -> Any:
        """What an expression of the page's own language gives."""
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def shot(self, file: Path) -> None:
        """A picture of the whole page."""
        size = self.ask("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 8000), "scale": 1}
        answer = self.ask("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        file.write_bytes(base64.b64decode(answer["data"]))

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command of the DevTools protocol, and its answer."""
        self._last += 1
        message: dict[str, Any] = {"id": self._last, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            said = self._message()
            if said.get("id") == self._last:
                assert "error" not in said, said
                return said["result"]
            self._hear(said)

    def _hear(self, said: dict[str, Any]) -> None:
        method, parameters = said.get("method"), said.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.complaints.append(parameters["exceptionDetails"]["text"])
        elif method == "Log.entryAdded":
            self.complaints.append(parameters["entry"]["text"])
        elif method == "Runtime.consoleAPICalled":
            self.complaints.append(str(parameters["args"]))
        elif method == "Network.requestWillBeSent":
            self.fetched.append(parameters["request"]["url"])

    def _message(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._answers], [], [], _SECONDS)
            assert ready, f"the browser said nothing for {_SECONDS:g} s"
            part = os.read(self._answers, 1 << 16)
            assert part, "the browser ended"
            self._rest += part
        whole, _, self._rest = self._rest.partition(b"\0")
        return json.loads(whole)


@contextlib.contextmanager
def browsing(program: str) -> Iterator[Page]:
    """Starts the browser with a profile of its own; ends it, with all its processes, whatever happens."""
    from_us, to = os.pipe()
    answers, to_us = os.pipe()
    # The protocol wants the file descriptors 3 and 4, which the shell gives it.
    script = f'exec "$0" "$@" 3<&{from_us} 4>&{to_us}'
    with TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            ["bash", "-c", script, program, *ARGUMENTS, f"--user-data-dir={profile}"],
            pass_fds=(from_us, to_us),
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            os.close(from_us)
            os.close(to_us)
            yield Page(to, answers)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            os.close(to)
            os.close(answers)
