"""How fast callers may be: only what Envoy Gateway can count exactly is said."""

import pytest
from components.kubernetes.gateway.samples import JWT, made
from hypothesis import given
from hypothesis import strategies as st

from modelberth.kubernetes.gateway.rate_limit import MOST, UNITS, Limit, bursts, limit_of

CALLERS = {"callers": {"keys": ["web"]}}


def rate_limit(**fields):
    return made(**{**CALLERS, **fields})["ranker-traffic"]["spec"].get("rateLimit")


@pytest.mark.parametrize(
    ("rate", "burst", "said"),
    [
        (100, 100, (100, "second")),
        (100, 6000, (6000, "minute")),
        (100, 360_000, (360_000, "hour")),
        (0.5, 30, (30, "minute")),
        (0.5, None, (30, "minute")),
        (1 / 3600, None, (1, "hour")),
        (1 / 86400, 1, (1, "day")),
        (100, 200, None),
        (100, 99, None),
        (1e-9, None, None),
        (1e12, None, None),
        (100, 10**12, None),
        (2.3456789, None, None),
        (MOST, MOST, (MOST, "second")),
    ],
)
def test_a_rate_and_its_burst_are_said_exactly_or_not_at_all(rate, burst, said):
    found = limit_of(rate, burst)
    assert (None if found is None else (found.requests, found.per)) == said


def test_the_bursts_of_a_rate_are_what_it_gives_in_each_unit():
    assert bursts(100) == [100, 6000, 360_000, 8_640_000]
    assert bursts(0.5) == [30, 1800, 43200]
    assert bursts(1e12) == []


@given(st.floats(min_value=1e-12, max_value=1e15), st.none() | st.integers(min_value=1, max_value=10**13))
def test_whatever_is_said_has_the_rate_and_the_burst_that_were_asked_for(rate, burst):
    found = limit_of(rate, burst)
    if found is not None:
        assert found.per_second == pytest.approx(rate, rel=1e-8)
        assert burst in (None, found.requests)


@given(st.integers(min_value=1, max_value=MOST), st.sampled_from(list(UNITS)))
def test_every_limit_can_be_found_again_from_its_rate_and_burst(requests, unit):
    limit = Limit(requests=requests, per=unit)
    assert limit_of(limit.per_second, requests) == limit


def test_without_a_limit_nothing_is_counted():
    assert rate_limit() is None


def test_a_global_limit_of_each_caller_counts_by_the_name_that_the_gateway_found():
    found = rate_limit(limits={"per_client": {"requests": 100}, "total": {"requests": 60_000, "per": "minute"}})
    assert found == {
        "global": {
            "rules": [
                {"limit": {"requests": 60_000, "unit": "Minute"}, "shared": True},
                {
                    "clientSelectors": [{"headers": [{"type": "Distinct", "name": "x-client-id"}]}],
                    "limit": {"requests": 100, "unit": "Second"},
                    "shared": True,
                },
            ]
        }
    }


def test_tokens_without_a_name_share_one_limit():
    found = rate_limit(callers={"jwt": JWT}, limits={"per_client": {"requests": 100}})
    named, nameless = (rule["clientSelectors"][0]["headers"][0] for rule in found["global"]["rules"])
    assert named == {"type": "Distinct", "name": "x-client-id"}
    assert nameless == {"type": "RegularExpression", "name": "x-client-id", "value": ".+", "invert": True}


def test_a_local_limit_of_all_selects_every_path_as_else_named_callers_would_not_count():
    limits = {"scope": "local", "per_client": {"requests": 5}, "total": {"requests": 50}}
    total, one = rate_limit(limits=limits)["local"]["rules"]
    assert total["clientSelectors"] == [{"path": {"type": "PathPrefix", "value": "/"}}]
    assert one["clientSelectors"] == [{"headers": [{"type": "Distinct", "name": "x-client-id"}]}]
    assert "shared" not in total


def test_bodies_circuits_and_retries_are_those_that_are_said():
    limits = {"max_body_kib": 64, "max_connections": 1, "max_pending": 2, "max_parallel": 3}
    spec = made(**CALLERS, limits=limits, route={"retries": 3})["ranker-traffic"]["spec"]
    assert spec["requestBuffer"] == {"limit": "64Ki"}
    assert spec["circuitBreaker"] == {"maxConnections": 1, "maxPendingRequests": 2, "maxParallelRequests": 3}
    assert spec["retry"] == {"numRetries": 3, "retryOn": {"triggers": ["connect-failure"]}}


def test_left_out_a_body_has_ten_mebibytes_and_nothing_that_a_pod_has_seen_is_sent_again():
    spec = made(**CALLERS)["ranker-traffic"]["spec"]
    assert spec["requestBuffer"] == {"limit": "10240Ki"}
    assert spec["retry"]["retryOn"]["triggers"] == ["connect-failure"]
    assert "retry" not in made(**CALLERS, route={"retries": 0})["ranker-traffic"]["spec"]
