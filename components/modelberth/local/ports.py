"""Ports of this machine, claimed once and kept: a restart finds the same ones. One locked file holds the claims."""

import fcntl
import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from modelberth.core.errors import ModelberthError
from modelberth.core.files import write_atomically

# Below the range from which Linux and macOS take ports for outgoing connections, so that none of those is in the way.
GATEWAYS = range(8443, 8543)
INTERNAL = range(18400, 19400)
ATTEMPTS = 3


def started(directory: Path, key: str, among: range, start: Callable[[int], None], wanted: int | None = None) -> int:
    """Claim a port for `key` and start its server there. Returns the port.

    Between the claim and the start another program can take the port; then the next one is tried. Any other failure of
    `start`, which must leave nothing running, gives the claim back.
    """
    for _ in range(ATTEMPTS):
        port = claim(directory, key, among, wanted)
        try:
            start(port)
            return port
        except BaseException:
            release(directory, key)
            if wanted is not None or is_free(port):
                raise
    raise ModelberthError(f"{key}: other programs took {ATTEMPTS} ports in a row; run the command again")


def claim(directory: Path, key: str, among: range, wanted: int | None = None) -> int:
    """The port of `key`: its earlier claim if that is still free, else the wanted one, else the first free one.

    Raises `ModelberthError` where a wanted port is taken, or none is free.
    """
    with _claims(directory) as claims:
        others = {port for owner, port in claims.items() if owner != key}
        if wanted is not None:
            candidates: list[int] = [wanted]
        else:
            candidates = ([claims[key]] if key in claims else []) + list(among)
        port = next((port for port in candidates if port not in others and is_free(port)), None)
        if port is None:
            raise ModelberthError(_none_free(key, among, wanted))
        claims[key] = port
        return port


def release(directory: Path, key: str) -> None:
    """Give a claim back. Nothing happens where there is none."""
    with _claims(directory) as claims:
        claims.pop(key, None)


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        # A server would set it too: without it, connections that linger after a restart look like a listener.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _none_free(key: str, among: range, wanted: int | None) -> str:
    if wanted is not None:
        return f"{key}: port {wanted} is taken by another program; stop that program, or write another port"
    return f"{key}: no port from {among.start} to {among.stop - 1} is free; stop what listens there"


@contextmanager
def _claims(directory: Path) -> Iterator[dict[str, int]]:
    with (directory / "ports.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        file = directory / "ports.json"
        claims: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}
        before = dict(claims)
        yield claims
        if claims != before:
            write_atomically(file, json.dumps(claims, indent=1, sort_keys=True))
