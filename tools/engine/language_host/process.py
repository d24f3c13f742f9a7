"""The processes that the language host starts: programs, policy packs and provider plugins."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from .environment import Environment

EXECUTOR = Path(__file__).parents[1] / "pulumi-language-python-exec"
"""Pulumi's own script that runs a program; it lies beside the launchers, not in this folder."""

SECONDS_TO_END = 3
ALREADY_REPORTED = 32
"""Exit code of a program that has told the user what went wrong."""


def command(chosen: Environment, *arguments: str) -> list[str]:
    """The command line that runs `arguments` (`-m MODULE …` or `PATH …`) in an environment, watched."""
    watched = Path(__file__).with_name("watched.py")
    return [str(chosen.python), "-u", str(watched), str(os.getpid()), *arguments]


def program_arguments(request: Any, engine: str, tracing: str) -> list[str]:
    """The arguments of Pulumi's executor for a RunRequest; an empty value is left out."""
    values = {
        "monitor": request.monitor_address,
        "engine": engine,
        "project": request.project,
        "stack": request.stack,
        "organization": request.organization,
        "root_directory": request.info.root_directory,
        "pwd": request.pwd,
        "dry_run": "true" if request.dryRun else "false",
        "parallel": str(request.parallel),
        "tracing": tracing,
    }
    named = [word for key, value in values.items() if value for word in (f"--{key}", value)]
    return [*named, request.program or ".", *request.args]


def configuration(request: Any) -> dict[str, str]:
    """The variables in which a program finds its configuration. Not on the command line, which everyone can read."""
    return {
        "PULUMI_CONFIG": json.dumps(dict(request.config)),
        "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
    }


def end(process: subprocess.Popen[bytes]) -> None:
    """Ends a process and what it started: asked first, killed after SECONDS_TO_END."""
    if process.poll() is not None:
        return
    _signal(process, signal.SIGTERM)
    try:
        process.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        _signal(process, signal.SIGKILL)


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        print(f"process {process.pid} had already ended", file=sys.stderr)


def started(words: list[str], variables: Mapping[str, str], folder: str, output: int | None) -> subprocess.Popen[bytes]:
    """A process in a group of its own, so that `end` reaches what it starts. `output` None: this host's own streams."""
    return subprocess.Popen(
        words, env=variables, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output, process_group=0
    )


def explained(code: int) -> str:
    """One sentence about the exit code of a program that had not said itself what went wrong."""
    if code < 0:
        return f"Program was ended by signal {signal.Signals(-code).name}"
    return f"Program exited with non-zero exit code: {code}"


def streamed(process: subprocess.Popen[bytes]) -> Iterator[tuple[str, bytes]]:
    """("stdout" | "stderr", bytes) as a process writes them, until both streams end."""
    pieces: queue.Queue[tuple[str, bytes]] = queue.Queue()
    streams = {"stdout": process.stdout, "stderr": process.stderr}
    for name, stream in streams.items():
        assert stream is not None
        threading.Thread(target=_read, args=(name, stream, pieces), daemon=True).start()
    open_streams = len(streams)
    while open_streams:
        name, piece = pieces.get()
        if piece:
            yield name, piece
        else:
            open_streams -= 1


def _read(name: str, stream: IO[bytes], pieces: queue.Queue[tuple[str, bytes]]) -> None:
    while piece := os.read(stream.fileno(), 65536):
        pieces.put((name, piece))
    pieces.put((name, b""))
