"""What the gateway tells, and what it must not."""

import json
import re
import time

import httpx
import pytest
from components.local.gateway.wire import KEY, NEW, OLD, OTHER_KEY, request

from modelberth.core.endpoint import for_version
from modelberth.local.gateway import monitoring

pytestmark = pytest.mark.server


def wait_for_log(settings, count):
    """Lines are written once a second."""
    end = time.monotonic() + 5
    while True:
        lines = (settings.directory / "stdout.log").read_text().splitlines()
        if len(lines) >= count:
            return [json.loads(line) for line in lines]
        assert time.monotonic() < end, f"{len(lines)} lines, wanted {count}"
        time.sleep(0.05)


def test_a_request_is_a_json_line_without_its_secrets(start, issuer):
    gateway = start(jwt=issuer.settings)
    token = issuer.sign()
    body = b'{"age": 4711}'
    gateway.call(f"/predict?patient=4712&x-api-key={KEY}", key=KEY, body=body)
    gateway.call("/predict?q=4713", f"authorization: Bearer {token}", key=None, body=body)
    gateway.call("/predict", "x-client-id: root", key="wrong-key-4714")
    gateway.call("/predict", "x-client-id: root", "authorization: Bearer a.b.c", key=None)
    lines = wait_for_log(gateway.settings, 4)
    assert [(line["client"], line["status"], line["version"]) for line in lines] == [
        ("web", 200, OLD), ("token:ann", 200, OLD), (None, 401, None), (None, 401, None),
    ]  # fmt: skip
    assert {line["path"] for line in lines} == {"/predict"}
    assert set(lines[0]) == {"service", *monitoring.ACCESS_LOG}
    assert lines[0]["bytes_received"] == len(body)
    written = "".join(file.read_text() for file in gateway.settings.directory.glob("*.log"))
    for secret in (KEY, token, token.split(".")[1], "wrong-key", "4711", "4712", "4713", "4714"):
        assert secret not in written


def test_labels_stand_in_each_line_as_they_are_and_hide_none_of_its_own_fields(start):
    gateway = start(labels={"owner": "search", "discount": "5% %PATH% %START_TIME%", "status": "fine", "service": "no"})
    gateway.call()
    (line,) = wait_for_log(gateway.settings, 1)
    assert (line["owner"], line["discount"]) == ("search", "5% %PATH% %START_TIME%")
    assert (line["status"], line["service"]) == (200, "iris")


def test_the_metrics_port_shows_metrics_and_health_and_nothing_else_of_the_admin(start, exposition):
    shown = exposition(start())
    assert shown.get("/metrics")[0] == 200
    assert shown.get("/healthz") == (200, "LIVE\n")
    for path in ("/", "/stats", "/config_dump", "/clusters", "/certs", "/metrics/", "/metrics/../config_dump",
                 "/metrics%2f..%2fconfig_dump", "/healthz/../quitquitquit", "//config_dump"):  # fmt: skip
        assert shown.get(path)[0] in (400, 404), path
    assert httpx.post(f"http://127.0.0.1:{shown.port}/metrics").status_code == 404


def selectors(query):
    """The metric names and labels that a query reads."""
    for name, labels in re.findall(r"(\w+)\{([^}]*)\}", query):
        yield name, dict(re.findall(r'(\w+)="([^"]*)"', labels))


def test_queries_read_what_the_gateway_shows_for_each_version(start, exposition):
    gateway = start(weights={OLD: 0, NEW: 100})
    with gateway.wire() as wire:
        for status in (200, 200, 200, 500, 404):
            wire.send(request("/predict", f"x-status: {status}", "x-sleep: 0.02"))
    shown = exposition(gateway)
    queries = monitoring.queries(gateway.settings.metrics_port)
    assert set(queries) == {"requests", "error_rate", "p50", "p95", "p99"}
    assert {query.source for query in queries.values()} == {f"http://127.0.0.1:{shown.port}/metrics"}
    [(name, labels)] = selectors(for_version(queries["requests"], NEW))
    shown.wait_for(name, labels, 5)
    (failed, _) = [shown.value(*selector) for selector in selectors(for_version(queries["error_rate"], NEW))]
    assert failed == 1
    [(name, labels)] = selectors(for_version(queries["p95"], NEW))
    shown.wait_for(name, {**labels, "le": "+Inf"}, 5)
    assert shown.value(name, {**labels, "le": "15"}) == 0
    assert shown.value(name, {**labels, "le": "1000"}) == 5
    [(name, labels)] = selectors(for_version(queries["requests"], OLD))
    assert shown.value(name, labels) == 0


def test_keys_are_counted_by_nobody(start, exposition):
    gateway = start()
    gateway.call(key=KEY)
    gateway.call(key=OTHER_KEY)
    assert KEY not in exposition(gateway).get()[1]
