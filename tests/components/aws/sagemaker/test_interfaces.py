"""The pause between endpoint and role, against boto3's own stub, which checks parameters and answers."""

import boto3
import pytest
from botocore.stub import Stubber
from components.aws.sagemaker.components.component_endpoints import LEAST as SHARED
from components.aws.sagemaker.samples import ASYNCHRONOUS, ENDPOINT, REALTIME, SERVERLESS, before, only, planned
from hypothesis import given
from hypothesis import strategies as st

from modelberth.aws.sagemaker import interfaces
from modelberth.aws.sagemaker.asynchronous.endpoint import AsyncEndpoint
from modelberth.aws.sagemaker.components.endpoint import InferenceComponentEndpoint
from modelberth.aws.sagemaker.interfaces import PATIENCE_SECONDS, _Provider, is_over
from modelberth.aws.sagemaker.realtime.endpoint import RealtimeEndpoint
from modelberth.aws.sagemaker.serverless.endpoint import ServerlessEndpoint
from modelberth.core.errors import ModelberthError

PROPS = {
    "account": {"region": "eu-central-1", "id": "123456789012"},
    "security_group_id": "sg-1",
}
ASKED = {"Filters": [{"Name": "group-id", "Values": ["sg-1"]}]}
GONE = "pulumi-python:dynamic/modelberth:EndpointInterfacesGone"


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(interfaces, "time", made)
    return made


@pytest.fixture
def ec2(monkeypatch):
    """The stub of EC2; it must have answered all that it was told when the test ends."""
    client = boto3.client("ec2", region_name="eu-central-1", aws_access_key_id="test", aws_secret_access_key="test")
    monkeypatch.setattr(interfaces, "client", lambda account, service: {"ec2": client}[service])
    with Stubber(client) as stub:
        yield stub
        stub.assert_no_pending_responses()


def answer(stub, *ids, token=None):
    listed = [{"NetworkInterfaceId": id_, "Status": "in-use"} for id_ in ids]
    page = {"NetworkInterfaces": listed, **({"NextToken": token} if token else {})}
    stub.add_response("describe_network_interfaces", page, ASKED)


def deleted():
    _Provider().delete("sg-1", PROPS)


def test_without_an_interface_nothing_is_waited_for(ec2, clock):
    answer(ec2)
    deleted()
    assert clock.now == 1000


def test_interfaces_are_waited_for(ec2, clock):
    answer(ec2, "eni-1", "eni-2")
    answer(ec2, "eni-2")
    answer(ec2)
    deleted()
    assert clock.now == 1000 + 2 * interfaces.PAUSE_SECONDS


def test_an_interface_on_a_later_page_is_waited_for(ec2, clock):
    answer(ec2, token="more")
    page = {"NetworkInterfaces": [{"NetworkInterfaceId": "eni-1"}]}
    ec2.add_response("describe_network_interfaces", page, {**ASKED, "NextToken": "more"})
    answer(ec2)
    deleted()
    assert clock.now == 1000 + interfaces.PAUSE_SECONDS


def test_where_other_endpoints_stay_patience_ends_and_the_run_does_not_fail(ec2, clock):
    for _ in range(PATIENCE_SECONDS // interfaces.PAUSE_SECONDS + 1):
        answer(ec2, "eni-of-another-endpoint")
    deleted()
    assert clock.now == 1000 + PATIENCE_SECONDS


def test_a_refused_question_is_asked_again(ec2, clock):
    ec2.add_client_error("describe_network_interfaces", "RequestLimitExceeded", "Request limit exceeded.")
    answer(ec2)
    deleted()
    assert clock.now == 1000 + interfaces.PAUSE_SECONDS


def test_without_credentials_the_whole_time_is_waited_and_the_run_does_not_fail(monkeypatch, clock):
    def refused(account, service):
        raise ModelberthError("AWS account 123456789012, eu-central-1: no credentials")

    monkeypatch.setattr(interfaces, "client", refused)
    deleted()
    assert clock.now == 1000 + PATIENCE_SECONDS


@given(st.sampled_from([True, False, None]), st.floats(min_value=0, max_value=2 * PATIENCE_SECONDS))
def test_it_is_over_when_none_is_left_and_never_later_than_patience(left, waited):
    assert is_over(left, waited) == (left is False or waited >= PATIENCE_SECONDS)


def test_it_is_made_once_and_anew_for_another_group_only():
    provider = _Provider()
    made = provider.create(PROPS)
    assert (made.id, made.outs) == ("sg-1", PROPS)
    assert not provider.diff("sg-1", PROPS, PROPS).changes
    assert provider.diff("sg-1", PROPS, {**PROPS, "security_group_id": "sg-2"}).replaces == ["security_group_id"]


@pytest.mark.parametrize(
    ("kind", "args"),
    [(RealtimeEndpoint, REALTIME), (AsyncEndpoint, ASYNCHRONOUS), (InferenceComponentEndpoint, SHARED)],
)
def test_it_stands_between_an_endpoint_and_its_role_with_the_roles_policy(kind, args):
    plan = planned(kind, args)
    gone = only(plan, GONE)
    assert gone.inputs["security_group_id"] == "sg-1"
    assert f"{GONE}::ranker-role-interfaces" in before(plan, only(plan, ENDPOINT))
    outlive = before(plan, gone)
    assert "aws:iam/role:Role::ranker-role" in outlive
    assert "aws:iam/rolePolicy:RolePolicy::ranker-role" in outlive


def test_a_serverless_endpoint_has_no_interface_to_wait_for():
    assert not planned(ServerlessEndpoint, SERVERLESS).of_type(GONE)
