"""The traps of AWS, of its provider and of Pulumi that no other test names: one test each. The table of all of them
and of the tests that hold them is `tests/components/aws/test_traps.py`."""

import ast
import inspect
import json
import re
import tomllib
from pathlib import Path

import pulumi
import pulumi_aws as aws
from components.aws.sagemaker.samples import (
    ASYNCHRONOUS,
    CONFIGURATION,
    ENDPOINT,
    IN_SERVICE,
    LABELS,
    MODEL,
    NEWER,
    REALTIME,
    SERVERLESS,
    VARIANT,
    before,
    only,
    planned,
)  # fmt: skip
from pulumi_aws.sagemaker import _inputs as words

from modelberth.aws.network import PrivateNetwork
from modelberth.aws.sagemaker.asynchronous.endpoint import AsyncEndpoint
from modelberth.aws.sagemaker.realtime.config import Fleet, RealtimeEndpointArgs
from modelberth.aws.sagemaker.realtime.endpoint import RealtimeEndpoint
from modelberth.aws.sagemaker.rollout import Rollout
from modelberth.aws.sagemaker.serverless.endpoint import ServerlessEndpoint
from modelberth_policies.sources.program import run_in_process

ROOT = Path(__file__).parents[4]
SOURCES = ROOT / "components" / "modelberth" / "aws"


def test_whatever_serves_is_read_back_whenever_the_configuration_is_another():
    plan = planned(RealtimeEndpoint, REALTIME)
    read_back = only(plan, IN_SERVICE)
    assert {plan[urn].type for urn in read_back.property_dependencies["config_name"]} == {CONFIGURATION}
    assert only(plan, ENDPOINT).urn in read_back.dependencies


def test_the_old_configuration_lives_until_the_endpoint_serves_the_new_one():
    old = planned(RealtimeEndpoint, REALTIME)
    new = planned(RealtimeEndpoint, {**REALTIME, "variants": {"stable": NEWER}})
    for type_ in (MODEL, CONFIGURATION):
        # Another resource in Pulumi: the old one goes at the end of the run, after every update, or it stays.
        assert only(old, type_).urn != only(new, type_).urn
        assert only(new, type_).options.delete_before_replace is False


def test_whatever_changes_the_endpoint_is_updated_in_place():
    changes = [
        {"variants": {"stable": NEWER}},
        {"variants": {"other": {**VARIANT, "instance_type": "ml.c7i.large"}}},
        {"rollout": {"rolling": {"batch": 50}}, "slo": {"p95": 1}},
        {"outbound": {"reason": "it asks a feature store"}},
        {"labels": LABELS},
    ]
    for change in changes:
        endpoint = only(planned(RealtimeEndpoint, {**REALTIME, **change}), ENDPOINT)
        assert (endpoint.name, endpoint.get("name")) == ("ranker", "prod-ranker")
        assert endpoint.options.replace_on_changes == ()


def test_the_field_says_that_an_update_sets_the_count_back():
    told = Fleet.model_fields["initial_instance_count"].description
    assert "after every update" in told
    assert "terraform-provider-aws issue 49069" in told
    assert not {"retain_all_variant_properties", "retain_deployment_config"} & parameters(aws.sagemaker.Endpoint)


def test_nobody_is_promised_the_time_that_an_update_may_take():
    models = [model for _, model in inspect.getmembers(inspect.getmodule(Rollout), inspect.isclass)]
    fields = {name for model in models for name in getattr(model, "model_fields", {})}
    assert {"canary", "linear", "bake", "interval"} <= fields
    assert not [name for name in fields if "timeout" in name or "execution" in name]


def parameters(resource):
    return set(inspect.signature(resource._internal_init).parameters)


def test_rolling_is_offered_because_the_provider_has_it():
    assert "rolling_update_policy" in words.EndpointDeploymentConfigArgsDict.__annotations__
    told = words.EndpointDeploymentConfigRollingUpdatePolicyArgsDict.__annotations__
    assert {"maximum_batch_size", "wait_interval_in_seconds"} <= set(told)
    assert "rolling" in Rollout.model_fields


def test_what_the_provider_lacks_is_no_field_here():
    """When the provider gains one of these, this fails, and the field can be offered."""
    lacking = {"vpc_config", "explainer_config", "enable_network_isolation"} & parameters(
        aws.sagemaker.EndpointConfiguration
    )
    scaling = set(words.EndpointConfigurationProductionVariantManagedInstanceScalingArgsDict.__annotations__)
    assert lacking == set()
    assert "scale_in_policy" not in scaling
    offered = set(RealtimeEndpointArgs.model_fields) | set(Fleet.model_fields)
    assert not [name for name in offered if "explain" in name or "vpc" in name or "reservation" in name]


def test_log_groups_are_made_before_anybody_writes_and_go_with_the_endpoint():
    for component, given in (
        (RealtimeEndpoint, REALTIME), (ServerlessEndpoint, SERVERLESS), (AsyncEndpoint, ASYNCHRONOUS)
    ):  # fmt: skip
        plan = planned(component, given)
        logs = only(plan, "aws:cloudwatch/logGroup:LogGroup")
        assert f"{logs.type}::{logs.name}" in before(plan, only(plan, ENDPOINT))
        assert not any(each.options.retain_on_delete for each in plan)
        actions = [
            action
            for policy in plan.of_type("aws:iam/rolePolicy:RolePolicy")
            for statement in json.loads(policy.get("policy"))["Statement"]
            for action in statement["Action"]
        ]
        assert "logs:PutLogEvents" in actions
        assert "logs:CreateLogGroup" not in actions, "it would come back after it is gone, without an end"


def test_no_endpoint_stands_in_a_default_network():
    required = RealtimeEndpointArgs.model_fields["foundation"].annotation.model_fields["network"]
    assert required.is_required()
    for component, given in ((RealtimeEndpoint, REALTIME), (AsyncEndpoint, ASYNCHRONOUS)):
        network = only(planned(component, given), MODEL).get("vpcConfig")
        assert network == {"securityGroupIds": ["sg-1"], "subnets": ["subnet-a", "subnet-b"]}


def network_types():
    account = {"region": "eu-central-1", "id": "123456789012"}

    def program():
        PrivateNetwork("ml", {"account": account, "encryption": {"reason": "only a test"}})

    return run_in_process(program, stack="prod")


def test_files_come_through_a_gateway_without_nat():
    plan = network_types()
    endpoints = plan.of_type("aws:ec2/vpcEndpoint:VpcEndpoint")
    gateways = [each.get("serviceName") for each in endpoints if each.get("vpcEndpointType") == "Gateway"]
    assert gateways == ["com.amazonaws.eu-central-1.s3"]
    assert not plan.of_type("aws:ec2/natGateway:NatGateway")


def test_the_network_has_an_endpoint_of_the_runtime():
    services = {each.get("serviceName") for each in network_types().of_type("aws:ec2/vpcEndpoint:VpcEndpoint")}
    assert "com.amazonaws.eu-central-1.sagemaker.runtime" in services


def test_a_plain_mapping_makes_what_a_model_makes():
    mapping = planned(RealtimeEndpoint, REALTIME)
    model = planned(lambda name, given: RealtimeEndpoint(name, RealtimeEndpointArgs.parse(given)), REALTIME)
    assert [(each.key, dict(each.inputs)) for each in mapping if each.custom] == [
        (each.key, dict(each.inputs)) for each in model if each.custom
    ]


def test_children_stay_with_their_component():
    def program():
        class Team(pulumi.ComponentResource):
            def __init__(self):
                super().__init__("test:index:Team", "team")

        RealtimeEndpoint("ranker", REALTIME, pulumi.ResourceOptions(parent=Team()))

    plan = run_in_process(program, stack="prod")
    ranker = plan["test:index:Team$modelberth:index:RealtimeEndpoint::ranker"]
    [team] = plan.of_type("test:index:Team")
    assert [each.urn for each in plan.children(team)] == [ranker.urn]
    assert only(plan, ENDPOINT).parent == ranker.urn


def test_no_component_looks_anything_up():
    """Programs are hermetic; a look-up would need `InvokeOptions(parent=self)`, and credentials in a preview."""
    calls = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in SOURCES.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if re.match(r"aws\.(\w+\.)?get_|pulumi\.runtime\.invoke", ast.unparse(node.func))
    ]
    assert calls == []


def test_the_provider_comes_with_an_extra_of_its_own():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert not [name for name in project["dependencies"] if name.startswith("pulumi-")]
    assert [name for name in project["optional-dependencies"]["aws"] if name.startswith("pulumi-aws")]


def test_warnings_are_no_errors_as_a_whole():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]
    assert not [entry for entry in settings["filterwarnings"] if entry in ("error", "ignore")]
