"""The read-back and the live view, against boto3's own stub, which checks parameters and answers."""

import boto3
import pytest
from botocore.stub import Stubber

from modelberth.aws.provider import Account
from modelberth.aws.sagemaker import in_service, live
from modelberth.aws.sagemaker.in_service import _Provider, require
from modelberth.aws.sagemaker.live import SageMakerLiveTarget
from modelberth.core.errors import ModelberthError

ACCOUNT = {"region": "eu-central-1", "id": "123456789012"}
NAME, OLD, NEW = "prod-ranker", "prod-ranker--old", "prod-ranker--new"
PROPS = {"account": ACCOUNT, "endpoint_name": NAME, "config_name": NEW, "alarms": []}
ALARM = "prod-ranker-5xx"
SINCE = "2026-11-20T00:00:00Z"


@pytest.fixture
def aws(monkeypatch):
    """Stubs of the two clients; each must have answered all that it was told when the test ends."""
    monkeypatch.setattr(in_service, "PAUSE_SECONDS", 0)
    clients = {
        service: boto3.client(
            service, region_name="eu-central-1", aws_access_key_id="test", aws_secret_access_key="test"
        )
        for service in ("sagemaker", "cloudwatch")
    }
    stubs = {service: Stubber(client) for service, client in clients.items()}
    for module in (in_service, live):
        monkeypatch.setattr(module, "client", lambda account, service: clients[service])
    for stub in stubs.values():
        stub.activate()
    yield stubs
    for stub in stubs.values():
        stub.assert_no_pending_responses()


def answer(stub, config, status="InService", reason=None, variants=()):
    described = {
        "EndpointName": NAME,
        "EndpointArn": f"arn:aws:sagemaker:eu-central-1:123456789012:endpoint/{NAME}",
        "EndpointConfigName": config,
        "EndpointStatus": status,
        "CreationTime": SINCE,
        "LastModifiedTime": SINCE,
        **({"FailureReason": reason} if reason else {}),
        **({"ProductionVariants": list(variants)} if variants else {}),
    }
    stub.add_response("describe_endpoint", described, {"EndpointName": NAME})


def gone(stub):
    message = f'Could not find endpoint "arn:aws:sagemaker:eu-central-1:123456789012:endpoint/{NAME}".'
    stub.add_client_error("describe_endpoint", "ValidationException", message)


def test_an_endpoint_that_serves_what_was_asked_for_passes(aws):
    answer(aws["sagemaker"], NEW)
    require(PROPS)


def test_an_update_that_is_under_way_is_waited_for(aws):
    for status in ("Updating", "RollingBack", "InService"):
        answer(aws["sagemaker"], NEW, status)
    require(PROPS)


def test_a_silent_rollback_fails_with_the_services_reason_and_the_alarms(aws):
    answer(aws["sagemaker"], OLD, reason="the container answered 500 to /ping")
    alarm = {"AlarmName": ALARM, "StateValue": "ALARM"}
    asked = {"AlarmNames": [ALARM], "StateValue": "ALARM"}
    aws["cloudwatch"].add_response("describe_alarms", {"MetricAlarms": [alarm]}, asked)
    with pytest.raises(ModelberthError) as error:
        require({**PROPS, "alarms": [ALARM]})
    assert str(error.value) == (
        "endpoint prod-ranker: SageMaker rolled the update back: the container answered 500 to /ping. Alarms that "
        "fired: prod-ranker-5xx. It serves prod-ranker--old as before, not prod-ranker--new. Mend the new version and "
        "run again, or go back to the old one"
    )


def test_a_failed_endpoint_names_its_log_group(aws):
    answer(aws["sagemaker"], NEW, "Failed", "no image")
    with pytest.raises(ModelberthError, match=r"prod-ranker is Failed: no image\. Wanted .* /aws/sagemaker/Endpoints/"):
        require(PROPS)


def test_an_endpoint_that_is_gone_says_what_to_do(aws):
    gone(aws["sagemaker"])
    with pytest.raises(ModelberthError) as error:
        require(PROPS)
    assert str(error.value) == "endpoint prod-ranker is gone; run pulumi up --refresh"


def test_it_is_asked_again_for_another_configuration_only():
    provider = _Provider()
    assert not provider.diff(NAME, PROPS, {**PROPS, "alarms": [ALARM]}).changes
    assert provider.diff(NAME, PROPS, {**PROPS, "config_name": OLD}).changes
    assert provider.diff(NAME, PROPS, {**PROPS, "endpoint_name": "prod-other"}).replaces == ["endpoint_name"]


def test_a_refresh_records_what_serves(aws):
    answer(aws["sagemaker"], OLD)
    assert _Provider().read(NAME, PROPS).outs == {**PROPS, "config_name": OLD}
    gone(aws["sagemaker"])
    assert _Provider().read(NAME, PROPS).id == ""


def variants(**weights):
    return [{"VariantName": name, "CurrentWeight": float(weight)} for name, weight in weights.items()]


def versions(stub, **served):
    """The configuration in force and the version tag of each of its models."""
    listed = [{"VariantName": name, "ModelName": f"prod-ranker--{name}"} for name in served]
    described = {
        "EndpointConfigName": NEW,
        "EndpointConfigArn": f"arn:aws:sagemaker:eu-central-1:123456789012:endpoint-config/{NEW}",
        "ProductionVariants": listed,
        "CreationTime": SINCE,
    }
    stub.add_response("describe_endpoint_config", described, {"EndpointConfigName": NEW})
    for name, version in served.items():
        arn = f"arn:aws:sagemaker:eu-central-1:123456789012:model/prod-ranker--{name}"
        stub.add_response("list_tags", {"Tags": [{"Key": "version", "Value": version}]}, {"ResourceArn": arn})


def test_live_tells_which_versions_serve(aws):
    target = SageMakerLiveTarget(Account.parse(ACCOUNT), NAME)
    answer(aws["sagemaker"], NEW, variants=variants(stable=90, candidate=10))
    versions(aws["sagemaker"], stable="1.4.0", candidate="1.5.0")
    assert target.serving() == {"1.4.0": 90, "1.5.0": 10}


def test_a_version_at_weight_0_is_listed(aws):
    answer(aws["sagemaker"], NEW, variants=variants(stable=100, candidate=0))
    versions(aws["sagemaker"], stable="1.4.0", candidate="1.5.0")
    assert SageMakerLiveTarget(Account.parse(ACCOUNT), NAME).serving() == {"1.4.0": 100, "1.5.0": 0}


def test_live_tells_why_a_version_does_not_serve(aws):
    target = SageMakerLiveTarget(Account.parse(ACCOUNT), NAME)
    for version, why in (("1.4.0", None), ("1.5.0", "out of memory")):
        answer(aws["sagemaker"], NEW, reason="out of memory", variants=variants(stable=100))
        versions(aws["sagemaker"], stable="1.4.0")
        assert target.failure(version) == why
    gone(aws["sagemaker"])
    assert target.failure("1.4.0") == "the endpoint does not exist"


def test_nothing_serves_where_there_is_no_endpoint(aws):
    gone(aws["sagemaker"])
    assert SageMakerLiveTarget(Account.parse(ACCOUNT), NAME).serving() == {}
