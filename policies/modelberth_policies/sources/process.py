"""The process in which one program runs, seen from outside: started, waited for, killed with all that it started."""

import contextlib
import json
import os
import queue
import re
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from modelberth_policies.sources.errors import ProgramError
from modelberth_policies.sources.project import Project

_GRACE_SECONDS = 5.0
"""How long a process may outlive its time limit, which it keeps itself, before it is killed."""
_LOOK_SECONDS = 0.25
"""How often to look whether the process died while something that it left behind still holds its pipe."""

# The program's own environment comes first: this package's folder is appended, and only while it is imported.
_BOOT = (
    "import sys; sys.path.append(sys.argv[1]); from modelberth_policies.sources import shortcuts; "
    "shortcuts.before_pulumi(); import pulumi; from modelberth_policies.sources import child; "
    "shortcuts.after_pulumi(child.sdk_version()); sys.path.remove(sys.argv[1]); child.main()"
)
_PACKAGE_ROOT = Path(__file__).parents[2]


class Process:
    """A started program. `answer` may be called once; `end` at any time, also instead."""

    def __init__(
        self, project: Project, stack: str, request: Mapping[str, Any], python: Path, env: Mapping[str, str]
    ) -> None:
        self._project, self._stack, self._timeout, self._python = project, stack, request["timeout"], python
        # Files, not pipes: nothing waits here for the process to read, nor for what it leaves behind to close them.
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 — read at the end, by `answer`
        with tempfile.TemporaryFile() as question:
            question.write(json.dumps(request).encode())
            question.seek(0)
            self._process = _started(python, question, self._log, project.directory, env)
        self._deadline = time.monotonic() + self._timeout + _GRACE_SECONDS
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        threading.Thread(target=self._read, name="plan", daemon=True).start()

    def answer(self) -> dict[str, Any]:
        """What the program's process says, once it says it; nothing of it runs any more. Raises `ProgramError`."""
        try:
            line = self._line()
        finally:
            code = self.end()
        with self._log:
            self._log.seek(0)
            log = self._log.read().decode(errors="replace")
        if line.endswith(b"\n"):
            return json.loads(line)
        raise ProgramError(_without_result(code, log, self._python, self._project, self._stack, self._timeout))

    def end(self) -> int:
        """Kills the process and whatever it started. Returns the exit code."""
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        else:
            self._process.kill()
        return self._process.wait()

    def _read(self) -> None:
        pipe = self._process.stdout
        assert pipe is not None
        with pipe:
            self._lines.put(pipe.readline())

    def _line(self) -> bytes:
        while (left := self._deadline - time.monotonic()) > 0:
            died = self._process.poll() is not None
            try:
                return self._lines.get(timeout=min(left, _LOOK_SECONDS))
            except queue.Empty:
                if died:
                    break
        return b""


def _started(
    python: Path, question: IO[bytes], log: IO[bytes], directory: Path, env: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            [python, "-P", "-c", _BOOT, str(_PACKAGE_ROOT)],
            stdin=question,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=directory,
            env=env,
            start_new_session=True,
        )
    except OSError as error:
        raise ProgramError(f"{python} cannot be started: {error.strerror}; name a Python with `python`") from None


def _without_result(code: int, log: str, python: Path, project: Project, stack: str, timeout: float) -> str:
    if "No module named 'pulumi'" in log:
        return f"{python} has no Pulumi SDK; install the program's requirements there (`pulumi install`)"
    if code == -signal.SIGKILL or "Timeout (" in log:
        return (
            f"stack {stack!r} of {project.name} was not done after {timeout:g} s{_standing(log, project)}; "
            "a loop or a wait in the program, or in an apply, does not end; or give it more time with `timeout`"
        )
    last = log.strip().rpartition("\n")[2]
    ended = f"by signal {-code}" if code < 0 else f"with code {code}"
    return f"the process of {project.program} ended {ended} before it had a plan{': ' + last if last else ''}"


def _standing(log: str, project: Project) -> str:
    """Where the program stood at its time limit: the innermost of its own lines in the last dump of the stack."""
    frames = re.findall(r'File "(.+?)", line (\d+)', log.rpartition("Timeout (")[2])
    own = [f"{Path(name).relative_to(project.root)}:{line}" for name, line in frames if _is_own(Path(name), project)]
    return f", at {own[0]}" if own else ""


def _is_own(path: Path, project: Project) -> bool:
    return path.is_relative_to(project.root) and "site-packages" not in path.parts
