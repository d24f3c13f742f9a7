"""Resources through Cloud Control, and what boto3 is told of them, of models, configurations and alarms."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from aws_workspace import WorkspaceFactory
from botocore.exceptions import ClientError
from clouds.aws.standin import REGION, StandIn
from stand_in_programs import ENDPOINT, IMAGE

pytestmark = pytest.mark.engine

COMPONENT = (
    ENDPOINT
    + """
def resource(name, kind, desired, **words):
    return aws.cloudcontrol.Resource(name, type_name=f"AWS::SageMaker::{kind}",
        desired_state=pulumi.Output.json_dumps(desired), opts=opts(**words))

def component(name, **changes):
    return resource(name, "InferenceComponent", {"InferenceComponentName": name, "EndpointName": endpoint.name,
        "VariantName": "blue", "RuntimeConfig": {"CopyCount": settings.get_int("copies") or 1}, "Specification": {
        "ModelName": model.name, "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 1024}}, **changes})

def job(name, **changes):
    return resource(name, "ModelQualityJobDefinition", {"JobDefinitionName": "quality", "RoleArn": role.arn,
        "ModelQualityAppSpecification": {"ImageUri": "image", "ProblemType": "Regression"},
        "ModelQualityJobInput": {"GroundTruthS3Input": {"S3Uri": "s3://b/truth"}},
        "ModelQualityJobOutputConfig": {"MonitoringOutputs": [{"S3Output": {"LocalPath": "/x", "S3Uri": "s3://b/o"}}]},
        "JobResources": {"ClusterConfig": {"InstanceCount": settings.get_int("machines") or 1,
            "InstanceType": "ml.m5.large", "VolumeSizeInGB": 20}}, **changes})

scored = component("scored")
scaled = aws.appautoscaling.Target("scaled", service_namespace="sagemaker", min_capacity=0, max_capacity=2,
    scalable_dimension="sagemaker:inference-component:DesiredCopyCount",
    resource_id=scored.id.apply(lambda arn: arn.rpartition(":")[2]),
    opts=opts())
quality = job("quality")
pulumi.export("scored", scored.properties)
pulumi.export("ids", [scored.id, quality.id])
"""
)


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Callable[[StandIn, str], Any]:
    """A boto3 client of a service of a cloud."""

    def made(cloud: StandIn, service: str) -> Any:
        for name, value in cloud.environment.items():
            monkeypatch.setenv(name, value)
        return boto3.Session(region_name=REGION).client(service)

    return made


def test_components_and_jobs(aws_workspace: WorkspaceFactory, client: Callable[[StandIn, str], Any]) -> None:
    place = aws_workspace(program=COMPONENT)
    place.up()
    arn = "arn:aws:sagemaker:eu-central-1:123456789012"
    ids = [f"{arn}:inference-component/scored", f"{arn}:model-quality-job-definition/quality"]
    assert place.outputs()["ids"] == ids
    sagemaker = client(place.cloud, "sagemaker")
    described = sagemaker.describe_inference_component(InferenceComponentName="scored")
    assert described["InferenceComponentStatus"] == "InService"
    assert described["RuntimeConfig"] == {"CurrentCopyCount": 1, "DesiredCopyCount": 1}
    place.up("--config", "copies=2")
    described = sagemaker.describe_inference_component(InferenceComponentName="scored")
    assert described["RuntimeConfig"]["CurrentCopyCount"] == 2
    assert place.unchanged()
    # A job definition cannot be changed: it is replaced, and one of the same name is in the way.
    said = place.fails("--config", "machines=2")
    assert f"ResourceAlreadyExists: Resource {ids[1]} already exists." in said

    assert sagemaker.describe_model(ModelName="ranker-1")["PrimaryContainer"] == {
        "Image": IMAGE,
        "Environment": {"VERSION": "1"},
    }
    config = sagemaker.describe_endpoint_config(EndpointConfigName="ranker-1")
    assert config["ProductionVariants"][0]["InitialVariantWeight"] == 0.5
    place.cloud.alarm("ranker-errors", "ALARM")
    (alarm,) = client(place.cloud, "cloudwatch").describe_alarms(AlarmNames=["ranker-errors"])["MetricAlarms"]
    assert alarm["StateValue"] == "ALARM"

    place.write_program(
        COMPONENT
        + """
component("stray", EndpointName="rankers")
component("green", VariantName="green")
component("over", Specification={"BaseInferenceComponentName": "scores"})
job("roleless", RoleArn="arn:aws:iam::123456789012:role/rankers", JobDefinitionName="roleless")
"""
    )
    said = place.fails("--continue-on-error")
    for message in (
        'could not find endpoint "rankers"',
        "endpoint ranker has no variant green",
        'could not find inference component "scores"',
        "role arn:aws:iam::123456789012:role/rankers does not exist",
    ):
        assert message in said


def test_what_does_not_exist_is_said_as_aws_says_it(cloud: StandIn, client: Callable[[StandIn, str], Any]) -> None:
    with pytest.raises(ClientError, match=r'ValidationException.*Could not find endpoint "ranker"') as fault:
        client(cloud, "sagemaker").describe_endpoint(EndpointName="ranker")
    assert fault.value.response["Error"]["Code"] == "ValidationException"
    with pytest.raises(ClientError, match="UnknownOperation"):
        client(cloud, "sagemaker").list_models()
    assert client(cloud, "cloudwatch").describe_alarms()["MetricAlarms"] == []


def test_sts_names_the_account_and_hands_out_credentials(cloud: StandIn, client: Callable[[StandIn, str], Any]) -> None:
    sts = client(cloud, "sts")
    assert sts.get_caller_identity()["Account"] == "123456789012"
    assumed = sts.assume_role(RoleArn="arn:aws:iam::123456789012:role/deployer", RoleSessionName="modelberth")
    assert assumed["AssumedRoleUser"]["Arn"].endswith("assumed-role/deployer/modelberth")
    assert assumed["Credentials"]["SessionToken"]


def test_tags_are_listed(aws_workspace: WorkspaceFactory, client: Callable[[StandIn, str], Any]) -> None:
    place = aws_workspace(program="")
    arn = "arn:aws:sagemaker:eu-central-1:123456789012:model/ranker"
    place.cloud.add("aws:sagemaker/model:Model", "ranker", name="ranker", arn=arn, tagsAll={"owner": "search"})
    sagemaker = client(place.cloud, "sagemaker")
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "owner", "Value": "search"}]
