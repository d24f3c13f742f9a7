"""The stand-in holds what a stack makes: outputs, drift, names, references, and nothing after `destroy`."""

import json
import re

import pytest
from aws_workspace import WorkspaceFactory
from stand_in_programs import ENDPOINT, MISCELLANY

pytestmark = pytest.mark.engine

MADE = {
    "vpc": r"vpc-[0-9a-f]{17}",
    "subnet zone": "eu-central-1a",
    "door": r"vpce-[0-9a-f]{17}",
    "key": r"arn:aws:kms:eu-central-1:123456789012:key/[0-9a-f-]{36}",
    "alias": r"arn:aws:kms:eu-central-1:123456789012:key/[0-9a-f-]{36}",
    "bucket": r"bucket-[0-9a-f]{7}\.s3\.eu-central-1\.amazonaws\.com",
    "repository": r"123456789012\.dkr\.ecr\.eu-central-1\.amazonaws\.com/ranker",
    "topic": r"arn:aws:sns:eu-central-1:123456789012:topic-[0-9a-f]{7}",
    "role": r"arn:aws:iam::123456789012:role/role-[0-9a-f]{7}",
    "policy": r"role-[0-9a-f]{7}:policy-[0-9a-f]{7}",
    "machine": r"arn:aws:states:eu-central-1:123456789012:stateMachine:machine-[0-9a-f]{7}",
    "logs": r"arn:aws:logs:eu-central-1:123456789012:log-group:/ranker",
    "url": r"https://[0-9a-z]{10}\.execute-api\.eu-central-1\.amazonaws\.com/v1",
    "api root": r"[0-9a-z]{10}",
    "path": "/predict",
    "wall": r"arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/wall-[0-9a-f]{7}/[0-9a-f-]{36}",
    "pool": r"cognito-idp\.eu-central-1\.amazonaws\.com/eu-central-1_[0-9a-z]{10}",
    "me": "123456789012",
}


def test_many_types_come_up_stay_as_they_are_and_leave_nothing(aws_workspace: WorkspaceFactory) -> None:
    place = aws_workspace(program=MISCELLANY)
    place.up()
    outputs = place.outputs()
    made = outputs["made"]
    assert {name: made[name] for name in MADE if not re.fullmatch(MADE[name], str(made[name]))} == {}
    assert outputs["tags"] == {
        "vpc": {"owner": "search", "stage": "own"},
        "topic": {"owner": "search", "stage": "dev"},
    }
    # An output that repeats a secret input is sealed, and so is a key that the cloud made up.
    assert "hush" not in json.dumps(place.state())
    assert place.resources()["caller"]["outputs"]["value"] != outputs["caller"]
    place.up("--refresh", "--expect-no-changes")
    place.destroy()
    assert not place.cloud.count()


def test_preview_knows_names_and_not_what_only_the_cloud_knows(aws_workspace: WorkspaceFactory) -> None:
    place = aws_workspace(
        program="""
        role = aws.iam.Role("role", name="ranker", assume_role_policy="{}", opts=opts())
        role.name.apply(lambda name: pulumi.log.info(f"known: {name}"))
        role.arn.apply(lambda arn: pulumi.log.info(f"known: {arn}"))
        """
    )
    said = place.preview()
    assert "known: ranker" in said
    assert "known: arn" not in said
    assert not place.cloud.count()


def test_drift_is_found_and_put_right(aws_workspace: WorkspaceFactory) -> None:
    place = aws_workspace(
        program="""
        topic = aws.sns.Topic("topic", name="kept", display_name="mine", opts=opts())
        logs = aws.cloudwatch.LogGroup("logs", name="gone", retention_in_days=7, opts=opts())
        """
    )
    place.up()
    (topic,) = place.cloud.live("sns.Topic")
    with place.cloud.drift("sns.Topic", topic) as resource:
        resource.properties["displayName"] = "theirs"
    place.cloud.remove("cloudwatch.LogGroup", "gone")
    assert place.unchanged()
    said = place.up("--refresh")
    assert "1 created" in said
    assert "1 updated" in said
    assert place.cloud.live("sns.Topic")[topic].properties["displayName"] == "mine"
    assert list(place.cloud.live("cloudwatch.LogGroup")) == ["gone"]
    assert place.unchanged()


def test_another_account_is_refused(aws_workspace: WorkspaceFactory) -> None:
    place = aws_workspace(program='aws.iam.Role("role", assume_role_policy="{}", opts=opts())')
    with place.cloud.store.change() as cloud:
        cloud.account = "999999999999"
    assert "AWS account ID not allowed: 999999999999" in place.preview(check=False)


def test_names_are_unique_and_references_must_exist(aws_workspace: WorkspaceFactory) -> None:
    place = aws_workspace(program=ENDPOINT)
    place.up()
    twin = aws_workspace(
        cloud=place.cloud,
        program="""
        role = "arn:aws:iam::123456789012:role/ranker"
        image = {"image": "ranker"}
        wrong = [
            aws.sagemaker.Model("model", name="ranker-1", primary_container=image, execution_role_arn=role,
                opts=opts()),
            aws.sagemaker.Model("roleless", primary_container=image, execution_role_arn=role + "s", opts=opts()),
            aws.sagemaker.EndpointConfiguration("config", name="ranker-1", opts=opts(), production_variants=[
                {"model_name": "ranker-1"}]),
            aws.sagemaker.EndpointConfiguration("modelless", opts=opts(), production_variants=[
                {"model_name": "rankers"}]),
            aws.sagemaker.Endpoint("endpoint", endpoint_config_name="rankers", opts=opts()),
            aws.sagemaker.Endpoint("alarmless", endpoint_config_name="ranker-1", opts=opts(), deployment_config={
                "auto_rollback_configuration": {"alarms": [{"alarm_name": "silent"}]}}),
            aws.appautoscaling.Target("target", resource_id="endpoint/ranker/variant/green", min_capacity=1,
                max_capacity=2, service_namespace="sagemaker", opts=opts(),
                scalable_dimension="sagemaker:variant:DesiredInstanceCount"),
            # CloudWatch overwrites, as its Put calls do.
            aws.cloudwatch.MetricAlarm("errors", name="ranker-errors", comparison_operator="LessThanThreshold",
                evaluation_periods=2, opts=opts()),
        ]
        """,
    )
    said = twin.fails("--continue-on-error")
    arn = "arn:aws:sagemaker:eu-central-1:123456789012"
    for message in (
        f'Cannot create already existing model "{arn}:model/ranker-1".',
        "Could not assume role arn:aws:iam::123456789012:role/rankers.",
        f'Cannot create already existing endpoint configuration "{arn}:endpoint-config/ranker-1".',
        'Could not find model "rankers".',
        'Could not find endpoint configuration "rankers".',
        "Could not find CloudWatch alarm silent of the rollback.",
        "SageMaker resource endpoint/ranker/variant/green does not exist.",
    ):
        assert message in said
    assert set(place.cloud.count().values()) == {1}
    assert place.cloud.live("cloudwatch.MetricAlarm")["ranker-errors"].properties["evaluationPeriods"] == 2
