"""What SageMaker does with endpoints and their configurations, on the real engine."""

import shutil
from collections.abc import Callable

import boto3
import pytest
from aws_workspace import AwsWorkspace, WorkspaceFactory
from clouds.aws.standin import REGION, StandIn
from stand_in_programs import ENDPOINT, IMAGE

pytestmark = pytest.mark.engine


@pytest.fixture
def described(monkeypatch: pytest.MonkeyPatch) -> Callable[[StandIn], dict]:
    """What `describe_endpoint` says of the endpoint `ranker` in a cloud."""

    def asked(cloud: StandIn) -> dict:
        for name, value in cloud.environment.items():
            monkeypatch.setenv(name, value)
        return boto3.Session(region_name=REGION).client("sagemaker").describe_endpoint(EndpointName="ranker")

    return asked


@pytest.fixture(scope="module")
def first(aws_workspace: WorkspaceFactory) -> AwsWorkspace:
    """The guarded endpoint, up with version 1. Copied, never used in place."""
    made = aws_workspace(program=ENDPOINT)
    made.up()
    return made


@pytest.fixture
def place(first: AwsWorkspace, aws_workspace: WorkspaceFactory) -> AwsWorkspace:
    """The guarded endpoint, up with version 1: the files of `first`, its state and its cloud's."""
    made = aws_workspace(program=ENDPOINT)
    shutil.copytree(first.folder, made.folder, dirs_exist_ok=True)
    shutil.copytree(first.cloud.store.folder, made.cloud.store.folder, dirs_exist_ok=True)
    return made


def test_a_new_configuration_replaces_the_old_one_when_the_endpoint_is_on_it(
    place: AwsWorkspace, described: Callable[[StandIn], dict]
) -> None:
    with place.cloud.drift("sagemaker.Endpoint", "ranker") as endpoint:
        endpoint.live["variants"]["blue"]["count"] = 5  # an autoscaler's doing
    assert described(place.cloud)["ProductionVariants"][0]["CurrentInstanceCount"] == 5
    said = place.up("--config", "version=2")
    assert said.index("endpoint updated") < said.index("config deleted original")
    assert list(place.cloud.live("sagemaker.EndpointConfiguration")) == ["ranker-2"]
    assert place.outputs()["config"] == "ranker-2"
    answer = described(place.cloud)
    assert (answer["EndpointStatus"], answer["EndpointConfigName"]) == ("InService", "ranker-2")
    assert answer["ProductionVariants"] == [
        # UpdateEndpoint resets the count to the configuration's.
        {
            "VariantName": "blue",
            "CurrentWeight": 0.5,
            "DesiredWeight": 0.5,
            "CurrentInstanceCount": 2,
            "DesiredInstanceCount": 2,
        }
    ]
    assert place.unchanged()


def test_explicit_names_are_deleted_before_they_are_replaced_unless_the_program_says_otherwise(
    place: AwsWorkspace,
) -> None:
    place.write_program(ENDPOINT.replace("opts(delete_before_replace=False)", "opts()"))
    assert "EndpointConfiguration ranker-1 is in use by Endpoint ranker" in place.fails("--config", "version=2")


def test_an_update_that_was_rolled_back_in_silence_is_a_success_and_a_difference_the_next_time(
    place: AwsWorkspace, described: Callable[[StandIn], dict]
) -> None:
    place.cloud.faults({"on": "update", "type": "*:Endpoint", "with": IMAGE, "do": "rollback", "reason": "ping failed"})
    # The provider reports success, so the engine deletes what it replaced: the configuration that is in force.
    said = place.fails("--config", "version=2")
    assert "endpoint updated" in said
    assert "EndpointConfiguration ranker-1 is in use by Endpoint ranker" in said
    assert place.outputs()["config"] == "ranker-1"
    answer = described(place.cloud)
    assert (answer["EndpointConfigName"], answer["FailureReason"]) == ("ranker-1", "ping failed")
    assert 'endpointConfigName: "ranker-1" => "ranker-2"' in place.preview("--diff")
    place.cloud.faults({"on": "update", "type": "*:Endpoint", "with": "ranker-1", "do": "rollback"})
    place.up()
    assert "FailureReason" not in described(place.cloud)
    assert list(place.cloud.live("sagemaker.EndpointConfiguration")) == ["ranker-2"]
    assert place.unchanged()


def test_an_alarm_rolls_back_and_another_variant_is_refused(
    place: AwsWorkspace, described: Callable[[StandIn], dict]
) -> None:
    place.cloud.alarm("ranker-errors", "ALARM")
    place.fails("--config", "version=2")
    answer = described(place.cloud)
    assert answer["EndpointConfigName"] == "ranker-1"
    assert answer["FailureReason"].endswith("alarms in ALARM state: ranker-errors")
    place.cloud.alarm("ranker-errors", "OK")
    place.up()
    assert described(place.cloud)["EndpointConfigName"] == "ranker-2"
    # Deployment guardrails also want the variant names to stay.
    said = place.fails("--config", "version=3", "--config", "variants=green")
    assert "must have the same variant names as the old one" in said
    assert "['blue'], got ['green']" in said


def test_an_endpoint_that_failed_to_start_can_only_be_deleted(
    aws_workspace: WorkspaceFactory, described: Callable[[StandIn], dict]
) -> None:
    place = aws_workspace(program=ENDPOINT)
    place.cloud.faults({"on": "create", "type": "*:Endpoint", "do": "fail", "when": "after", "message": "no capacity"})
    assert "no capacity" in place.fails()
    assert described(place.cloud)["EndpointStatus"] == "Failed"
    place.cloud.faults()
    assert "Cannot update endpoint ranker in Failed status" in place.fails()
    place.destroy("--target", place.resources()["endpoint"]["urn"])
    place.up()
    assert described(place.cloud)["EndpointStatus"] == "InService"


SCALED = """
target = aws.appautoscaling.Target("target", service_namespace="sagemaker", min_capacity=1, max_capacity=4,
    resource_id=endpoint.name.apply(lambda name: f"endpoint/{name}/variant/blue"),
    scalable_dimension="sagemaker:variant:DesiredInstanceCount", opts=opts())
"""


def test_a_scaled_variant_keeps_its_instance_type_and_may_change_its_model(aws_workspace: WorkspaceFactory) -> None:
    place = aws_workspace(program=ENDPOINT + SCALED)
    place.up()
    place.up("--config", "version=2")
    said = place.fails("--config", "version=3", "--config", "machine=ml.m5.xlarge")
    assert "Variant blue of endpoint ranker is a scalable target: deregister it" in said
    # An endpoint that goes takes its targets with it, whoever made them.
    place.pulumi("state", "delete", "--yes", place.resources()["target"]["urn"])
    place.destroy()
    assert not place.cloud.count()
