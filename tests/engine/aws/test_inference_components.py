"""An endpoint with inference components on the real engine, against the stand-in."""

import boto3
import pytest
from aws_workspace import WorkspaceFactory

pytestmark = pytest.mark.engine

PROGRAM = """
from modelberth.aws.sagemaker.components.endpoint import InferenceComponentEndpoint
settings = pulumi.Config()
ecr = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
foundation = {
    "account": {"region": "eu-central-1", "id": "123456789012"},
    "network": {"vpc_id": "vpc-1", "subnet_ids": ["subnet-a", "subnet-b"], "model_security_group_id": "sg-1"},
    "encryption": {"reason": "a test without any data"},
    "registry": {"bucket": "models", "repository_arn": "arn:aws:ecr:eu-central-1:123456789012:repository/serving",
        "repository_url": ecr + "/serving"},
}
version = settings.get("version") or "1.4.0"
copies = settings.get_int("copies")
model = {
    "version": version,
    "container": {"image": ecr + "/serving@sha256:" + "1" * 64, "model_data": "s3://models/ranker/" + version + "/"},
    "requirements": {"min_memory_mib": 1024},
    **({"copies": copies} if copies else {"scaling": {"min_capacity": 2, "max_capacity": 4,
        "concurrent_requests_per_copy": {"target": 4}}}),
}
endpoint = InferenceComponentEndpoint("ranker", {
    "foundation": foundation, "instance_type": "ml.m7i.large",
    "instances": {"min_instance_count": 2, "max_instance_count": 6},
    "components": {"stable": model}, "rolling": {"batch": 50}, "slo": {"p95": "200ms"},
    "labels": {"owner": "o", "environment": "e", "cost_centre": "c", "service": "ranker", "model": "ranker",
        "version": version, "data_classification": "internal"},
}, opts())
pulumi.export("component", endpoint.component_names["stable"])
"""


def test_a_component_through_its_life(aws_workspace: WorkspaceFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    place = aws_workspace(program=PROGRAM)
    for name, value in place.cloud.environment.items():
        monkeypatch.setenv(name, value)
    sagemaker = boto3.Session(region_name="eu-central-1").client("sagemaker")

    def running():
        found = sagemaker.describe_inference_component(InferenceComponentName="dev-ranker--stable")
        tags = {tag["Key"]: tag["Value"] for tag in found["Tags"]} if "Tags" in found else {}
        return found["Specification"]["ModelName"], found["RuntimeConfig"]["DesiredCopyCount"], tags

    place.up()
    assert place.outputs() == {"component": "dev-ranker--stable"}
    assert place.unchanged()
    first, copies, _ = running()
    assert copies == 2

    place.up("--config", "version=1.5.0")
    second, copies, _ = running()
    assert second != first and copies == 2
    assert place.cloud.count()["sagemaker.Model"] == 1

    place.cloud.alarm("dev-ranker--stable-5xx", "ALARM")
    for _ in range(2):
        said = place.fails("--config", "version=1.6.0")
        assert "inference component dev-ranker--stable: SageMaker rolled the update back" in said
        assert "Alarms that fired: dev-ranker--stable-5xx" in said
        assert "Traceback" not in said
    assert running()[0] == second
    place.up("--config", "version=1.5.0")
    assert running()[0] == second
    place.cloud.alarm("dev-ranker--stable-5xx", "OK")
    place.up("--config", "version=1.6.0")
    assert running()[0] not in (first, second)

    place.refresh()
    assert place.unchanged()
    component = next(arn for arn in place.cloud.live("cloudcontrol.Resource") if "inference-component" in arn)
    with place.cloud.drift("cloudcontrol.Resource", component) as one:
        one.live["model"]["Specification"] = {**one.live["model"]["Specification"], "ModelName": "other"}
    place.refresh()
    assert not place.unchanged()
    place.up()
    assert running()[0] != "other"

    place.up("--config", "copies=3")
    assert running()[1] == 3
    place.up("--config", "copies=5")
    assert running()[1] == 5
    place.destroy()
    assert not place.cloud.count()
