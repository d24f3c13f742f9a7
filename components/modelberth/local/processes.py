"""Processes of one runtime directory, found again by a mark in their environment."""

import contextlib
import http.client
import os
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil

MARK = "MODELBERTH_RUNTIME"
"""Environment variable that every process carries; its value is the runtime directory."""


def environment_of(directory: Path) -> dict[str, str]:
    """What programs inherit: the place, never the passphrases and cloud keys of the shell that ran Pulumi."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR", "TZ") if name in os.environ}
    return {**kept, MARK: str(directory)}


def end_all(directory: Path, patience: float = 10) -> list[int]:
    """End every process that carries the directory's mark. Returns their ids."""
    found = list(marked(directory))
    for process in found:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    _, alive = psutil.wait_procs(found, timeout=patience)
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=patience)
    return [process.pid for process in found]


def marked(directory: Path) -> Iterator[psutil.Process]:
    """The processes that carry a directory's mark."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get(MARK) == str(directory):
                yield process


# No proxy that the shell names: it could not reach this machine's loopback address.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def answers(address: str) -> bool:
    """Whether a server on this machine answers 200."""
    try:
        with _DIRECT.open(address, timeout=2) as answer:
            return answer.status == 200
    except (OSError, http.client.HTTPException):
        return False


def listens(pid: int, port: int) -> bool:
    """Whether a process, or a child of it, listens on a port."""
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        return any(
            connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
            for member in family
            for connection in member.net_connections("tcp")
        )
    return False
