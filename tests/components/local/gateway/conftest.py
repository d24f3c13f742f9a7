"""A real Envoy in front of two real servers, and what a test needs to talk to it."""

import http.client
import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from components.local.gateway.issuer import Issuer
from components.local.gateway.wire import KEY, NEW, OLD, OTHER_KEY, Answer, Wire, digest, request
from prometheus_client.parser import text_string_to_metric_families

from modelberth.local import encryption
from modelberth.local.gateway import control, files
from modelberth.local.gateway.config import GatewaySettings


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def process(line: list[str], stdout: Path | None = None) -> Iterator[subprocess.Popen]:
    output = os.fdopen(os.open(stdout, os.O_WRONLY | os.O_CREAT, 0o600), "w") if stdout else None
    started = subprocess.Popen(line, start_new_session=True, stdout=output)
    try:
        yield started
    finally:
        if output:
            output.close()
        started.terminate()
        try:
            started.wait(10)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


def wait_for_port(port: int) -> None:
    end = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            assert time.monotonic() < end, f"nothing listens on {port}"
            time.sleep(0.02)


@contextmanager
def running_backend(port: int) -> Iterator[subprocess.Popen]:
    with process([sys.executable, str(Path(__file__).with_name("backend.py")), str(port)]) as started:
        wait_for_port(port)
        yield started


@pytest.fixture(scope="session")
def backends() -> Iterator[dict[str, int]]:
    ports = {OLD: free_port(), NEW: free_port()}
    with ExitStack() as stack:
        for port in ports.values():
            stack.enter_context(running_backend(port))
        yield ports


@dataclass
class Running:
    """A gateway that serves."""

    settings: GatewaySettings
    authority: encryption.Authority
    process: subprocess.Popen
    wires: list[Wire] = field(default_factory=list)

    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.authority.certificate))

    def wire(self) -> Wire:
        self.wires.append(Wire(self.settings.port, self.context()))
        return self.wires[-1]

    def send(self, raw: bytes) -> Answer:
        with Wire(self.settings.port, self.context()) as wire:
            return wire.send(raw)

    def call(self, *args, **kwargs) -> Answer:
        return self.send(request(*args, **kwargs))


@pytest.fixture(scope="session")
def authority(tmp_path_factory) -> encryption.Authority:
    return encryption.ensure_authority(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def settings(tmp_path, authority) -> Callable[..., GatewaySettings]:
    """Settings of a gateway for two versions and two callers; each field can be another."""
    server = encryption.issue(authority, tmp_path / "tls")

    def make(**fields) -> GatewaySettings:
        given = {
            "name": "iris",
            "port": free_port(),
            "metrics_port": free_port(),
            "directory": tmp_path / "gateway",
            "certificate": server.certificate,
            "private_key": server.private_key,
            "backends": {OLD: 40001, NEW: 40002},
            "weights": {OLD: 100, NEW: 0},
            "key_hashes": {"web": digest(KEY), "batch": digest(OTHER_KEY)},
        }
        return GatewaySettings.parse({**given, **fields})

    return make


@pytest.fixture
def start(settings, backends, authority) -> Iterator[Callable[..., Running]]:
    """Starts a gateway; it is stopped and its files are gone after the test."""
    with ExitStack() as stack:

        def begin(ready_seconds: float = 10, **fields) -> Running:
            wanted = settings(**{"backends": backends, **fields})
            files.write(wanted)
            stack.callback(files.remove, wanted.directory)
            started = stack.enter_context(process(control.command(wanted), wanted.directory / "stdout.log"))
            control.wait_ready(wanted, ready_seconds)
            running = Running(wanted, authority, started)
            stack.callback(lambda: [wire.sock.close() for wire in running.wires])
            return running

        yield begin


@pytest.fixture(scope="session")
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture(name="running_backend", scope="session")
def _running_backend():
    return running_backend


@pytest.fixture(name="free_port", scope="session")
def _free_port():
    return free_port


class Exposition:
    """What a gateway's metrics port shows."""

    def __init__(self, port: int) -> None:
        self.port = port

    def get(self, path: str = "/metrics") -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def value(self, name: str, labels: dict[str, str]) -> float:
        """The sum of all samples with these labels."""
        families = text_string_to_metric_families(self.get()[1])
        samples = (
            sample for family in families for sample in family.samples if labels.items() <= sample.labels.items()
        )
        # The parser gives counters a name that ends in _total.
        return sum(sample.value for sample in samples if sample.name.removesuffix("_total") == name)

    def wait_for(self, name: str, labels: dict[str, str], value: float) -> None:
        end = time.monotonic() + 5
        while self.value(name, labels) != value:
            assert time.monotonic() < end, f"{name}{labels} is {self.value(name, labels)}, wanted {value}"
            time.sleep(0.05)


@pytest.fixture
def exposition():
    return lambda gateway: Exposition(gateway.settings.metrics_port)
