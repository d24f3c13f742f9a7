"""Backends come and go without a failed request."""

import os
import signal
import threading
import time
from contextlib import ExitStack, contextmanager

import pytest
from components.local.gateway.wire import NEW, OLD, request

from modelberth.local.gateway import backends, control

pytestmark = pytest.mark.server


@contextmanager
def load(gateway, clients=3):
    """Keep-alive clients that call until the block ends; gives all statuses and ports that answered."""
    answers: list[tuple[int, int]] = []
    stop = threading.Event()

    def call() -> None:
        with gateway.wire() as wire:
            while not stop.is_set():
                answer = wire.send(request("/predict", "x-sleep: 0.002"))
                answers.append((answer.status, answer.json.get("port", 0)))

    threads = [threading.Thread(target=call) for _ in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def more(answers, count):
    wanted = len(answers) + count
    end = time.monotonic() + 20
    while len(answers) < wanted:
        assert time.monotonic() < end, "the clients have stopped"
        time.sleep(0.005)


def test_replacing_the_server_of_a_version_loses_no_request(start, running_backend, free_port):
    ports = [free_port() for _ in range(3)]
    with ExitStack() as stack:
        old = stack.enter_context(running_backend(ports[0]))
        gateway = start(backends={OLD: ports[0]}, weights={OLD: 100})
        with load(gateway) as answers:
            for port in ports[1:]:
                more(answers, 150)
                fresh = stack.enter_context(running_backend(port))
                control.change(gateway.settings.model_copy(update={"backends": {OLD: port}}))
                os.kill(old.pid, signal.SIGTERM)
                old.wait(10)
                old = fresh
            more(answers, 150)
        assert {status for status, _ in answers} == {200}
        assert {port for _, port in answers} == set(ports)
        assert answers[-1][1] == ports[2]


def test_a_new_version_comes_and_the_old_one_goes_without_a_failed_request(start, running_backend, free_port):
    old_port, new_port = free_port(), free_port()
    with running_backend(old_port) as old, running_backend(new_port):
        gateway = start(backends={OLD: old_port}, weights={OLD: 100})
        both = {"backends": {OLD: old_port, NEW: new_port}}
        with load(gateway) as answers:
            more(answers, 100)
            for share in (0, 50, 100):
                weights = {OLD: 100 - share, NEW: share}
                control.change(gateway.settings.model_copy(update={**both, "weights": weights}))
                more(answers, 50)
            control.change(gateway.settings.model_copy(update={"backends": {NEW: new_port}, "weights": {NEW: 100}}))
            os.kill(old.pid, signal.SIGTERM)
            old.wait(10)
            more(answers, 100)
        assert {status for status, _ in answers} == {200}
        assert answers[-1][1] == new_port
        assert control.failure(gateway.settings.directory, OLD) == f"the gateway has no backend for version {OLD}"


def test_all_at_once_swaps_versions_in_one_change(start, running_backend, free_port):
    old_port, new_port = free_port(), free_port()
    with running_backend(old_port), running_backend(new_port):
        gateway = start(backends={OLD: old_port}, weights={OLD: 100})
        with load(gateway) as answers:
            more(answers, 100)
            control.change(gateway.settings.model_copy(update={"backends": {NEW: new_port}, "weights": {NEW: 100}}))
            more(answers, 100)
        assert {status for status, _ in answers} == {200}
        assert answers[-1][1] == new_port


def test_a_server_that_idles_longer_than_its_connections_live_still_answers(start):
    gateway = start()
    cluster = backends.cluster(gateway.settings, OLD, 1)
    options = next(iter(cluster["typed_extension_protocol_options"].values()))
    assert float(options["common_http_protocol_options"]["idle_timeout"].removesuffix("s")) < 5, "uvicorn's own limit"


def test_a_version_that_is_not_ready_is_named(start, free_port):
    port = free_port()
    gateway = start(backends={OLD: port}, weights={OLD: 100})
    why = control.failure(gateway.settings.directory, OLD)
    assert why == f"version {OLD} on port {port} does not answer its readiness check with 200"
