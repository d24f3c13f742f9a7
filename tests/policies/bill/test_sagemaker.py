"""SageMaker: what runs, what scales it, and what a change of version costs."""

import json

import pytest
from bill_plans import CONFIGURATION, ENDPOINT, amount, bill_of, endpoint, made, target, the_line, variant
from hypothesis import given
from hypothesis import strategies as st

from modelberth_policies.resources import GAP, UNKNOWN, Partial

ACTION = "aws:appautoscaling/scheduledAction:ScheduledAction"
HOUR = 0.115
"""ml.m5.large in us-east-1."""


def counts(bill, what="real-time"):
    """Instances, from their hours."""
    return tuple(round(part / 730, 3) for part in the_line(bill, what).quantity.triple)


def test_without_autoscaling_as_many_run_as_are_written():
    assert counts(bill_of(*endpoint(variant(count=3)))) == (3, 3, 3)


def test_autoscaling_runs_from_its_minimum_to_its_maximum():
    bill = bill_of(*endpoint(variant(count=2)), target(2, 6), busy_share=0.25)
    assert counts(bill) == (2, 3, 6)
    assert the_line(bill, "real-time").formula == "2 to 6 instances by autoscaling x 730 h"


def test_a_target_without_a_maximum_is_unbounded():
    bill = bill_of(*endpoint(variant()), target(2, None))
    assert bill.total.unbounded
    assert the_line(bill, "real-time").usd.shown().endswith("to unbounded")
    assert bill.total.expected < 1000


ID = {"resourceId": "endpoint/ranker/variant/stable", "scalableDimension": "sagemaker:variant:DesiredInstanceCount"}


def test_a_target_is_found_by_what_it_depends_on_where_its_id_is_not_known_yet():
    configuration, serving = endpoint(variant("ml.m5.large", 1, "a"), variant("ml.m5.large", 1, "b"))
    scaling = target(1, 9, Partial(f"endpoint/{GAP}/variant/b"))
    scaling = made(scaling.type, "scaling", {"resourceId": [serving.urn]}, **scaling.inputs)
    bill = bill_of(configuration, serving, scaling)
    assert counts(bill, "real-time, variant a") == (1, 1, 1)
    assert counts(bill, "real-time, variant b")[2] == 9


def test_a_target_that_nobody_can_assign_is_listed():
    bill = bill_of(*endpoint(variant()), target(1, 9, UNKNOWN))
    assert "what it scales is known only after deployment" in [found.reason for found in bill.unpriced]


def test_a_target_of_something_else_changes_nothing():
    bill = bill_of(*endpoint(variant()), target(1, 9, "endpoint/other/variant/stable"))
    assert counts(bill) == (1, 1, 1)


def test_schedules_widen_the_bounds_and_count_by_their_hours():
    by_day = made(ACTION, "day", schedule="cron(0 0 ? * SUN *)", scalableTargetAction={"minCapacity": 4}, **ID)
    by_night = made(ACTION, "night", schedule="cron(0 12 ? * WED *)", scalableTargetAction={"minCapacity": 1}, **ID)
    bill = bill_of(*endpoint(variant()), target(2, 6), by_day, by_night, busy_share=0)
    assert counts(bill) == (1, 2.5, 6)


def test_what_scales_to_zero_is_awake_in_its_active_hours():
    config, serving = endpoint(variant("ml.g5.xlarge"))
    config = made(CONFIGURATION, "ranker-config", asyncInferenceConfig={"outputConfig": {}}, **config.inputs)
    bill = bill_of(config, serving, target(0, 4), active_hours=73, busy_share=0)
    assert counts(bill, "asynchronous") == (0, 0.1, 4)


def test_shadow_variants_cost_what_others_do():
    bill = bill_of(*endpoint(variant(), shadows=[variant("ml.m5.xlarge", 1, "shadow")]))
    assert amount(bill, "ml.m5.xlarge")[1] == 167.90


def test_volumes_are_for_instances_without_a_disk_of_their_own():
    bill = bill_of(*endpoint(variant(count=2, volumeSizeInGb=100), variant("ml.g5.xlarge", 1, "gpu")))
    assert amount(bill, "volumes of variant stable") == (28, 28, 28)
    assert not any("volumes of variant gpu" in line.what for line in bill.lines)


def test_serverless_is_paid_by_use_and_at_worst_all_at_once_all_month():
    config = {"variantName": "v", "serverlessConfig": {"maxConcurrency": 2, "memorySizeInMb": 2048}}
    bill = bill_of(*endpoint(config), requests=1_000_000, mean_ms=100)
    assert amount(bill, "serverless") == (2.00, 4.00, 210.24)


def test_provisioned_concurrency_is_paid_all_month():
    config = {"serverlessConfig": {"maxConcurrency": 5, "memorySizeInMb": 2048, "provisionedConcurrency": 1}}
    assert amount(bill_of(*endpoint(config)), "provisioned") == (26.28, 26.28, 26.28)


def test_a_memory_without_a_price_is_listed_and_not_rounded_to_one_with():
    config = {"serverlessConfig": {"maxConcurrency": 5, "memorySizeInMb": 3072}}
    assert any("3072MB" in found.reason for found in bill_of(*endpoint(config)).unpriced)


def test_an_endpoint_whose_configuration_is_elsewhere_is_listed():
    bill = bill_of(made(ENDPOINT, name="ranker", endpointConfigName="made-by-hand"))
    assert [found.reason for found in bill.unpriced] == ["its endpoint configuration is not in this plan"]


def test_a_configuration_is_found_by_its_name():
    bill = bill_of(
        made(CONFIGURATION, "c", name="c-1", productionVariants=[variant(count=2)]),
        made(ENDPOINT, "e", name="ranker", endpointConfigName="c-1"),
    )
    assert counts(bill) == (2, 2, 2)


@pytest.mark.parametrize("whole", [True, False])
def test_cloud_controls_fleet_for_inference_components(whole):
    managed = {"Status": "ENABLED", "MinInstanceCount": 1, "MaxInstanceCount": 3}
    fleet = {"VariantName": "shared", "InstanceType": "ml.m5.large", "ManagedInstanceScaling": managed}
    state = json.dumps({"ProductionVariants": [fleet], "ExecutionRoleArn": "arn" if whole else GAP})
    kind = "aws:cloudcontrol/resource:Resource"
    given = {"typeName": "AWS::SageMaker::EndpointConfig", "desiredState": state if whole else Partial(state)}
    configuration = made(kind, "c", **given)
    copies = made(kind, "copies", typeName="AWS::SageMaker::InferenceComponent", desiredState=UNKNOWN)
    serving = made(ENDPOINT, "e", {"endpointConfigName": [configuration.urn]}, endpointConfigName=UNKNOWN)
    bill = bill_of(configuration, copies, serving, busy_share=0.5)
    assert counts(bill) == (1, 2, 3)
    assert bill.unpriced == ()
    assert {found.urn for found in bill.free} >= {configuration.urn, copies.urn}


def test_what_else_cloud_control_makes_is_listed():
    found = bill_of(made("aws:cloudcontrol/resource:Resource", typeName="AWS::QLDB::Ledger", desiredState="{}"))
    assert "AWS::QLDB::Ledger" in found.unpriced[0].reason


@given(st.integers(0, 50), st.integers(0, 50), st.floats(0, 1), st.floats(0, 744))
def test_low_is_never_above_expected_nor_expected_above_worst(one, other, busy, active):
    least, most = sorted((one, other))
    bill = bill_of(*endpoint(variant()), target(least, most), busy_share=busy, active_hours=active)
    low, expected, worst = the_line(bill, "real-time").usd.triple
    assert low == pytest.approx(least * 730 * HOUR)
    assert low <= expected <= worst == pytest.approx(most * 730 * HOUR)


@given(st.integers(1, 100), st.integers(1, 100))
def test_more_instances_cost_more(one, other):
    bills = [bill_of(*endpoint(variant(count=count))).total.expected for count in (one, one + other)]
    assert bills[0] < bills[1]


JOBS = "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition"
SCHEDULE = "aws:sagemaker/monitoringSchedule:MonitoringSchedule"


def test_monitoring_jobs_by_schedule_instances_and_time():
    cluster = {"clusterConfig": {"instanceType": "ml.m5.xlarge", "instanceCount": 2}}
    jobs = made(JOBS, "jobs", name="jobs-1", jobResources=cluster, stoppingCondition={"maxRuntimeInSeconds": 3600})
    config = {"scheduleConfig": {"scheduleExpression": "cron(0 * ? * * *)"}, "monitoringJobDefinitionName": "jobs-1"}
    bill = bill_of(jobs, made(SCHEDULE, monitoringScheduleConfig=config), job_minutes=30, quiet=0.5)
    # 730 runs x 2 instances x half an hour x 0.23 (EC2 0.192 x 1.2).
    assert the_line(bill, "monitoring").quantity.triple == (365, 730, 1460)
    assert amount(bill, "monitoring")[1] == 168.19


def test_a_schedule_that_is_not_understood_is_listed():
    config = {"scheduleConfig": {"scheduleExpression": "cron(0 0 L * ? *)"}, "monitoringJobDefinitionName": "x"}
    bill = bill_of(made(SCHEDULE, monitoringScheduleConfig=config))
    assert "is not understood" in bill.unpriced[0].reason
