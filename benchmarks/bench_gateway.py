"""What the local gateway with TLS, an API key and a rate limit adds to the bare model server behind it."""

import hashlib
import ssl
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from measure import (
    Connection,
    free_port,
    heading,
    in_turn,
    line,
    model_server,
    percentile,
    prediction,
    process,
    save_model,
)

from modelberth.local import encryption
from modelberth.local.gateway import control, files
from modelberth.local.gateway.config import GatewaySettings

ROUNDS = 20
REQUESTS = 200
CLIENTS = 8
SECONDS = 1.5
CROWDED_ROUNDS = 3
KEY = "a-key-for-this-measurement-only"
BARE, GATEWAY = "bare model server", "through the gateway"

Open = Callable[[], Connection]


@contextmanager
def gateway(folder: Path, backend: int) -> Iterator[Open]:
    """A gateway in front of one model server, as `LocalEndpoint` starts it. Gives what opens a connection to it."""
    authority = encryption.ensure_authority(folder / "tls")
    server = encryption.issue(authority, folder / "tls")
    settings = GatewaySettings.parse(
        {
            "name": "iris",
            "port": free_port(),
            "metrics_port": free_port(),
            "directory": folder / "gateway",
            "certificate": server.certificate,
            "private_key": server.private_key,
            "backends": {"1.0.0": backend},
            "weights": {"1.0.0": 100},
            "key_hashes": {"web": hashlib.sha256(KEY.encode()).hexdigest()},
            "rate": {"per_second": 100_000, "burst": 100_000},  # asked at each request, and never in the way
        }
    )
    files.write(settings)
    try:
        with process(control.command(settings), folder / "gateway.log"):
            control.wait_ready(settings)
            yield partial(Connection, settings.port, ssl.create_default_context(cafile=str(authority.certificate)))
    finally:
        files.remove(settings.directory)


def added_latency(ways: dict[str, tuple[Open, bytes]]) -> None:
    """One client, one connection, one request after another."""
    with ExitStack() as stack:
        contenders = {}
        for name, (connect, request) in ways.items():
            connection = stack.enter_context(connect())
            connection.latencies(request, 300)
            contenders[name] = partial(connection.latencies, request, REQUESTS)
        found = in_turn(contenders, ROUNDS)
    line(f"1 client, {ROUNDS} rounds of {REQUESTS}", "p50 ms", "p99 ms", "p50 ratio")
    for name, rounds in found.items():
        p50, p99 = (_across(rounds, percent) for percent in (50, 99))
        line(name, f"{p50 * 1000:.3f}", f"{p99 * 1000:.3f}", f"{p50 / _across(found[BARE], 50):.2f}")
    added = [_across(found[GATEWAY], percent) - _across(found[BARE], percent) for percent in (50, 99)]
    line("added by the gateway", *(f"{value * 1000:+.3f}" for value in added))


def _across(rounds: list[list[float]], percent: float) -> float:
    return percentile([value for values in rounds for value in values], percent)


def rate(connect: Open, request: bytes) -> float:
    """Requests answered in a second, with several clients at once that each wait for their answer."""
    counts = [0] * CLIENTS
    end = time.perf_counter() + SECONDS

    def client(number: int) -> None:
        with connect() as connection:
            while time.perf_counter() < end:
                connection.ask(request)
                counts[number] += 1

    threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / SECONDS


def throughput(ways: dict[str, tuple[Open, bytes]]) -> None:
    """Several clients. They share the machine's cores with the servers, so this is a floor."""
    found = in_turn({name: partial(rate, *way) for name, way in ways.items()}, CROWDED_ROUNDS)
    medians = {name: statistics.median(values) for name, values in found.items()}
    line(f"{CLIENTS} clients, {CROWDED_ROUNDS} rounds of {SECONDS:g} s", "requests/s", "ratio")
    for name, value in medians.items():
        line(name, f"{value:.0f}", f"{value / medians[BARE]:.2f}")


def main() -> None:
    """Measures and prints."""
    heading("gateway: TLS, API key and rate limit in front of the model server")
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as stack:
        folder = Path(temporary)
        port, _ = stack.enter_context(model_server(save_model(folder), folder / "server.log"))
        behind = stack.enter_context(gateway(folder, port))
        ways = {
            BARE: (partial(Connection, port), prediction()),
            GATEWAY: (behind, prediction(f"x-api-key: {KEY}")),
        }
        added_latency(ways)
        throughput(ways)


if __name__ == "__main__":
    main()
