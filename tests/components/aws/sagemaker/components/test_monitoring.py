"""Alarms and queries of an inference component, as the plain data that they are."""

import json

import pytest
from component_endpoints import FOUNDATION, LEAST, MODEL, MOST, arguments

from modelberth.aws.monitoring import Alarm
from modelberth.aws.sagemaker.components.metrics import PUBLISHED, queries
from modelberth.aws.sagemaker.components.model import Requirements
from modelberth.aws.sagemaker.components.monitoring import ComponentMonitoringArgs, alarm_table, rollback_table
from modelberth.aws.sagemaker.instances import instance
from modelberth.core.endpoint import for_version

NAME = "prod-ranker--stable"


def watched(**fields):
    return ComponentMonitoringArgs.parse(
        {
            "component_name": NAME,
            "requirements": MODEL["requirements"],
            "instance_type": "ml.m7i.large",
            "sleeps": False,
            "encryption": FOUNDATION["encryption"],
            "log_retention_days": 30,
            **fields,
        }
    )


def alarms(**fields) -> dict[str, Alarm]:
    return {alarm.role: alarm for alarm in alarm_table(watched(**fields))}


def test_every_alarm_is_about_this_component_alone():
    table = alarms(
        slo={"p50": "50ms", "p95": "200ms", "p99": "1s"}, requirements=MOST["components"]["ranker"]["requirements"]
    )
    for alarm in table.values():
        for metric in alarm.metrics.values():
            assert metric.dimensions == {"InferenceComponentName": NAME}
            assert PUBLISHED[metric.name] == metric.namespace
            assert NAME in alarm.meaning


def test_alarms_without_a_promise():
    table = alarms()
    assert list(table) == ["5xx", "no-capacity", "4xx", "cpu"]
    assert table["5xx"].above == 0.01


def test_alarms_are_made_of_the_promise_and_roll_back():
    slo = {"p95": "200ms", "p99": "500ms", "availability": "99.9%"}
    rolling = {alarm.role: alarm.above for alarm in rollback_table(watched(slo=slo))}
    assert rolling == {"5xx": 0.001, "p95": 200_000, "p99": 500_000}


def test_waking_is_no_fault_until_it_takes_a_quarter_of_an_hour():
    asleep, awake = alarms(sleeps=True), alarms()
    assert "4xx" not in asleep
    found = asleep["no-capacity"]
    assert found.period * found.periods == found.period * found.breaching == 900
    assert (awake["no-capacity"].periods, awake["no-capacity"].breaching) == (1, 1)
    assert found.above == awake["no-capacity"].above == 0
    assert not found.below


@pytest.mark.parametrize(
    ("type_", "requirements", "busy"),
    [
        ("ml.m7i.large", {}, ["cpu"]),
        ("ml.g5.2xlarge", {"accelerators": 1}, ["cpu", "gpu"]),
        ("ml.g5.2xlarge", {}, ["cpu"]),
        ("ml.inf2.xlarge", {"accelerators": 1}, ["cpu"]),
    ],
)
def test_processors_that_a_metric_tells_of(type_, requirements, busy):
    table = alarms(instance_type=type_, requirements={"min_memory_mib": 1024, **requirements})
    assert [role for role in ("cpu", "gpu", "memory") if role in table] == busy
    assert all(table[role].above == 90 for role in busy)


def test_memory_is_watched_where_a_copy_is_stopped_for_it():
    table = alarms(requirements={"min_memory_mib": 1024, "max_memory_mib": 2048})
    assert table["memory"].above == 180
    assert table["memory"].metrics["memory"].statistic == "Maximum"


def asked(type_="ml.g5.2xlarge", **requirements):
    reserved = Requirements.parse({"min_memory_mib": 1024, **requirements})
    return queries("eu-central-1", NAME, "1.4.0", reserved, instance(type_))


def test_every_signal_has_a_query_about_the_component_of_the_version():
    found = asked(accelerators=1)
    assert set(found) == {"requests", "error_rate", "p50", "p95", "p99", "saturation"}
    for query in found.values():
        parts = json.loads(for_version(query, "1.4.0"))
        assert [part["ReturnData"] for part in parts].count(True) == 1
        for part in parts:
            if "MetricStat" in part:
                [dimension] = part["MetricStat"]["Metric"]["Dimensions"]
                assert dimension == {"Name": "InferenceComponentName", "Value": NAME}


def test_latency_is_in_seconds_and_saturation_is_of_whatever_is_fullest():
    assert json.loads(asked()["p95"].query)[-1]["Expression"] == "latency / 1000000"
    assert json.loads(asked(accelerators=1)["saturation"].query)[-1]["Expression"] == "MAX([cpu / 100, gpu / 100])"
    assert (
        json.loads(asked("ml.inf2.xlarge", accelerators=1)["saturation"].query)[-1]["Expression"] == "MAX([cpu / 100])"
    )


def test_the_least_endpoint_sleeps():
    assert arguments(LEAST).instances.min_instance_count == 0
