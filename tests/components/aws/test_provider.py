"""The one provider of a stack and the direct calls beside it: one account, one role, and no secret in a message."""

import datetime
import json
from pathlib import Path

import boto3
import botocore
import pulumi
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from modelberth.aws import provider
from modelberth.aws.provider import Account, client, provider_of
from modelberth.core.errors import ConfigError, ModelberthError
from modelberth_policies.resources import MISSING
from modelberth_policies.sources.program import run_in_process

HERE = {"region": "eu-central-1", "id": "123456789012"}
ROLE = "arn:aws:iam::123456789012:role/deployer"
PROVIDER = "pulumi:providers:aws"


def planned(account, tags=None):
    plan = run_in_process(lambda: provider_of("aws", Account.parse(account), tags) and None)
    return plan.of_type(PROVIDER)[0]


def test_the_provider_enters_one_region_of_one_account():
    made = planned(HERE)
    assert made.get("region") == "eu-central-1"
    assert json.loads(made.get("allowedAccountIds")) == ["123456789012"]
    assert made.get("assumeRoles") is MISSING
    assert made.get("defaultTags") is MISSING


def test_the_provider_assumes_the_role_and_puts_tags_on_everything():
    made = planned({**HERE, "role": ROLE}, {"owner": "search"})
    assert json.loads(made.get("assumeRoles")) == [{"roleArn": ROLE, "sessionName": "modelberth"}]
    assert json.loads(made.get("defaultTags")) == {"tags": {"owner": "search"}}


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"region": "eu-central"}, "region: not a region; write one like eu-central-1"),
        ({"region": "EU-CENTRAL-1"}, "region: not a region; write one like eu-central-1"),
        ({"id": "12345"}, "id: not an account; write its twelve digits in quotes"),
        ({"id": 123456789012}, "id: got 123456789012, input should be a valid string"),
        (
            {"role": "deployer"},
            "role: not the ARN of a role; write arn:aws:iam::<account>:role/<name>",
        ),
        (
            {"role": "arn:aws:iam::210987654321:role/deployer"},
            "role is of account 210987654321, allowed is 123456789012; take a role of that account",
        ),
    ],
)
def test_a_bad_account_is_refused(fields, fault):
    with pytest.raises(ConfigError) as error:
        Account.parse({**HERE, **fields})
    assert str(error.value) == f"configuration: 1 fault\n  {fault}"


def test_the_partition_of_every_region_is_that_of_botocore():
    partitions = json.loads((Path(botocore.__file__).parent / "data" / "partitions.json").read_text())["partitions"]
    regions = {region: part["id"] for part in partitions for region in part["regions"] if not region.endswith("global")}
    assert len(regions) > 30
    assert {region: Account(region=region, id=HERE["id"]).partition for region in regions} == regions


def test_an_arn_names_partition_region_and_account():
    account = Account(region="us-gov-west-1", id="123456789012")
    expected = "arn:aws-us-gov:sagemaker:us-gov-west-1:123456789012:endpoint/ranker"
    assert account.arn("sagemaker", "endpoint/ranker") == expected


@pytest.fixture
def credentials(monkeypatch, tmp_path):
    """Credentials of nobody, and no others that botocore could find on this machine."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-secret-access-key")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    return monkeypatch


def test_a_client_asks_in_the_region_of_the_account(credentials):
    with mock_aws():
        asked = client(Account.parse(HERE), "sagemaker")
        assert asked.meta.region_name == "eu-central-1"
        assert asked.list_endpoints()["Endpoints"] == []


def test_credentials_of_another_account_are_refused(credentials):
    with mock_aws(), pytest.raises(ModelberthError) as error:
        client(Account(region="eu-central-1", id="210987654321"), "sagemaker")
    assert str(error.value) == (
        "AWS: the credentials are of account 123456789012, allowed is 210987654321; switch to it"
    )


def test_without_credentials_the_message_says_how_to_get_some(credentials):
    credentials.delenv("AWS_ACCESS_KEY_ID")
    credentials.delenv("AWS_SECRET_ACCESS_KEY")
    for account in (HERE, {**HERE, "role": ROLE}):
        with pytest.raises(ModelberthError) as error:
            client(Account.parse(account), "sagemaker")
        assert str(error.value) == (
            "AWS account 123456789012, eu-central-1: no credentials; log in (`aws sso login`), or set AWS_PROFILE"
        )


def test_a_role_is_assumed_for_every_call(credentials):
    with mock_aws():
        asked = client(Account.parse({**HERE, "role": ROLE}), "sts")
        assert asked.get_caller_identity()["Arn"] == ("arn:aws:sts::123456789012:assumed-role/deployer/modelberth")


def test_credentials_of_a_role_are_renewed_before_they_expire(credentials):
    """A rollout may watch for longer than the hour that they last."""
    with mock_aws():
        session = provider._session(Account.parse({**HERE, "role": ROLE}))
        held = session.get_credentials()
        first = held.get_frozen_credentials()
        assert held.get_frozen_credentials() == first
        later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1)
        credentials.setattr(held, "_time_fetcher", lambda: later)
        credentials.setattr("botocore.credentials._local_now", lambda: later)
        assert held.get_frozen_credentials() != first


def refused(monkeypatch, code, message):
    """The message for an answer of STS."""
    sts = boto3.client("sts", region_name="eu-central-1")
    monkeypatch.setattr(boto3.Session, "client", lambda _session, _service: sts)
    with Stubber(sts) as stub, pytest.raises(ModelberthError) as error:
        stub.add_client_error("get_caller_identity", service_error_code=code, service_message=message)
        client(Account.parse(HERE), "sagemaker")
    return str(error.value)


def test_an_answer_that_repeats_the_signed_request_is_cut_after_its_first_line(credentials):
    said = refused(
        credentials, "SignatureDoesNotMatch", "Check your key.\n\nPOST\n/\nx-amz-security-token:IQoJb3JpZ2luX2VjEXAMPLE"
    )
    assert said == (
        "AWS account 123456789012, eu-central-1: GetCallerIdentity answered SignatureDoesNotMatch: Check your key."
    )


def test_what_a_program_that_hands_out_credentials_prints_is_not_shown(credentials, tmp_path):
    credentials.delenv("AWS_ACCESS_KEY_ID")
    credentials.delenv("AWS_SECRET_ACCESS_KEY")
    program = tmp_path / "hands-out"
    program.write_text("#!/bin/sh\necho a-secret-access-key >&2\nexit 1\n")
    program.chmod(0o755)
    (tmp_path / "config").write_text(f"[default]\ncredential_process = {program}\n")
    with pytest.raises(ModelberthError) as error:
        client(Account.parse(HERE), "sagemaker")
    assert str(error.value) == (
        "AWS account 123456789012, eu-central-1: no credentials from custom-process; "
        "log in again, or look there for the reason"
    )


def test_other_faults_of_the_way_there_are_said(credentials):
    credentials.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(ModelberthError) as error:
        client(Account.parse(HERE), "sagemaker")
    assert str(error.value) == (
        "AWS account 123456789012, eu-central-1: The config profile (nobody) could not be found"
    )


def test_a_provider_is_a_child_where_options_say_so():
    def program():
        parent = pulumi.ComponentResource("test:index:Parent", "parent")
        provider_of("aws", Account.parse(HERE), opts=pulumi.ResourceOptions(parent=parent))

    plan = run_in_process(program)
    assert plan.of_type(PROVIDER)[0].parent == plan["test:index:Parent::parent"].urn
