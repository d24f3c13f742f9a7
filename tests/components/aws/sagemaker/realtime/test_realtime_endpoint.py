"""A real-time endpoint as a plan: what is made, what waits for what, what it says of itself."""

import json
from pathlib import Path

import pulumi
import pulumi_aws as aws
import pytest
from components.aws.sagemaker.samples import (
    ALERTS,
    CONFIGURATION,
    ENDPOINT,
    FOUNDATION,
    IN_SERVICE,
    LABELS,
    MODEL,
    NEWER,
    REALTIME,
    SLO,
    VARIANT,
    before,
    only,
    planned,
    use,
)  # fmt: skip
from inventory import assert_inventory
from policy_text import readable

from modelberth.aws.sagemaker.realtime.endpoint import RealtimeEndpoint
from modelberth.core.endpoint import ServingEndpoint, for_version
from modelberth_policies.resources import MISSING, UNKNOWN

HERE = Path(__file__).parent
SCALING = {"min_capacity": 2, "max_capacity": 8, "concurrent_requests": {"target": 4}}
MAX = {
    **REALTIME,
    "foundation": {
        **FOUNDATION,
        "alerts": ALERTS,
        "permissions_boundary": "arn:aws:iam::123456789012:policy/boundary",
        "log_retention_days": 30,
    },
    "variants": {
        "stable": {
            **VARIANT,
            "weight": 90,
            "initial_instance_count": 3,
            "volume_gib": 64,
            "startup_timeout_seconds": 600,
            "scaling": {
                **SCALING,
                "schedule": [{"cron": "0 20 * * *", "min": 2, "max": 4}],
                "scale_in_cooldown": "10m",
            },
        },
        "candidate": {**NEWER, "weight": 10, "instance_type": "ml.m7i.xlarge"},
    },
    "rollout": {"canary": {"percent": 10, "bake": "10m"}},
    "slo": {"p95": "200ms", "availability": "99.9%"},
    "gates": [{"error_rate": {"below": "2%"}}, {"p99": {"below": "500ms"}}],
    "traffic_expected": True,
    "capture": {"sample": "5%", "expires": "7d", "encryption": FOUNDATION["encryption"]},
    "outbound": {"reason": "it asks a feature store"},
    "labels": LABELS,
}  # fmt: skip
SHADOWED = {**REALTIME, "shadows": {"candidate": {**NEWER, "sample": 25, "initial_instance_count": 2}}}
GUARDED = {**REALTIME, "rollout": {"canary": {"percent": 10}}, "slo": SLO, "gates": [{"saturation": {"below": "90%"}}]}
SCENARIOS = {"defaults": REALTIME, "max": MAX, "guarded": GUARDED, "shadowed": SHADOWED}


def plan_of(given=REALTIME, **fields):
    return planned(RealtimeEndpoint, {**given, **fields})


def variants(plan):
    return {each["variantName"]: each for each in only(plan, CONFIGURATION).get("productionVariants")}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_inventory(scenario):
    assert_inventory(readable(plan_of(SCENARIOS[scenario])), HERE / f"realtime.{scenario}.inventory.yaml")


def test_it_is_a_serving_endpoint():
    found = []
    planned(RealtimeEndpoint, REALTIME, with_endpoint=found.append)
    assert isinstance(found[0], ServingEndpoint)


def test_what_it_says_of_itself():
    said = plan_of().outputs
    assert said["url"] == "https://runtime.sagemaker.eu-central-1.amazonaws.com/endpoints/prod-ranker/invocations"
    assert said["name"] == "prod-ranker"
    assert said["versions"] == {"1.4.0": 100}
    assert said["signals"] == ["error_rate", "p50", "p95", "p99", "requests", "saturation"]
    assert (said["protocols"], said["traffic_control"]) == (["sagemaker-runtime"], "stepped")
    assert said.get("ca_certificate_file") is None


def test_versions_are_weights_and_a_version_on_two_instance_types_counts_once():
    assert plan_of(MAX).outputs["versions"] == {"1.4.0": 90, "1.5.0": 10}
    both = {"small": {**VARIANT, "weight": 30}, "large": {**VARIANT, "weight": 70, "instance_type": "ml.m7i.xlarge"}}
    assert plan_of(variants=both).outputs["versions"] == {"1.4.0": 100}
    assert plan_of(SHADOWED).outputs["versions"] == {"1.4.0": 100}


def test_who_moves_the_weights():
    assert plan_of(GUARDED).outputs["traffic_control"] == "service"
    assert plan_of(MAX).outputs["traffic_control"] == "service"
    assert plan_of(slo=SLO).outputs["traffic_control"] == "stepped"


def asked_of(metrics, signal, version):
    queries = json.loads(for_version(metrics[signal], version))
    return {
        dimension["Value"]
        for query in queries
        for dimension in query.get("MetricStat", {}).get("Metric", {}).get("Dimensions", [])
        if dimension["Name"] == "VariantName"
    }


def test_metrics_are_asked_of_the_variant_that_serves_a_version():
    found = {}
    planned(RealtimeEndpoint, MAX, with_endpoint=lambda made: made.metrics.apply(found.update))
    assert asked_of(found, "error_rate", "1.4.0") == {"stable"}
    assert asked_of(found, "error_rate", "1.5.0") == {"candidate"}
    # One query stands for all versions, and these have instances of two sizes.
    assert "saturation" not in found


def test_a_weight_of_0_stays_0():
    plan = plan_of(variants={"stable": VARIANT, "candidate": {**NEWER, "weight": 0}})
    assert {name: each["initialVariantWeight"] for name, each in variants(plan).items()} == {
        "stable": 100,
        "candidate": 0,
    }
    assert plan.outputs["versions"] == {"1.4.0": 100, "1.5.0": 0}


@pytest.mark.parametrize(
    ("fields", "count"),
    [
        ({}, 1),
        ({"initial_instance_count": 5}, 5),
        ({"scaling": SCALING}, 2),
        ({"scaling": SCALING, "initial_instance_count": 3}, 3),
    ],
)
def test_the_first_count_is_the_floor_of_the_scaling(fields, count):
    plan = plan_of(variants={"stable": {**VARIANT, **fields}})
    assert variants(plan)["stable"]["initialInstanceCount"] == count


def test_a_shadow_gets_a_share_of_copies_and_neither_scales_nor_alarms():
    plan = plan_of(SHADOWED)
    [shadow] = only(plan, CONFIGURATION).get("shadowProductionVariants")
    assert (shadow["variantName"], shadow["initialVariantWeight"], shadow["initialInstanceCount"]) == (
        "candidate",
        25,
        2,
    )
    assert list(variants(plan)) == ["stable"]
    assert not [
        alarm.name for alarm in plan.of_type("aws:cloudwatch/metricAlarm:MetricAlarm") if "candid" in alarm.name
    ]


def test_containers_have_no_network_unless_a_reason_opens_it():
    assert only(plan_of(), MODEL).get("enableNetworkIsolation") is True
    opened = plan_of(outbound={"reason": "it asks a feature store"})
    assert only(opened, MODEL).get("enableNetworkIsolation") is False
    assert only(opened, MODEL).get("vpcConfig.subnets") == ["subnet-a", "subnet-b"]


def test_volumes_take_the_customers_key_and_local_storage_takes_none():
    assert only(plan_of(), CONFIGURATION).get("kmsKeyArn") == FOUNDATION["encryption"]["arn"]
    local = plan_of(variants={"stable": {**VARIANT, "instance_type": "ml.g5.xlarge"}})
    assert only(local, CONFIGURATION).get("kmsKeyArn") is MISSING


def test_the_rollback_names_exactly_the_alarms_of_slo_and_gates():
    found = []
    plan = planned(RealtimeEndpoint, GUARDED, with_endpoint=lambda made: made.rollback_alarms.apply(found.extend))
    names = ["prod-ranker-stable-5xx", "prod-ranker-stable-p95", "prod-ranker-stable-gate-saturation"]
    told = only(plan, ENDPOINT).get("deploymentConfig.autoRollbackConfiguration.alarms")
    assert [alarm["alarmName"] for alarm in told] == names == found
    assert only(plan, IN_SERVICE).get("alarms") == names


def test_alarms_log_group_and_permissions_are_there_before_the_endpoint():
    waits = before(plan := plan_of(MAX), only(plan, ENDPOINT))
    wanted = {f"{each.type}::{each.name}" for each in plan if "EndpointMonitoring$" in each.key}
    assert wanted <= waits
    assert "aws:iam/rolePolicy:RolePolicy::ranker-role" in waits
    assert "aws:kms/grant:Grant::ranker-role" in waits
    assert "aws:s3/bucketPolicy:BucketPolicy::ranker-capture" in waits


def test_whoever_uses_the_endpoint_finds_it_in_service_and_scaling():
    waits = before(plan := planned(RealtimeEndpoint, MAX, with_endpoint=use), plan["test:index:User::user"])
    assert f"{IN_SERVICE}::ranker-in-service" in waits
    scaling = {f"{each.type}::{each.name}" for each in plan if each.type.startswith("aws:appautoscaling/")}
    assert len(scaling) == 3
    assert scaling <= waits


def test_scaling_begins_when_the_endpoint_is_in_service():
    waits = before(plan := plan_of(MAX), only(plan, "aws:appautoscaling/target:Target"))
    assert f"{IN_SERVICE}::ranker-in-service" in waits


def test_a_grant_lets_one_role_invoke_this_endpoint_once_it_serves():
    def grant(endpoint):
        endpoint.grant_invoke(aws.iam.Role("web", assume_role_policy="{}"), "web")

    plan = planned(RealtimeEndpoint, REALTIME, with_endpoint=grant)
    policy = plan["modelberth:index:RealtimeEndpoint$aws:iam/rolePolicy:RolePolicy::ranker-web-invoke"]
    assert policy.get("policy") is UNKNOWN, "the ARN is known once the endpoint is there"
    used = {plan[urn].type for urn in policy.property_dependencies["policy"]}
    assert {ENDPOINT, IN_SERVICE} <= used
    assert [plan[urn].name for urn in policy.property_dependencies["role"]] == ["web"]


def test_one_model_serves_a_version_on_two_instance_types():
    both = {"small": {**VARIANT, "weight": 30}, "large": {**VARIANT, "weight": 70, "instance_type": "ml.m7i.xlarge"}}
    plan = plan_of(variants=both)
    model = only(plan, MODEL)
    assert only(plan, CONFIGURATION).property_dependencies["productionVariants"].count(model.urn) == 1
    assert {each["instanceType"] for each in variants(plan).values()} == {"ml.m7i.large", "ml.m7i.xlarge"}


def test_two_models_of_one_version_that_are_known_later_are_two():
    def program_variants():
        images = [pulumi.Output.from_input(VARIANT["containers"][0]["image"]) for _ in range(2)]
        return {
            name: {**VARIANT, "weight": 50, "containers": [{"image": image}]}
            for name, image in zip(("a", "b"), images, strict=True)
        }

    plan = planned(lambda name, given: RealtimeEndpoint(name, {**given, "variants": program_variants()}), REALTIME)
    assert len({model.name for model in plan.of_type(MODEL)}) == 2


def test_eight_kinds_of_children_at_most():
    plan = plan_of(MAX)
    for component in (resource for resource in plan if resource.is_component):
        assert len({child.type for child in plan.children(component)}) <= 8
