"""The definition of the state machine: valid for AWS, and what it asks SageMaker for."""

import json
import re
from hashlib import sha256

import boto3
import pytest
from botocore.validate import ParamValidator
from cfnlint.api import lint
from components.aws.sagemaker.batch.machine import EXECUTION, play
from components.aws.sagemaker.batch.runs import JOB, SCHEDULED, WORKING, machine, played
from components.aws.sagemaker.batch.samples import LEAST, MOST, TOPIC
from hypothesis import given
from hypothesis import strategies as st

from modelberth.aws.sagemaker.batch.definition import job_prefix

NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")


def faults(states):
    """What cfn-lint says of a definition."""
    properties = {"RoleArn": "arn:aws:iam::123456789012:role/run", "DefinitionString": json.dumps(states)}
    resource = {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}
    return [str(match.message) for match in lint(json.dumps({"Resources": {"Machine": resource}}))]


@pytest.mark.parametrize("args", [LEAST, MOST])
@pytest.mark.parametrize(("topic", "restarts"), [(TOPIC, 3), (None, 0)])
def test_the_definition_is_valid(args, topic, restarts):
    assert faults(machine(args, topic, restarts=restarts, timeout="1h")) == []


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ({"Resource": None}, "'Resource' is a required property"),
        ({"TimeoutSecond": 60}, "('TimeoutSecond' was unexpected. Did you mean 'TimeoutSeconds'?)"),
        ({"Parameters": {}}, "('Parameters' was unexpected)"),
    ],
)
def test_what_is_not_valid_is_found(wrong, fault):
    states = machine()
    task = {**states["States"]["Transform"], **wrong}
    states["States"]["Transform"] = {word: value for word, value in task.items() if value is not None}
    (found,) = faults(states)
    assert fault in found


def test_every_state_leads_to_one_that_is_there_and_is_reached():
    states = machine()["States"]
    named = {"Name", *re.findall(r'"(?:Next|Default)": "(\w+)"', json.dumps(states))}
    assert named == states.keys()


@pytest.mark.parametrize("args", [LEAST, MOST])
def test_what_sagemaker_is_asked_for_is_what_its_api_takes(args):
    asked = played(WORKING, args=args).arguments(JOB)[0]
    model = boto3.session.Session(region_name="eu-central-1").client("sagemaker").meta.service_model
    shape = model.operation_model("CreateTransformJob").input_shape
    assert ParamValidator().validate(asked, shape).generate_report() == ""
    misspelt = ParamValidator().validate({**asked, "DataProcesing": {}}, shape).generate_report()
    assert "Unknown parameter in input" in misspelt


def test_the_least_that_is_asked_for():
    assert played(WORKING).arguments(JOB) == [
        {
            "TransformJobName": "prod-scores--" + sha256(f"{EXECUTION}/1".encode()).hexdigest()[:16],
            "ModelName": "prod-scores--abc",
            "TransformInput": {
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://records/in/2026-11-21/"}},
                "ContentType": "text/csv",
                "SplitType": "None",
                "CompressionType": "None",
            },
            "TransformOutput": {
                "S3OutputPath": "s3://records/out/2026-11-21/", "AssembleWith": "None", "KmsKeyId": "arn:o",
            },
            "TransformResources": {
                "InstanceType": "ml.m6i.large", "InstanceCount": 1, "VolumeKmsKeyId": "arn:v",
            },
            "Tags": [{"Key": "version", "Value": "1.4.0"}],
        }
    ]  # fmt: skip


def test_two_executions_never_meet_in_a_name_and_the_same_one_keeps_its_own():
    names = [
        play(machine(), {JOB: WORKING}, SCHEDULED, execution).output["job"]
        for execution in (EXECUTION, EXECUTION + "0", EXECUTION)
    ]
    assert names[0] != names[1] and names[0] == names[2]


@given(st.from_regex(r"[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?", fullmatch=True))
def test_a_job_name_is_one_for_sagemaker_however_long_the_prefix_would_be(name):
    prefix = job_prefix(name)
    assert NAME.fullmatch(f"{prefix}--{'0' * 16}")
    assert prefix == name if len(name) <= 45 else prefix.startswith(name[:30])


def test_long_names_that_begin_alike_stay_apart():
    assert job_prefix("a" * 60) != job_prefix("a" * 61)


def test_limits_of_time_are_those_of_the_run():
    states = machine(timeout="1h", restarts=1)
    assert (states["TimeoutSeconds"], states["States"]["Transform"]["TimeoutSeconds"]) == (8940, 3600)
