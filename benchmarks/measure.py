"""What the benchmarks share: contenders that take turns, medians and ratios, processes that end with the run."""

import gc
import os
import platform
import resource
import socket
import ssl
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

HERE = Path(__file__).parent
BODY = b'{"features": [[5.1, 3.5, 1.4, 0.2]]}'
READY_SECONDS = 60


def heading(title: str) -> None:
    """Says what is measured, when, and on what: figures without these are worth nothing."""
    load = ", ".join(f"{average:.1f}" for average in os.getloadavg())
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores (load {load})"
    print(f"\n== {title}\n   {date.today()}, {machine}, Python {platform.python_version()}", flush=True)


def line(name: str, *figures: str) -> None:
    """One row of a table."""
    print(f"   {name:<34}" + "".join(f"{figure:>15}" for figure in figures), flush=True)


def in_turn(contenders: Mapping[str, Callable[[], T]], rounds: int) -> dict[str, list[T]]:
    """The results of each contender. Every other round goes backwards, so that no place in the order is favoured."""
    results: dict[str, list[T]] = {name: [] for name in contenders}
    for number in range(rounds):
        for name in list(contenders)[:: -1 if number % 2 else 1]:
            results[name].append(contenders[name]())
    return results


def percentile(values: Sequence[float], percent: float) -> float:
    """The value below which so many percent of all lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def paired_ratio(values: Sequence[float], others: Sequence[float]) -> float:
    """The median of the ratios of each round: what slows the machine for a while slows both of a round."""
    return statistics.median(value / other for value, other in zip(values, others, strict=True))


@dataclass(frozen=True)
class Spent:
    """What a piece of work took, in seconds."""

    wall: float
    cpu: float
    """Of this process and of all that it started and waited for."""


def spent(work: Callable[[], object]) -> Spent:
    """Does the work and says what it took."""
    began, before = time.perf_counter(), _cpu_seconds()
    work()
    return Spent(time.perf_counter() - began, _cpu_seconds() - before)


def _cpu_seconds() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def free_port() -> int:
    """A port on 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def process(command: Sequence[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that runs inside the `with` and no longer, whatever happens there."""
    with log.open("wb") as output:
        started = subprocess.Popen(
            command, stdout=output, stderr=output, start_new_session=True, env={**os.environ, "OMP_NUM_THREADS": "1"}
        )
    try:
        yield started
    finally:
        started.terminate()
        try:
            started.wait(15)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


def save_model(folder: Path) -> Path:
    """Saves the sample model, in a process of its own: what training imports must not slow the clock's process."""
    model = folder / "iris"
    subprocess.run([sys.executable, HERE / "iris.py", model], check=True, capture_output=True)
    return model


@contextmanager
def model_server(model: Path, log: Path) -> Iterator[tuple[int, int]]:
    """Our own model server, ready. Gives its port and its process id."""
    options = ["--model", str(model), "--name", "iris", "--version", "1.0.0"]
    with ready_server(["-m", "modelberth.serving", *options, "--port"], log) as found:
        yield found


@contextmanager
def ready_server(arguments: Sequence[str], log: Path) -> Iterator[tuple[int, int]]:
    """A server in Python, whose last argument is its port, once it predicts. Gives its port and its process id."""
    port = free_port()
    with process([sys.executable, *arguments, str(port)], log) as started:
        end = time.monotonic() + READY_SECONDS
        while not _predicts(port):
            if started.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the server {' '.join(arguments)} did not become ready: {log.read_text()[-500:]}")
            time.sleep(0.1)
        yield port, started.pid


def _predicts(port: int) -> bool:
    try:
        with Connection(port) as connection:
            connection.ask(prediction())
    except (OSError, RefusedError):
        return False
    return True


def prediction(*headers: str) -> bytes:
    """A request for one prediction, as it goes over the wire."""
    head = ["POST /predict HTTP/1.1", "host: localhost", "content-type: application/json", *headers]
    return "\r\n".join([*head, f"content-length: {len(BODY)}", "", ""]).encode() + BODY


class RefusedError(Exception):
    """An answer other than 200."""


class Connection:
    """One connection that is kept open. Bare sockets, because a library would cost more than what is measured."""

    def __init__(self, port: int, trust: ssl.SSLContext | None = None) -> None:
        plain = socket.create_connection(("127.0.0.1", port), timeout=10)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = plain if trust is None else trust.wrap_socket(plain, server_hostname="localhost")

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def ask(self, request: bytes) -> None:
        """Sends a request and reads the whole answer. Raises `RefusedError` for any but a 200."""
        self._socket.sendall(request)
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more()
        head, _, body = received.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0])
        while len(body) < length:
            body += self._more()
        if not head.startswith(b"HTTP/1.1 200 "):
            raise RefusedError(head.partition(b"\r\n")[0].decode())

    def _more(self) -> bytes:
        got = self._socket.recv(65536)
        if not got:
            raise ConnectionError("the server closed the connection")
        return got

    def latencies(self, request: bytes, count: int) -> list[float]:
        """Seconds from each request to its whole answer, one after another."""
        found = []
        gc.disable()
        try:
            for _ in range(count):
                began = time.perf_counter()
                self.ask(request)
                found.append(time.perf_counter() - began)
        finally:
            gc.enable()
        return found
