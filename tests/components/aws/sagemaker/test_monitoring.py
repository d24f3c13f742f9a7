"""An endpoint's monitoring as a plan: which alarms roll back, and what is made before the endpoint exists."""

import json
from pathlib import Path

import pulumi
import pytest
from components.aws.sagemaker.alarm_plans import (
    BASE,
    GATES,
    GUARDED,
    MAX,
    MONITORING,
    SLO,
    SMALL,
    gates,
    planned,
)
from inventory import assert_inventory

from modelberth.aws.sagemaker.alarms import rollback_table
from modelberth.aws.sagemaker.metrics import Capacity
from modelberth.aws.sagemaker.monitoring import (
    EndpointMonitoring,
    EndpointMonitoringArgs,
    rollback_alarm_names,
    too_many_rollback_alarms,
)
from modelberth.core.errors import ConfigError
from modelberth.core.service import Slo
from modelberth_policies.sources.program import run_in_process

HERE = Path(__file__).parent


def test_defaults():
    assert_inventory(planned(), HERE / "monitoring.defaults.inventory.yaml")


def test_max():
    assert_inventory(planned(**MAX), HERE / "monitoring.max.inventory.yaml")


def test_guarded():
    assert_inventory(planned(**GUARDED), HERE / "monitoring.guarded.inventory.yaml")


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
