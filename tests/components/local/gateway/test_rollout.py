"""The split between versions: exact, changed without a failed request, kept when a change is refused."""

import threading

import pytest
from components.local.gateway.wire import NEW, OLD, request

from modelberth.core.errors import ModelberthError
from modelberth.local.gateway import control, rollout
from modelberth.local.gateway.discovery import response


def test_a_weight_of_0_stays_0(settings):
    table = rollout.table(settings(weights={OLD: 100, NEW: 0}))
    clusters = table["virtual_hosts"][0]["routes"][0]["route"]["weighted_clusters"]["clusters"]
    assert clusters == [{"name": OLD, "weight": 100}, {"name": NEW, "weight": 0}]


@pytest.mark.server
def test_a_tenth_of_2000_requests_goes_to_the_candidate(start):
    gateway = start(weights={OLD: 90, NEW: 10})
    with gateway.wire() as wire:
        versions = [wire.send(request()).headers["x-model-version"] for _ in range(2000)]
    assert versions.count(NEW) / 2000 == pytest.approx(0.10, abs=0.02)
    assert versions.count(OLD) + versions.count(NEW) == 2000
    assert control.serving(gateway.settings.directory) == {OLD: 90, NEW: 10}


@pytest.mark.server
def test_a_candidate_at_0_is_up_and_gets_nothing(start):
    gateway = start(weights={OLD: 100, NEW: 0})
    with gateway.wire() as wire:
        assert {wire.send(request()).headers["x-model-version"] for _ in range(300)} == {OLD}
    assert control.failure(gateway.settings.directory, NEW) is None


@pytest.mark.server
def test_the_named_version_is_the_one_that_answered(start, backends):
    gateway = start(weights={OLD: 50, NEW: 50})
    with gateway.wire() as wire:
        for _ in range(50):
            answer = wire.send(request())
            assert answer.json["port"] == backends[answer.headers["x-model-version"]]


@pytest.mark.server
def test_copies_go_to_the_candidate_and_its_answers_are_dropped(start, exposition):
    gateway = start(weights={OLD: 100, NEW: 0}, mirror={"version": NEW, "percent": 100})
    with gateway.wire() as wire:
        assert {wire.send(request()).headers["x-model-version"] for _ in range(50)} == {OLD}
    exposition(gateway).wait_for("envoy_cluster_upstream_rq_xx", {"model_version": NEW}, 50)


@pytest.mark.server
def test_ten_changes_of_weight_during_10000_requests_fail_none(start):
    gateway = start(weights={OLD: 100, NEW: 0})
    statuses: list[int] = []
    stop = threading.Event()

    def call() -> None:
        with gateway.wire() as wire:
            while not stop.is_set():
                statuses.append(wire.send(request()).status)

    def wait_for(count: int) -> None:
        while len(statuses) < count and all(thread.is_alive() for thread in threads):
            stop.wait(0.01)

    threads = [threading.Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for step in range(1, 11):
            wait_for(step * 900)
            weights = {OLD: 100 - 10 * step, NEW: 10 * step}
            control.change(gateway.settings.model_copy(update={"weights": weights}))
        wait_for(10_000)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert len(statuses) >= 10_000
    assert set(statuses) == {200}
    assert control.serving(gateway.settings.directory) == {OLD: 0, NEW: 100}


@pytest.mark.server
def test_a_table_with_an_unknown_version_is_refused_and_the_old_one_serves_on(start):
    gateway = start(weights={OLD: 90, NEW: 10})
    table = rollout.routes(gateway.settings)
    table["virtual_hosts"][0]["routes"][0]["route"]["weighted_clusters"]["clusters"][0]["name"] = "9.9.9"
    with pytest.raises(ModelberthError, match=r"refuses the new routes.*unknown.*9\.9\.9") as refused:
        control.apply(gateway.settings, "routes", response([table]))
    assert "the old serve on" in str(refused.value)
    assert gateway.call().status == 200
    assert control.serving(gateway.settings.directory) == {OLD: 90, NEW: 10}
    control.change(gateway.settings.model_copy(update={"weights": {OLD: 50, NEW: 50}}))
    assert control.serving(gateway.settings.directory) == {OLD: 50, NEW: 50}


@pytest.mark.server
def test_text_that_is_no_table_is_refused(start):
    gateway = start()
    with pytest.raises(ModelberthError, match="refuses the new routes"):
        control.apply(gateway.settings, "routes", {"version_info": "x", "resources": [{"@type": "nonsense"}]})
    assert gateway.call().status == 200
