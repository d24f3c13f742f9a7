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
BUCKET = "aws:s3/bucket:Bucket"
OWN_BUCKET = "prod-ranker-payloads--123456789012"
FAILED = "arn:aws:sns:eu-central-1:123456789012:failed"
SCALING = {"min_capacity": 0, "max_capacity": 5, "backlog_per_instance": {"target": 5}}
OWN = {
    **ASYNCHRONOUS,
    "requests": {"prefix": "requests/"},
    "answers": {"prefix": "answers/", "failures": "failures/"},
}
MAX = {
    **ASYNCHRONOUS,
    "foundation": {
        **FOUNDATION,
        "alerts": ALERTS,
        "permissions_boundary": "arn:aws:iam::123456789012:policy/boundary",
        "log_retention_days": 30,
    },
    "instance_type": "ml.g5.xlarge",
    "requests": {"prefix": "requests/"},
    "expiration_days": 7,
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
SCENARIOS = {"defaults": OWN, "max": MAX, "guarded": GUARDED}


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


def statements(plan):
    policy = json.loads(only(plan, "aws:iam/rolePolicy:RolePolicy").get("policy"))
    return {statement["Sid"]: statement["Resource"] for statement in policy["Statement"]}


def test_the_role_reads_the_model_and_requests_and_writes_answers_and_no_other_folder():
    may = statements(plan_of())
    assert may["ReadFiles"] == ["arn:aws:s3:::models/ranker/*", "arn:aws:s3:::jobs/requests/*"]
    assert may["WriteFiles"] == ["arn:aws:s3:::jobs/answers/*", "arn:aws:s3:::jobs/failures/*"]


def told(plan):
    return only(plan, CONFIGURATION).get("asyncInferenceConfig.outputConfig.notificationConfig")


def test_failures_go_to_the_alert_channel_where_nobody_else_is_named():
    assert told(plan_of()) is MISSING
    assert told(plan_of(foundation={**FOUNDATION, "alerts": ALERTS})) == {"errorTopic": ALERTS}
    named = {**ASYNCHRONOUS["answers"], "error_topic": FAILED}
    assert told(plan_of(foundation={**FOUNDATION, "alerts": ALERTS}, answers=named)) == {"errorTopic": FAILED}


ANSWERS = {"prefix": "answers/", "failures": "failures/"}


@pytest.mark.parametrize(
    ("requests", "answers", "own"),
    [(None, None, True), (None, "jobs", True), ("jobs", None, True), ("jobs", "jobs", False), ("ins", "outs", False)],
)
def test_the_endpoint_has_a_bucket_exactly_where_one_is_left_out(requests, answers, own):
    found = []
    plan = planned(
        AsyncEndpoint,
        {
            **ASYNCHRONOUS,
            "requests": {"prefix": "requests/", "bucket": requests},
            "answers": {**ANSWERS, "bucket": answers},
        },
        with_endpoint=found.append,
    )
    assert len(plan.of_type(BUCKET)) == len(plan.of_type("modelberth:index:PrivateBucket")) == own
    assert (found[0].payloads is not None) == own
    written = only(plan, CONFIGURATION).get("asyncInferenceConfig.outputConfig.s3OutputPath")
    assert written == f"s3://{OWN_BUCKET if answers is None else answers}/answers/"
    may = statements(plan)
    assert f"arn:aws:s3:::{OWN_BUCKET if requests is None else requests}/requests/*" in may["ReadFiles"]


@pytest.mark.parametrize(("fields", "days"), [({}, 30), ({"expiration_days": 1}, 1)])
def test_what_lies_in_its_own_bucket_expires_and_does_not_outlive_the_endpoint(fields, days):
    plan = plan_of(OWN, **fields)
    [rule] = only(plan, "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration").get("rules")
    assert (rule["expiration"], rule["noncurrentVersionExpiration"]) == ({"days": days}, {"noncurrentDays": 1})
    assert only(plan, BUCKET).get("forceDestroy") is True
    [encrypted] = only(
        plan, "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    ).get("rules")
    assert encrypted["applyServerSideEncryptionByDefault"]["kmsMasterKeyId"] == FOUNDATION["encryption"]["arn"]


def test_nobody_but_the_account_reads_payloads():
    policy = json.loads(only(plan_of(OWN), "aws:s3/bucketPolicy:BucketPolicy").get("policy"))
    assert [statement["Effect"] for statement in policy["Statement"]] == ["Deny"]


def test_the_endpoint_stands_after_its_bucket_is_closed():
    plan = plan_of(OWN)
    settings = {f"{each.type}::{each.name}" for each in plan if each.type.startswith("aws:s3/")}
    assert len(settings) == 7
    assert settings <= before(plan, only(plan, ENDPOINT))


def test_whoever_is_told_of_the_bucket_finds_it_closed_and_expiring():
    def user(endpoint):
        pulumi.CustomResource("test:index:User", "user", {"bucket": endpoint.payloads})

    plan = planned(AsyncEndpoint, OWN, with_endpoint=user)
    made = plan["test:index:User::user"]
    assert made.get("bucket") == OWN_BUCKET
    settings = {f"{each.type}::{each.name}" for each in plan if each.type.startswith("aws:s3/")}
    assert settings <= before(plan, made)


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
