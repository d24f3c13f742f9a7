"""An endpoint with inference components as a plan: who belongs to whom, what waits for what, what each is told."""

import json
from pathlib import Path

import pulumi
import pytest
from component_endpoints import AWAKE, FOUNDATION, LABELS, LEAST, MODEL, MOST, SLEEPING, planned
from inventory import assert_inventory

from modelberth.aws.sagemaker.components.endpoint import InferenceComponentEndpoint
from modelberth.core.errors import ConfigError, ModelberthError
from modelberth_policies.resources import MISSING
from modelberth_policies.sources.program import run_in_process

HERE = Path(__file__).parent
ENDPOINT = "modelberth:index:InferenceComponentEndpoint"
ONE = f"{ENDPOINT}$modelberth:index:InferenceComponent"
CONTROL = "aws:cloudcontrol/resource:Resource"
KEEPER = "pulumi-python:dynamic/modelberth:InferenceComponentInForce"

SAGEMAKER = "arn:aws:sagemaker:eu-central-1:123456789012:"

GUARDED = {
    **AWAKE,
    "instances": {"min_instance_count": 2, "max_instance_count": 2},
    "components": {"stable": {**MODEL, "copies": 2}},
    "rolling": {"batch": 50},
    "slo": {"p95": "200ms", "availability": "99.9%"},
}


@pytest.mark.parametrize(("scenario", "fields"), [("defaults", LEAST), ("max", MOST), ("guarded", GUARDED)])
def test_inventory(scenario, fields):
    assert_inventory(planned(fields), HERE / f"endpoint.{scenario}.inventory.yaml")


def test_at_most_eight_kinds_of_children():
    plan = planned(MOST)
    for resource in plan:
        if resource.type.startswith("modelberth:index:"):
            assert len({child.type for child in plan.children(resource)}) <= 8


def test_what_an_endpoint_says_of_itself():
    said = planned(LEAST).outputs
    assert said["url"] == "https://runtime.sagemaker.eu-central-1.amazonaws.com/endpoints/prod-ranker/invocations"
    assert said["versions"] == {"1.4.0": 100}
    assert said["component_names"] == {"stable": "prod-ranker--stable"}
    assert said["rollback_alarms"] == {"stable": ["prod-ranker--stable-5xx"]}
    assert said["signals"] == ["error_rate", "p50", "p95", "p99", "requests", "saturation"]
    assert (said["protocols"], said["traffic_control"]) == (["sagemaker-runtime"], "service")


def test_versions_speak_of_the_primary_component():
    assert planned(MOST).outputs["versions"] == {"1.4.0": 100}
    assert planned({**MOST, "primary": "speller"}).outputs["versions"] == {"2.0.1": 100}


def names_before(plan, key):
    """Everything that a resource waits for, near and far."""
    by_urn = {resource.urn: resource for resource in plan}
    found, open_ = set(), [plan[key]]
    while open_:
        for urn in open_.pop().dependencies:
            if urn in by_urn and urn not in found:
                found.add(urn)
                open_.append(by_urn[urn])
    return {by_urn[urn].name for urn in found}


def test_a_component_waits_for_the_fleet_its_alarms_its_log_group_and_its_model():
    plan = planned(LEAST)
    before = names_before(plan, f"{ONE}${CONTROL}::ranker-stable")
    wanted = {
        "ranker",
        "ranker-in-service",
        "ranker-stable-monitoring-5xx",
        "ranker-stable-monitoring-logs",
        "ranker-role",
    }
    assert wanted <= before


def test_what_runs_is_kept_after_it_was_made_and_scales_after_that():
    plan = planned(LEAST)
    assert "ranker-stable" in names_before(plan, f"{ONE}${KEEPER}::ranker-stable-in-force")
    target = f"{ONE}$modelberth:index:Autoscaling"
    assert "ranker-stable-in-force" in names_before(plan, f"{target}::ranker-stable-scaling")


def test_cloud_control_makes_a_component_and_leaves_its_changes_to_the_keeper():
    plan = planned(LEAST)
    assert plan[f"{ONE}${CONTROL}::ranker-stable"].options.ignore_changes == ("desiredState",)
    [fleet] = [one for one in plan.of_type(CONTROL) if one.get("typeName") == "AWS::SageMaker::EndpointConfig"]
    assert fleet.options.ignore_changes == ()


def names(plan, type_):
    return {resource.name for resource in plan.of_type(type_)}


def test_a_changed_model_is_a_new_model_and_the_same_component():
    changed = {**LEAST, "components": {"stable": {**SLEEPING, "version": "1.5.0"}}}
    before, after = planned(LEAST), planned(changed)
    model = "aws:sagemaker/model:Model"
    assert not names(before, model) & names(after, model)
    for type_ in (CONTROL, KEEPER, "aws:cloudwatch/metricAlarm:MetricAlarm", "aws:appautoscaling/target:Target"):
        assert names(before, type_) == names(after, type_)


def test_a_changed_fleet_is_a_new_configuration_of_the_same_endpoint():
    larger = {**LEAST, "instances": {"min_instance_count": 0, "max_instance_count": 3}}
    before, after = planned(LEAST), planned(larger)
    assert names(before, CONTROL) - names(after, CONTROL)
    assert names(before, "aws:sagemaker/endpoint:Endpoint") == names(after, "aws:sagemaker/endpoint:Endpoint")


def test_the_version_is_a_tag_of_the_model_and_not_of_the_fleet():
    plan = planned({**LEAST, "labels": {**LABELS, "version": "9.9.9"}})
    [model] = plan.of_type("aws:sagemaker/model:Model")
    [endpoint] = plan.of_type("aws:sagemaker/endpoint:Endpoint")
    assert (model.get("tags")["version"], endpoint.get("tags")["version"]) == ("1.4.0", "shared")
    assert plan.of_type(KEEPER)[0].get("tags")["version"] == "1.4.0"


def test_copies_are_told_only_where_scaling_does_not_decide():
    assert planned(LEAST).of_type(KEEPER)[0].get("copies") is MISSING
    assert planned(GUARDED).of_type(KEEPER)[0].get("copies") == 2


def policies(plan):
    found = {}
    for resource in plan.of_type("aws:iam/rolePolicy:RolePolicy"):
        document = resource.get("policy")
        if isinstance(document, str):
            found[resource.name] = json.loads(document)["Statement"]
    return found


def test_the_role_reads_the_models_and_writes_to_their_log_groups_and_nothing_else():
    statements = {one["Sid"]: one["Resource"] for found in policies(planned(MOST)).values() for one in found}
    assert statements["ReadFiles"] == [
        "arn:aws:s3:::models/ranker/*",
        "arn:aws:s3:::models/speller/*",
    ]
    logs = [
        resource
        for found in policies(planned(MOST)).values()
        for one in found
        if one["Sid"] == "WriteLogs"
        for resource in one["Resource"]
    ]
    group = "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/sagemaker/InferenceComponents/prod-ranker--"
    assert logs == [f"{group}ranker:*", f"{group}speller:*"]


def granted(components=()):
    def program():
        import pulumi_aws as aws

        endpoint = InferenceComponentEndpoint("ranker", MOST)
        caller = aws.iam.Role("web", name="web", assume_role_policy="{}")
        # What only the cloud knows is played, so that the policy can be read.
        endpoint.resource_id = pulumi.Output.from_input(
            "arn:aws:sagemaker:eu-central-1:123456789012:endpoint/prod-ranker"
        )
        endpoint.grant_invoke(caller, "web", components)

    plan = run_in_process(program, stack="prod")
    [statement] = policies(plan)["ranker-web-invoke"]
    return statement


def test_a_caller_may_invoke_the_endpoint_and_its_components():
    arn = SAGEMAKER
    assert granted()["Resource"] == [
        f"{arn}endpoint/prod-ranker",
        f"{arn}inference-component/prod-ranker--ranker",
        f"{arn}inference-component/prod-ranker--speller",
    ]
    assert granted(("speller",))["Resource"] == [
        f"{arn}endpoint/prod-ranker",
        f"{arn}inference-component/prod-ranker--speller",
    ]
    assert granted()["Action"] == ["sagemaker:InvokeEndpoint", "sagemaker:InvokeEndpointWithResponseStream"]


def test_a_grant_of_a_component_that_is_not_there_is_refused():
    with pytest.raises(ModelberthError, match=r"^ranker: no component 'ranke' to grant; there is ranker, speller$"):
        granted(("ranke",))


def test_the_dashboard_shows_every_component_and_its_alarms():
    [dashboard] = planned(MOST).of_type("aws:cloudwatch/dashboard:Dashboard")
    alarms, *graphs = json.loads(dashboard.get("dashboardBody"))["widgets"]
    named = {arn.rpartition(":")[2] for arn in alarms["properties"]["alarms"]}
    assert {"prod-ranker--ranker-p95", "prod-ranker--speller-no-capacity"} <= named
    assert {alarm.get("name") for alarm in planned(MOST).of_type("aws:cloudwatch/metricAlarm:MetricAlarm")} == named
    for graph in graphs:
        shown = {line[3] for line in graph["properties"]["metrics"]}
        assert shown == {"prod-ranker--ranker", "prod-ranker--speller"}
    places = [(graph["x"], graph["y"]) for graph in graphs]
    assert len(set(places)) == len(places)


def test_the_longest_names_fit():
    longest = "m" * 40

    def program():
        InferenceComponentEndpoint(longest, {**LEAST, "components": {longest: SLEEPING}})

    plan = run_in_process(program, stack="prod")
    named = [resource.get("name") for resource in plan if isinstance(resource.get("name"), str)]
    assert len(plan.of_type(KEEPER)[0].get("component_name")) <= 63
    assert max(len(name) for name in named) <= 255


def test_a_fault_names_the_endpoint():
    with pytest.raises(ConfigError, match=r"^configuration: 1 fault\n  ranker\.instance_type: "):
        planned({**LEAST, "instance_type": "ml.m7i.tiny"})


def test_the_providers_key_is_left_to_the_provider():
    plan = planned({**LEAST, "foundation": {**FOUNDATION, "encryption": {"reason": "a sandbox without data"}}})
    assert not plan.of_type("aws:kms/grant:Grant")
