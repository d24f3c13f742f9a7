"""An asynchronous endpoint as a plan: what is made, what waits for what, what it says of itself."""

import json
from pathlib import Path

import pulumi
import pulumi_aws as aws
import pytest
from components.aws.sagemaker.samples import (
    ALERTS,
    ASYNCHRONOUS,
    CONFIGURATION,
    ENDPOINT,
    FOUNDATION,
    IN_SERVICE,
    LABELS,
    MODEL,
    SLO,
    before,
    only,
    planned,
    use,
)  # fmt: skip
from inventory import assert_inventory
from policy_text import readable

from modelberth.aws.sagemaker.asynchronous.endpoint import AsyncEndpoint
from modelberth.core.endpoint import ServingEndpoint
from modelberth_policies.resources import MISSING

HERE = Path(__file__).parent
DONE = "arn:aws:sns:eu-central-1:123456789012:done"
FAILED = "arn:aws:sns:eu-central-1:123456789012:failed"
SCALING = {"min_capacity": 0, "max_capacity": 5, "backlog_per_instance": {"target": 5}}
MAX = {
    **ASYNCHRONOUS,
    "foundation": {
        **FOUNDATION,
        "alerts": ALERTS,
        "permissions_boundary": "arn:aws:iam::123456789012:policy/boundary",
        "log_retention_days": 30,
    },
    "instance_type": "ml.g5.xlarge",
    "answers": {
        "bucket": "jobs", "prefix": "answers/", "failures": "failures/", "success_topic": DONE, "error_topic": FAILED,
        "response_in": ["SUCCESS_NOTIFICATION_TOPIC", "ERROR_NOTIFICATION_TOPIC"],
    },
    "initial_instance_count": 2,
    "max_concurrent_per_instance": 4,
    "scaling": {**SCALING, "schedule": [{"cron": "0 20 * * *", "min": 0, "max": 2}]},
    "rollout": {"blue_green": {"bake": "10m"}},
    "slo": SLO,
    "labels": LABELS,
}  # fmt: skip
GUARDED = {**ASYNCHRONOUS, "rollout": {"rolling": {"batch": 50, "interval": "5m"}}, "slo": SLO}
SCENARIOS = {"defaults": ASYNCHRONOUS, "max": MAX, "guarded": GUARDED}


def plan_of(given=ASYNCHRONOUS, **fields):
    return planned(AsyncEndpoint, {**given, **fields})


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_inventory(scenario):
    assert_inventory(readable(plan_of(SCENARIOS[scenario])), HERE / f"asynchronous.{scenario}.inventory.yaml")


def test_it_is_a_serving_endpoint():
    found = []
    planned(AsyncEndpoint, ASYNCHRONOUS, with_endpoint=found.append)
    assert isinstance(found[0], ServingEndpoint)


def test_what_it_says_of_itself():
    said = plan_of().outputs
    runtime = "https://runtime.sagemaker.eu-central-1.amazonaws.com"
    assert said["url"] == f"{runtime}/endpoints/prod-ranker/async-invocations"
    assert (said["name"], said["versions"]) == ("prod-ranker", {"1.4.0": 100})
    assert said["signals"] == ["error_rate", "p50", "p95", "p99", "requests", "saturation"]
    assert (said["protocols"], said["traffic_control"]) == (["sagemaker-runtime-async"], "service")


@pytest.mark.parametrize(
    ("fields", "count"),
    [
        ({}, 1),
        ({"scaling": SCALING}, 1),
        ({"scaling": {**SCALING, "min_capacity": 2}}, 2),
        ({"scaling": SCALING, "initial_instance_count": 3}, 3),
    ],
)
def test_it_is_never_made_without_an_instance_also_where_it_goes_down_to_none(fields, count):
    plan = plan_of(**fields)
    [variant] = only(plan, CONFIGURATION).get("productionVariants")
    assert variant["initialInstanceCount"] == count


def test_the_floor_of_0_reaches_autoscaling_with_a_policy_that_wakes():
    plan = plan_of(scaling=SCALING)
    assert only(plan, "aws:appautoscaling/target:Target").get("minCapacity") == 0
    assert {policy.get("name") for policy in plan.of_type("aws:appautoscaling/policy:Policy")} == {
        "tracking",
        "wake-up",
    }


def test_the_role_reads_the_model_and_requests_and_writes_answers_and_no_other_folder():
    policy = json.loads(only(plan_of(), "aws:iam/rolePolicy:RolePolicy").get("policy"))
    may = {statement["Sid"]: statement["Resource"] for statement in policy["Statement"]}
    assert may["ReadFiles"] == ["arn:aws:s3:::models/ranker/*", "arn:aws:s3:::jobs/requests/*"]
    assert may["WriteFiles"] == ["arn:aws:s3:::jobs/answers/*", "arn:aws:s3:::jobs/failures/*"]


def told(plan):
    return only(plan, CONFIGURATION).get("asyncInferenceConfig.outputConfig.notificationConfig")


def test_failures_go_to_the_alert_channel_where_nobody_else_is_named():
    assert told(plan_of()) is MISSING
    assert told(plan_of(foundation={**FOUNDATION, "alerts": ALERTS})) == {"errorTopic": ALERTS}
    named = {**ASYNCHRONOUS["answers"], "error_topic": FAILED}
    assert told(plan_of(foundation={**FOUNDATION, "alerts": ALERTS}, answers=named)) == {"errorTopic": FAILED}


def test_buckets_may_be_known_later():
    def made(name, given):
        bucket = pulumi.Output.from_input("jobs")
        requests = {"bucket": bucket, "prefix": "requests/"}
        return AsyncEndpoint(name, {**given, "requests": requests, "answers": {**given["answers"], "bucket": bucket}})

    late, plain = planned(made, ASYNCHRONOUS), plan_of()
    output = "asyncInferenceConfig.outputConfig.s3OutputPath"
    assert only(late, CONFIGURATION).get(output) == only(plain, CONFIGURATION).get(output) == "s3://jobs/answers/"
    assert only(late, CONFIGURATION).name != only(plain, CONFIGURATION).name


def test_the_rollback_names_exactly_the_alarms_of_the_slo_and_they_are_there_before_the_endpoint():
    plan = plan_of(GUARDED)
    endpoint = only(plan, ENDPOINT)
    alarms = [each["alarmName"] for each in endpoint.get("deploymentConfig.autoRollbackConfiguration.alarms")]
    assert alarms == ["prod-ranker-stable-5xx", "prod-ranker-stable-p95"]
    made = {
        each.get("name"): f"{each.type}::{each.name}" for each in plan.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")
    }
    assert {made[name] for name in alarms} <= before(plan, endpoint)


def test_whoever_uses_the_endpoint_finds_it_in_service_and_scaling():
    plan = planned(AsyncEndpoint, MAX, with_endpoint=use)
    waits = before(plan, plan["test:index:User::user"])
    assert f"{IN_SERVICE}::ranker-in-service" in waits
    scaling = {f"{each.type}::{each.name}" for each in plan if each.type.startswith("aws:appautoscaling/")}
    assert len(scaling) == 4
    assert scaling <= waits


def test_containers_have_no_network():
    assert only(plan_of(), MODEL).get("enableNetworkIsolation") is True


def test_a_grant_is_for_answers_that_come_later():
    def grant(endpoint):
        endpoint.grant_invoke(aws.iam.Role("web", assume_role_policy="{}"), "web")

    plan = planned(AsyncEndpoint, ASYNCHRONOUS, with_endpoint=grant)
    policy = plan["modelberth:index:AsyncEndpoint$aws:iam/rolePolicy:RolePolicy::ranker-web-invoke"]
    assert {ENDPOINT, IN_SERVICE} <= {plan[urn].type for urn in policy.property_dependencies["policy"]}


def test_eight_kinds_of_children_at_most():
    plan = plan_of(MAX)
    for component in (resource for resource in plan if resource.is_component):
        assert len({child.type for child in plan.children(component)}) <= 8
