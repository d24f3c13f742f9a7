"""Which alarms an endpoint has by kind, which of them roll back, and what is made before the endpoint exists."""

import json
import re
from pathlib import Path

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st
from inventory import assert_inventory
from metric_math import evaluate

from modelberth.aws.monitoring import STATISTICS
from modelberth.aws.sagemaker.alarms import alarm_table, rollback_table
from modelberth.aws.sagemaker.metrics import PUBLISHED, Capacity
from modelberth.aws.sagemaker.monitoring import (
    EndpointMonitoring,
    EndpointMonitoringArgs,
    rollback_alarm_names,
    too_many_rollback_alarms,
    unsupported_gates,
)
from modelberth.core.errors import ConfigError
from modelberth.core.rollout import Gate
from modelberth.core.service import Slo
from modelberth_policies.sources.program import run_in_process

HERE = Path(__file__).parent
ACCOUNT = {"region": "eu-central-1", "id": "123456789012"}
KEY = "arn:aws:kms:eu-central-1:123456789012:key/0f1e2d3c"
TOPIC = "arn:aws:sns:eu-central-1:123456789012:alerts"
LABELS = {
    "owner": "search", "environment": "prod", "cost_centre": "4711", "service": "ranker", "model": "ranker",
    "version": "1.4.0", "data_classification": "internal",
}  # fmt: skip
SMALL = {"vcpus": 4}
BASE = {
    "account": ACCOUNT,
    "endpoint_name": "prod-ranker",
    "variants": {"stable": SMALL},
    "encryption": {"reason": "a test that has nothing to hide"},
}
SLO = {"p50": "50ms", "p95": "200ms", "p99": "400ms", "availability": "99.9%"}
GATES = [{"error_rate": {"below": "1%"}}, {"p95": {"below": "200ms"}, "min_sample": 50}]
MAX = {
    "variants": {"stable": SMALL, "candidate": {"vcpus": 8, "gpus": 2}},
    "slo": SLO,
    "traffic_expected": True,
    "alerts": TOPIC,
    "encryption": {"arn": KEY},
    "log_retention_days": 90,
    "labels": LABELS,
}
GUARDED = {"slo": {"p95": "200ms"}, "gates": [*GATES, {"saturation": {"below": "80%"}}], "alerts": TOPIC}
KINDS = {
    "realtime": {"stable": Capacity(vcpus=4, gpus=1)},
    "serverless": {"stable": None},
    "asynchronous": {"stable": Capacity(vcpus=4)},
}
MONITORING = "modelberth:index:EndpointMonitoring"


def planned(**fields):
    def program():
        made = EndpointMonitoring("ranker-monitoring", {**BASE, **fields})
        pulumi.export("rollback", made.rollback_alarms)
        pulumi.export("logs", made.log_group_name)

    return run_in_process(program)


def gates(*given_):
    return [Gate.parse(gate) for gate in given_]


def roles(kind="realtime", **fields):
    return [alarm.role for alarm in alarm_table("e", kind, KINDS[kind], **fields)]


def test_defaults():
    assert_inventory(planned(), HERE / "monitoring.defaults.inventory.yaml")


def test_max():
    assert_inventory(planned(**MAX), HERE / "monitoring.max.inventory.yaml")


def test_guarded():
    assert_inventory(planned(**GUARDED), HERE / "monitoring.guarded.inventory.yaml")


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


def test_only_errors_latency_and_gates_roll_back():
    outputs = planned(**{**MAX, **GUARDED, "traffic_expected": True}).outputs
    rolls = ("5xx", "p95", "gate-error-rate", "gate-p95", "gate-saturation")
    assert outputs["rollback"] == [
        f"prod-ranker-{variant}-{role}" for variant in ("stable", "candidate") for role in rolls
    ]


def test_names_of_rollback_alarms_are_known_without_making_anything():
    args = EndpointMonitoringArgs.parse({**BASE, **GUARDED})
    assert list(rollback_alarm_names(args)) == planned(**GUARDED).outputs["rollback"]


def test_whoever_names_a_rollback_alarm_waits_for_it():
    def program():
        made = EndpointMonitoring("ranker-monitoring", BASE)
        pulumi.CustomResource("test:index:User", "user", {"alarms": made.rollback_alarms})

    plan = run_in_process(program)
    alarm = plan[f"{MONITORING}$aws:cloudwatch/metricAlarm:MetricAlarm::ranker-monitoring-stable-5xx"]
    assert plan["test:index:User::user"].dependencies == (alarm.urn,)


def test_sagemaker_rolls_back_on_ten_alarms_at_most():
    variants = {"stable": Capacity(vcpus=4), "candidate": Capacity(vcpus=4)}
    slo = Slo.parse(SLO)
    assert too_many_rollback_alarms(variants, slo, gates(GATES[0])) == ""
    assert too_many_rollback_alarms(variants, slo, gates(*GATES)) == (
        "2 variants with 4 limits of the SLO and 2 gates are 12 alarms, and SageMaker rolls back on 10 at most; "
        "leave gates out, or variants"
    )
    assert len(rollback_table("e", "realtime", variants, slo, gates(GATES[0]))) == 10


def test_logs_can_be_found_by_the_endpoint():
    assert planned().outputs["logs"] == "/aws/sagemaker/Endpoints/prod-ranker"


def test_a_dashboard_can_be_left_out():
    assert planned().of_type("aws:cloudwatch/dashboard:Dashboard")
    assert not planned(dashboard=False).of_type("aws:cloudwatch/dashboard:Dashboard")


def test_the_dashboard_shows_every_alarm_that_is_made():
    plan = planned(**MAX)
    (board,) = plan.of_type("aws:cloudwatch/dashboard:Dashboard")
    shown = json.loads(board.get("dashboardBody"))["widgets"][0]["properties"]["alarms"]
    made = [alarm.get("name") for alarm in plan.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")]
    assert sorted(arn.rpartition(":alarm:")[2] for arn in shown) == sorted(made)


def test_labels_reach_everything_that_can_carry_them():
    bare = {"aws:cloudwatch/dashboard:Dashboard"}
    made = [one for one in planned(**MAX) if one.type.startswith("aws:") and one.type not in bare]
    assert made
    assert all(one.get("tags.owner") == "search" for one in made)


BAD = [
    ({"variants": {}}, "variants: dictionary should have at least 1 item after validation, not 0"),
    (
        {"variants": {f"v{count}": SMALL for count in range(11)}},
        "variants: dictionary should have at most 10 items after validation, not more",
    ),
    (
        {"variants": {"stable": None}},
        "variants.stable: nothing says what its instances have; give vcpus, and gpus where there are some",
    ),
    (
        {"kind": "asynchronous", "variants": {"stable": None}},
        "variants.stable: nothing says what its instances have; give vcpus, and gpus where there are some",
    ),
    ({"kind": "serverless"}, "variants.stable: a serverless variant has no instances; write null"),
    (
        {"variants": {"stable": {"vcpus": 0}}},
        "variants.stable.vcpus: got 0, input should be greater than or equal to 1",
    ),
    (
        {"variants": {"stable": {"vcpus": 4, "gpus": -1}}},
        "variants.stable.gpus: got -1, input should be greater than or equal to 0",
    ),
    (
        {"variants": {"stable": {"vcpus": 4, "cpus": 4}}},
        "variants.stable.cpus: no such field; allowed: vcpus, gpus; did you mean 'vcpus'?",
    ),
    ({"slo": {"p95": 0}}, "slo.p95 is 0, and no answer takes no time; write a time above 0"),
    (
        {"slo": {"p95": "fast"}},
        "slo.p95: not an amount with one of the units ms, s, m, h, d; write for example '200ms'",
    ),
    (
        {"gates": [{"p95": {"times_stable": 2}}]},
        "gates.0.p95.times_stable: an alarm has no other version to compare with; write below",
    ),
    (
        {"gates": [{"p95": {"below": 0}}, {"error_rate": {"below": 0}}]},
        "gates.0.p95.below: nothing is below 0; write a limit above 0; "
        "gates.1.error_rate.below: nothing is below 0; write a limit above 0",
    ),
    ({"gates": [{"min_sample": 1}]}, "gates.0: got 0 signals; a gate has exactly one of error_rate, p50, p95, p99, "
     "saturation, prediction_drift, query"),
    (
        {"log_retention_days": 45},
        "log_retention_days: got 45, CloudWatch Logs keeps logs for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, "
        "400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653 days; take 60",
    ),
    ({"alerts": "alerts"}, "alerts: not the ARN of a topic; write arn:aws:sns:<region>:<account>:<name>"),
    (
        {"endpoint_name": "prod_ranker"},
        "endpoint_name: string should match pattern '^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$'",
    ),
    ({"kind": "batch"}, "kind: input should be 'realtime', 'serverless' or 'asynchronous'"),
    ({"traffic": True}, "traffic: no such field; allowed: account, endpoint_name, kind, variants, slo, gates, "
     "traffic_expected, alerts, encryption, log_retention_days, dashboard, labels; did you mean 'traffic_expected'?"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "message"), BAD, ids=[next(iter(fields)) for fields, _ in BAD])
def test_bad_input_is_refused_in_one_sentence(fields, message):
    with pytest.raises(ConfigError) as error:
        EndpointMonitoringArgs.parse({**BASE, **fields})
    assert str(error.value) == f"configuration: 1 fault\n  {message}"
