"""The stand-in checks every input against the installed SDK; nothing of it needs the engine but the last test."""

import json
from typing import Any

import pytest
from aws_workspace import WorkspaceFactory
from clouds.aws import check, cloudcontrol
from clouds.aws.types import PROVIDER, UnknownTypeError, resource_type
from pulumi.runtime.rpc import UNKNOWN

MODEL = "aws:sagemaker/model:Model"
CONFIG = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
VARIANT = {"modelName": "ranker", "instanceType": "ml.m5.large"}


def config(**changes: Any) -> dict[str, Any]:
    return {"productionVariants": [{**VARIANT, **changes}]}


WRONG = {
    "misspelt": (
        (MODEL, {"executionRoleArn": "arn", "contaners": []}),
        ("contaners", "no such property; did you mean containers?"),
    ),
    "misspelt, nested": (
        (CONFIG, config(inital_variant_weight=1)),
        ("productionVariants[0].inital_variant_weight", "no such property; did you mean initialVariantWeight?"),
    ),
    "missing": ((MODEL, {}), ("executionRoleArn", "is required and missing")),
    "missing, nested": (
        (CONFIG, config(serverlessConfig={"memorySizeInMb": 2048})),
        ("productionVariants[0].serverlessConfig.maxConcurrency", "is required and missing"),
    ),
    "text for a number": (
        (CONFIG, config(initialInstanceCount="two")),
        ("productionVariants[0].initialInstanceCount", 'got "two", must be a whole number'),
    ),
    "fraction for a whole number": (
        (CONFIG, config(initialInstanceCount=1.5)),
        ("productionVariants[0].initialInstanceCount", "got 1.5, must be a whole number"),
    ),
    "truth for a number": (
        (CONFIG, config(initialVariantWeight=True)),
        ("productionVariants[0].initialVariantWeight", "got true, must be a number"),
    ),
    "number for text": ((CONFIG, {**config(), "name": 7}), ("name", "got 7, must be text")),
    "object for a list": (
        (CONFIG, {"productionVariants": VARIANT}),
        ("productionVariants", "got an object, must be a list"),
    ),
    "list for an object": (
        (MODEL, {"executionRoleArn": "arn", "vpcConfig": []}),
        ("vpcConfig", "got a list, must be an object"),
    ),
    "number in a map": ((CONFIG, {**config(), "tags": {"a": 1}}), ("tags.a", "got 1, must be text")),
    "provider": ((PROVIDER, {"allowedAccountIds": "7"}), ("allowedAccountIds", 'got "7", must be a list')),
    "provider, nested in JSON": (
        (PROVIDER, {"defaultTags": '{"tag": {}}'}),
        ("defaultTags.tag", "no such property; did you mean tags?"),
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_input_is_found_with_its_path(name: str) -> None:
    (token, inputs), fault = WRONG[name]
    found = check.provider_faults if token == PROVIDER else check.faults
    assert found(resource_type(token), inputs) == [fault]


RIGHT = {
    "unknown": (CONFIG, {"productionVariants": UNKNOWN, "tags": {"a": UNKNOWN}}),
    "unknown, nested": (CONFIG, config(initialInstanceCount=UNKNOWN, serverlessConfig=UNKNOWN)),
    "whole number for a number": (CONFIG, config(initialVariantWeight=0)),
    "text for a policy document": ("aws:iam/rolePolicy:RolePolicy", {"role": "r", "policy": "{}"}),
    "object for a policy document": (
        "aws:iam/rolePolicy:RolePolicy",
        {"role": "r", "policy": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["a"]}]}},
    ),
    "asset": (
        "aws:s3/bucketObjectv2:BucketObjectv2",
        {"bucket": "b", "source": {check.SPECIAL: "c44067f5952c0a294b673a41bacd8c17", "text": "x"}},
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_input_passes(name: str) -> None:
    token, inputs = RIGHT[name]
    assert check.faults(resource_type(token), inputs) == []


def test_unknown_type_is_refused() -> None:
    with pytest.raises(UnknownTypeError, match="has no resource type aws:sagemaker/modle:Modle"):
        resource_type("aws:sagemaker/modle:Modle")


COMPONENT = {
    "EndpointName": "ranker",
    "Specification": {"ModelName": "ranker", "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 1024}},
    "RuntimeConfig": {"CopyCount": 1},
}
DESIRED = {
    "right": ("InferenceComponent", COMPONENT, []),
    "misspelt": (
        "InferenceComponent",
        {**COMPONENT, "VariantNam": "a"},
        [("desiredState", "Additional properties are not allowed ('VariantNam' was unexpected)")],
    ),
    "misspelt, nested": (
        "InferenceComponent",
        {**COMPONENT, "RuntimeConfig": {"Copies": 1}},
        [("desiredState.RuntimeConfig", "Additional properties are not allowed ('Copies' was unexpected)")],
    ),
    "missing": (
        "InferenceComponent",
        {"Specification": {}},
        [("desiredState", "'EndpointName' is a required property")],
    ),
    "wrong type": (
        "InferenceComponent",
        {**COMPONENT, "RuntimeConfig": {"CopyCount": "1"}},
        [("desiredState.RuntimeConfig.CopyCount", "'1' is not of type 'integer'")],
    ),
    "read-only": (
        "InferenceComponent",
        {**COMPONENT, "InferenceComponentArn": "arn"},
        [("desiredState.InferenceComponentArn", "is read-only")],
    ),
    "no such type": (
        "InferenceComponents",
        {},
        [("typeName", "CloudFormation has no type AWS::SageMaker::InferenceComponents")],
    ),
}


@pytest.mark.parametrize("name", DESIRED)
def test_desired_state_is_checked_against_the_schema(name: str) -> None:
    kind, desired, expected = DESIRED[name]
    inputs = {"typeName": f"AWS::SageMaker::{kind}", "desiredState": json.dumps(desired)}
    assert [fault for fault in cloudcontrol.faults(inputs) if "oneOf" not in fault[1]] == expected


@pytest.mark.parametrize("kind", ["ModelQuality", "ModelBias", "ModelExplainability"])
def test_monitoring_jobs_have_schemas(kind: str) -> None:
    inputs = {"typeName": f"AWS::SageMaker::{kind}JobDefinition", "desiredState": "{}"}
    found = [reason for _, reason in cloudcontrol.faults(inputs)]
    assert f"'{kind}AppSpecification' is a required property" in found
    assert "'RoleArn' is a required property" in found


@pytest.mark.engine
def test_misspelt_nested_key_fails_the_preview(aws_workspace: WorkspaceFactory) -> None:
    place = aws_workspace(
        program="""
        aws.sagemaker.EndpointConfiguration("config", production_variants=[{"model_nam": "ranker"}], opts=opts())
        """
    )
    said = place.preview(check=False)
    assert "productionVariants[0].model_nam no such property; did you mean modelName?" in said
    assert not place.cloud.count()
