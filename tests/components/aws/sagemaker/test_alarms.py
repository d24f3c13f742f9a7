"""Which alarms an endpoint has by kind, and when they fire."""

import re

import pytest
from components.aws.sagemaker.alarm_plans import (
    GATES,
    GUARDED,
    KINDS,
    SLO,
    gates,
    roles,
)
from hypothesis import given
from hypothesis import strategies as st
from metric_math import evaluate

from modelberth.aws.monitoring import STATISTICS
from modelberth.aws.sagemaker.alarms import alarm_table, rollback_table
from modelberth.aws.sagemaker.metrics import PUBLISHED, Capacity
from modelberth.aws.sagemaker.monitoring import (
    unsupported_gates,
)
from modelberth.core.service import Slo


def test_the_alarms_of_an_endpoint_on_instances():
    assert roles() == [f"stable-{role}" for role in ("5xx", "4xx", "cpu", "gpu", "memory", "disk")]


def test_the_alarms_of_a_serverless_endpoint_say_nothing_of_processors():
    assert roles("serverless") == [f"stable-{role}" for role in ("5xx", "4xx", "memory", "concurrency", "setup")]


def test_the_alarms_of_an_asynchronous_endpoint_watch_its_queue():
    failures = ("failures", "expired", "download", "upload", "notification")
    expected = [f"stable-{role}" for role in ("5xx", "4xx", "cpu", "memory", "disk", *failures)]
    assert roles("asynchronous") == [*expected, "backlog-age"]


@pytest.mark.parametrize("kind", KINDS)
def test_alarms_use_only_metrics_that_the_kind_publishes(kind):
    every = alarm_table("e", kind, KINDS[kind], Slo.parse(SLO), gates(*GATES), traffic_expected=True)
    measured = [metric for alarm in every for metric in alarm.metrics.values()]
    assert {metric.name for metric in measured} <= set(PUBLISHED[kind])
    assert {metric.statistic for metric in measured} <= {*STATISTICS, "p50", "p95", "p99"}


def test_a_share_of_errors_comes_from_the_availability():
    thresholds = {
        availability: next(
            iter(rollback_table("e", "realtime", KINDS["realtime"], Slo(availability=availability)))
        ).above
        for availability in (0.99, 0.999, 0.9999, 1.0, 0.0)
    }
    assert thresholds == {0.99: 0.01, 0.999: 0.001, 0.9999: 0.0001, 1.0: 0.0, 0.0: 1.0}
    assert rollback_table("e", "realtime", KINDS["realtime"])[0].above == 0.01


def test_latencies_of_the_slo_are_watched_in_microseconds():
    table = {alarm.role: alarm for alarm in rollback_table("e", "realtime", KINDS["realtime"], Slo.parse(SLO))}
    assert {role: alarm.above for role, alarm in table.items() if role != "stable-5xx"} == {
        "stable-p50": 50_000,
        "stable-p95": 200_000,
        "stable-p99": 400_000,
    }


def test_silence_is_a_fault_only_where_traffic_is_expected():
    assert "no-traffic" not in roles()
    assert "no-traffic" in roles(traffic_expected=True)


def test_silence_is_that_of_all_variants_together_and_no_data_is_silence():
    both = {"stable": Capacity(vcpus=4), "candidate": Capacity(vcpus=4)}
    silent = alarm_table("e", "realtime", both, traffic_expected=True)[-1]
    assert (silent.missing, silent.period * silent.breaching) == ("breaching", 15 * 60)
    assert evaluate(silent.expression, {"requests1": 0, "requests2": 1}) == 1


def test_a_gate_is_wrong_at_its_limit():
    (_, gate) = rollback_table("e", "realtime", KINDS["realtime"], None, gates({"p95": {"below": 0.2}}))
    assert (gate.role, gate.above, gate.inclusive) == ("stable-gate-p95", 200_000, True)


@given(
    requests=st.integers(0, 10_000),
    least=st.integers(0, 500),
    share=st.floats(0, 1),
    signal=st.sampled_from(["error_rate", "p95", "saturation"]),
)
def test_a_gate_is_judged_from_its_least_sample_on(requests, least, share, signal):
    gate = gates({signal: {"below": 0.5}, "min_sample": least})
    alarm = rollback_table("e", "realtime", KINDS["realtime"], None, gate)[-1]
    failed = int(requests * share)
    measured = {
        "errors": failed, "latency": share * 1e6, "requests": requests,
        "cpu": share * 400, "gpu": 0, "memory": 0, "disk": 0,
    }  # fmt: skip
    found = evaluate(alarm.expression, {word: measured[word] for word in alarm.metrics})
    assert alarm.above > 0, "with too few requests the gate must hold"
    if requests < max(1, least):
        assert found == 0
    elif signal == "error_rate":
        assert found == pytest.approx(failed / requests)
    elif signal == "saturation":
        assert (found >= alarm.above) == (share * 400 >= 200)
    else:
        assert found == pytest.approx(share * 1e6)


@pytest.mark.parametrize("full", ["cpu", "gpu", "memory", "disk"])
def test_saturation_is_broken_by_whatever_is_full(full):
    (_, alarm) = rollback_table("e", "realtime", KINDS["realtime"], None, gates({"saturation": {"below": 0.8}}))
    at_limit = {"cpu": 320, "gpu": 80, "memory": 80, "disk": 80}
    idle = {**dict.fromkeys(at_limit, 0), "requests": 100}
    assert evaluate(alarm.expression, idle) == 0
    assert evaluate(alarm.expression, {**idle, full: at_limit[full]}) == alarm.above
    assert evaluate(alarm.expression, {**idle, full: at_limit[full], "requests": 99}) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_alarms_use_no_function_that_sees_more_data_than_the_alarm_does(kind):
    every = alarm_table("e", kind, KINDS[kind], Slo.parse(SLO), gates(*GUARDED["gates"]), traffic_expected=True)
    assert {word for alarm in every for word in re.findall(r"[A-Z]+", alarm.expression)} <= {"IF", "AND", "OR"}


@pytest.mark.parametrize(
    ("given_", "refused"),
    [
        ([{"p95": {"below": 0.2}}, {"error_rate": {"below": 0.01}}, {"saturation": {"below": 0.8}}], []),
        (
            [{"error_rate": {"times_stable": 1.2}}],
            [("gates.0.error_rate.times_stable", "an alarm has no other version to compare with", "write below")],
        ),
        (
            [{"p95": {"below": 0.2}}, {"p95": {"below": 0.1, "times_stable": 2}}],
            [("gates.1.p95", "p95 has a gate already", "keep the stricter one")],
        ),
        (
            [{"p50": {"below": 0.1, "times_stable": 2}}],
            [("gates.0.p50.times_stable", "an alarm has no other version to compare with", "write below")],
        ),
        (
            [{"prediction_drift": {"below": 0.1}}],
            [
                (
                    "gates.0.prediction_drift",
                    "SageMaker publishes no distance between the predictions of two versions",
                    "leave it out",
                )
            ],
        ),
        (
            [{"query": {"query": "up", "below": 1}}],
            [
                (
                    "gates.0.query",
                    "an alarm watches the metrics of its endpoint, not a query of one's own",
                    "leave it out",
                )
            ],
        ),
        ([{"p99": {"below": 0}}], [("gates.0.p99.below", "nothing is below 0", "write a limit above 0")]),
    ],
)
def test_gates_that_no_alarm_can_stand_for_are_named(given_, refused):
    assert unsupported_gates(gates(*given_)) == refused
