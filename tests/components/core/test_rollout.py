"""The words of a change of version: what each accepts, and the exact message of what it refuses."""

import pytest

from modelberth.core.errors import ConfigError
from modelberth.core.rollout import SIGNALS, STRATEGIES, Gate, Rollout

ACCEPTED = [
    ({}, {}),
    ({"all_at_once": {}}, {"all_at_once": {}}),
    ({"blue_green": {}}, {"blue_green": {"bake": 600}}),
    ({"blue_green": {"bake": "0s"}}, {"blue_green": {"bake": 0}}),
    ({"canary": {"steps": [10, 50]}}, {"canary": {"steps": (10, 50), "bake": 600}}),
    ({"canary": {"steps": [1, 99], "bake": "1h"}}, {"canary": {"steps": (1, 99), "bake": 3600}}),
    ({"linear": {"step": 20, "interval": "5m"}}, {"linear": {"step": 20, "interval": 300}}),
    ({"rolling": {}}, {"rolling": {"surge": 1, "unavailable": 0}}),
    ({"rolling": {"surge": 0, "unavailable": 2}}, {"rolling": {"surge": 0, "unavailable": 2}}),
    ({"shadow": {}}, {"shadow": {"sample": 1}}),
    ({"shadow": {"sample": "5%"}}, {"shadow": {"sample": 0.05}}),
    (
        {"ab_test": {"variants": {"1.0.0": 50, "1.1.0": 50}}},
        {"ab_test": {"variants": {"1.0.0": 50, "1.1.0": 50}, "by": "weight"}},
    ),
    (
        {"ab_test": {"variants": {"a": 0, "b": 100}, "by": "cookie"}},
        {"ab_test": {"variants": {"a": 0, "b": 100}, "by": "cookie"}},
    ),
]

REFUSED = [
    ({"canary": {}}, "canary.steps: field required"),
    ({"canary": {"steps": []}}, "canary.steps: tuple should have at least 1 item after validation, not 0"),
    ({"canary": {"steps": [50, 10]}}, "canary: steps are [50, 10]; each must be above the one before it"),
    ({"canary": {"steps": [10, 10]}}, "canary: steps are [10, 10]; each must be above the one before it"),
    ({"canary": {"steps": [0, 10]}}, "canary.steps.0: got 0, input should be greater than or equal to 1"),
    ({"canary": {"steps": [10, 100]}}, "canary.steps.1: got 100, input should be less than or equal to 99"),
    (
        {"canary": {"steps": [10], "bake": "soon"}},
        "canary.bake: not an amount with one of the units ms, s, m, h, d; write for example '200ms'",
    ),
    ({"linear": {"interval": 1}}, "linear.step: field required"),
    ({"linear": {"step": 10}}, "linear.interval: field required"),
    ({"linear": {"step": 0, "interval": 1}}, "linear.step: got 0, input should be greater than or equal to 1"),
    ({"linear": {"step": 101, "interval": 1}}, "linear.step: got 101, input should be less than or equal to 100"),
    (
        {"rolling": {"surge": 0}},
        "rolling: surge and unavailable are both 0, so nothing could ever be replaced; raise one of them",
    ),
    ({"rolling": {"surge": -1}}, "rolling.surge: got -1, input should be greater than or equal to 0"),
    ({"shadow": {"sample": 2}}, "shadow.sample: got 2, input should be less than or equal to 1"),
    ({"ab_test": {"variants": {"a": 50, "b": 49}}}, "ab_test: variants sum to 99; together they must be 100"),
    (
        {"ab_test": {"variants": {"a": 100}}},
        "ab_test.variants: dictionary should have at least 2 items after validation, not 1",
    ),
    (
        {"ab_test": {"variants": {"a": 101, "b": -1}}},
        "ab_test.variants.a: got 101, input should be less than or equal to 100\n"
        "  ab_test.variants.b: got -1, input should be greater than or equal to 0",
    ),
    (
        {"ab_test": {"variants": {"a": 50, "b": 50}, "by": "moon"}},
        "ab_test.by: input should be 'header', 'weight' or 'cookie'",
    ),
    (
        {"canary": {"steps": [10]}, "linear": {"step": 10, "interval": 1}},
        "got canary and linear; a service has one strategy",
    ),
    (
        {"all_at_once": {}, "rolling": {}, "shadow": {}},
        "got all_at_once and rolling and shadow; a service has one strategy",
    ),
    (
        {"canari": {"steps": [10]}},
        "canari: no such field; allowed: all_at_once, blue_green, canary, linear, rolling, shadow, ab_test, gates; "
        "did you mean 'canary'?",
    ),
    ({"canary": {"steps": [10], "pause": 1}}, "canary.pause: no such field; allowed: steps, bake"),
]

GATES = [
    ({"error_rate": {"below": "1%"}}, ("error_rate", 0.01, None)),
    ({"p50": {"below": 0.2}}, ("p50", 0.2, None)),
    ({"p95": {"below": "200ms"}}, ("p95", 0.2, None)),
    ({"p99": {"times_stable": 1.2}}, ("p99", None, 1.2)),
    ({"saturation": {"below": "80%", "times_stable": 2}}, ("saturation", 0.8, 2)),
    ({"prediction_drift": {"below": -3.5}}, ("prediction_drift", -3.5, None)),
    ({"query": {"query": "up{v='{version}'}", "below": 3}}, ("query", 3, None)),
]

REFUSED_GATES = [
    (
        {},
        "got 0 signals; a gate has exactly one of error_rate, p50, p95, p99, saturation, prediction_drift, query",
    ),
    (
        {"p50": {"below": 1}, "p95": {"below": 1}},
        "got 2 signals; a gate has exactly one of error_rate, p50, p95, p99, saturation, prediction_drift, query",
    ),
    ({"p95": {}}, "p95: no limit is given; set below or times_stable"),
    ({"error_rate": {"below": 1.5}}, "error_rate.below: got 1.5, input should be less than or equal to 1"),
    ({"p95": {"times_stable": 0}}, "p95.times_stable: got 0, input should be greater than 0"),
    ({"query": {"below": 1}}, "query.query: field required"),
    (
        {"p95": {"below": 1}, "min_sample": -1},
        "min_sample: got -1, input should be greater than or equal to 0",
    ),
    ({"p95": {"above": 1}}, "p95.above: no such field; allowed: below, times_stable"),
]


@pytest.mark.parametrize(("given", "expected"), ACCEPTED)
def test_accepted(given, expected):
    dumped = Rollout.parse(given).model_dump(exclude_none=True)
    assert dumped.pop("gates") == ()
    assert dumped == expected


@pytest.mark.parametrize(("given", "message"), REFUSED)
def test_refused(given, message):
    with pytest.raises(ConfigError) as error:
        Rollout.parse(given)
    assert str(error.value).partition("\n")[2] == f"  {message}"


@pytest.mark.parametrize(("given", "expected"), GATES)
def test_a_gate_holds_one_signal(given, expected):
    signal, below, times_stable = expected
    limit = getattr(Gate.parse(given), signal)
    assert (limit.below, limit.times_stable) == (below, times_stable)
    assert Gate.parse(given).min_sample == 100


@pytest.mark.parametrize(("given", "message"), REFUSED_GATES)
def test_a_gate_is_refused(given, message):
    with pytest.raises(ConfigError) as error:
        Gate.parse(given)
    assert str(error.value) == f"configuration: 1 fault\n  {message}"


def test_the_tables_know_every_strategy_and_every_signal():
    assert {word for given, _ in ACCEPTED for word in given} == set(STRATEGIES)
    assert {signal for given, _ in GATES for signal in given} == set(SIGNALS)
    assert set(STRATEGIES) == set(Rollout.model_fields) - {"gates"}
    assert set(SIGNALS) == set(Gate.model_fields) - {"min_sample"}
