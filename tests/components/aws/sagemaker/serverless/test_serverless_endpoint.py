"""A serverless endpoint as a plan: what is made, what waits for what, what it says of itself."""

import json
from pathlib import Path

import pytest
from components.aws.sagemaker.samples import (
    ALERTS,
    ARTEFACT,
    CONFIGURATION,
    ENDPOINT,
    FOUNDATION,
    IMAGE,
    IN_SERVICE,
    LABELS,
    MODEL,
    SERVERLESS,
    SLO,
    before,
    only,
    planned,
    use,
)  # fmt: skip
from inventory import assert_inventory
from policy_text import readable

from modelberth.aws.sagemaker.serverless.endpoint import ServerlessEndpoint
from modelberth.core.endpoint import ServingEndpoint, for_version
from modelberth_policies.resources import MISSING

HERE = Path(__file__).parent
WARM = {"min_capacity": 1, "max_capacity": 4, "utilization": {"target": "70%"}}
MAX = {
    **SERVERLESS,
    "foundation": {
        **FOUNDATION,
        "alerts": ALERTS,
        "permissions_boundary": "arn:aws:iam::123456789012:policy/boundary",
        "log_retention_days": 30,
    },
    "provisioned_concurrency": {**WARM, "schedule": [{"cron": "0 8 * * 1-5", "min": 2, "max": 8}]},
    "slo": SLO,
    "traffic_expected": True,
    "labels": LABELS,
}
SCENARIOS = {"defaults": SERVERLESS, "max": MAX}


def plan_of(given=SERVERLESS, **fields):
    return planned(ServerlessEndpoint, {**given, **fields})


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_inventory(scenario):
    assert_inventory(readable(plan_of(SCENARIOS[scenario])), HERE / f"serverless.{scenario}.inventory.yaml")


def test_it_is_a_serving_endpoint():
    found = []
    planned(ServerlessEndpoint, SERVERLESS, with_endpoint=found.append)
    assert isinstance(found[0], ServingEndpoint)


def test_what_it_says_of_itself():
    said = plan_of().outputs
    assert said["url"] == "https://runtime.sagemaker.eu-central-1.amazonaws.com/endpoints/prod-ranker/invocations"
    assert (said["name"], said["versions"]) == ("prod-ranker", {"1.4.0": 100})
    assert said["signals"] == ["error_rate", "p50", "p95", "p99", "requests", "saturation"]
    assert (said["protocols"], said["traffic_control"]) == (["sagemaker-runtime"], "service")


def test_metrics_are_asked_of_the_one_variant():
    found = {}
    planned(ServerlessEndpoint, SERVERLESS, with_endpoint=lambda made: made.metrics.apply(found.update))
    asked = json.loads(for_version(found["requests"], "1.4.0"))
    [dimensions] = [query["MetricStat"]["Metric"]["Dimensions"] for query in asked]
    assert {each["Name"]: each["Value"] for each in dimensions} == {
        "EndpointName": "prod-ranker",
        "VariantName": "stable",
    }


def test_what_a_serverless_endpoint_lacks_is_not_told():
    model, config = only(plan := plan_of(), MODEL), only(plan, CONFIGURATION)
    assert model.get("vpcConfig") is MISSING
    assert model.get("enableNetworkIsolation") is False
    assert (config.get("kmsKeyArn"), config.get("dataCaptureConfig")) == (MISSING, MISSING)
    assert only(plan, ENDPOINT).get("deploymentConfig") is MISSING


@pytest.mark.parametrize(
    ("provisioned", "warm", "targets"),
    [
        (None, MISSING, 0),
        ({"min_capacity": 3, "max_capacity": 3}, 3, 0),
        (WARM, 1, 1),
        ({"min_capacity": 2, "max_capacity": 2, "schedule": [{"cron": "0 8 * * *", "min": 1, "max": 3}]}, 2, 1),
    ],
)
def test_warm_capacity_scales_where_something_moves_it(provisioned, warm, targets):
    plan = plan_of(**({} if provisioned is None else {"provisioned_concurrency": provisioned}))
    [variant] = only(plan, CONFIGURATION).get("productionVariants")
    assert variant["serverlessConfig"].get("provisionedConcurrency", MISSING) == warm
    assert len(plan.of_type("aws:appautoscaling/target:Target")) == targets


def test_whoever_uses_the_endpoint_finds_it_in_service_and_scaling():
    plan = planned(ServerlessEndpoint, MAX, with_endpoint=use)
    waits = before(plan, plan["test:index:User::user"])
    assert f"{IN_SERVICE}::ranker-in-service" in waits
    scaling = {f"{each.type}::{each.name}" for each in plan if each.type.startswith("aws:appautoscaling/")}
    assert len(scaling) == 3
    assert scaling <= waits


def test_alarms_log_group_and_permissions_are_there_before_the_endpoint():
    waits = before(plan := plan_of(MAX), only(plan, ENDPOINT))
    assert {f"{each.type}::{each.name}" for each in plan if "EndpointMonitoring$" in each.key} <= waits
    assert "aws:iam/rolePolicy:RolePolicy::ranker-role" in waits


def test_an_image_that_holds_its_model_needs_no_archive():
    plan = plan_of(artefact={**ARTEFACT, "containers": [{"image": IMAGE}]})
    container = only(plan, MODEL).get("primaryContainer")
    assert container == {"image": IMAGE}
    policies = json.dumps([each.inputs["policy"] for each in plan.of_type("aws:iam/rolePolicy:RolePolicy")])
    assert "s3:" not in policies


def test_eight_kinds_of_children_at_most():
    plan = plan_of(MAX)
    for component in (resource for resource in plan if resource.is_component):
        assert len({child.type for child in plan.children(component)}) <= 8
