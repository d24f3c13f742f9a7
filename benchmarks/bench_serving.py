"""CPU of one request in our model server, against the least that serves the same model with FastAPI."""

import statistics
import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import psutil
from measure import (
    HERE,
    Connection,
    heading,
    in_turn,
    line,
    model_server,
    paired_ratio,
    prediction,
    ready_server,
    save_model,
)

ROUNDS = 7
REQUESTS = 800
OURS = "modelberth.serving"
PEERS = {"bare FastAPI, on the loop": "loop", "bare FastAPI, in a thread": "thread"}


def cpu_per_request(server: tuple[int, int]) -> float:
    """Seconds of processor time for one request. The kernel counts in hundredths, so a round has many requests."""
    port, pid = server
    process = psutil.Process(pid)
    with Connection(port) as connection:
        connection.latencies(prediction(), 50)
        before = process.cpu_times()
        connection.latencies(prediction(), REQUESTS)
        after = process.cpu_times()
    return (after.user + after.system - before.user - before.system) / REQUESTS


def main() -> None:
    """Measures and prints."""
    heading("serving: processor time of a request, one row of four numbers, scikit-learn")
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as stack:
        folder = Path(temporary)
        model = save_model(folder)
        servers = {OURS: stack.enter_context(model_server(model, folder / "ours.log"))}
        for name, way in PEERS.items():
            command = [str(HERE / "bare_server.py"), str(model), way]
            servers[name] = stack.enter_context(ready_server(command, folder / f"{way}.log"))
        found = in_turn({name: partial(cpu_per_request, server) for name, server in servers.items()}, ROUNDS)
    line(f"{ROUNDS} rounds of {REQUESTS} requests", "ms CPU", "ours / this")
    for name, values in found.items():
        line(name, f"{statistics.median(values) * 1000:.3f}", f"{paired_ratio(found[OURS], values):.2f}")


if __name__ == "__main__":
    main()
