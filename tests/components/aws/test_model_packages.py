"""The newest approved package of a group, against moto's registry and boto3's own stub of the service."""

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from modelberth.aws.registry import newest_approved
from modelberth.core.errors import ModelberthError

ARN = "arn:aws:sagemaker:eu-central-1:123456789012:model-package/ranker/"
SPECIFICATION = {
    "Containers": [{"Image": "serving"}],
    "SupportedContentTypes": ["application/json"],
    "SupportedResponseMIMETypes": ["application/json"],
}
APPROVED, PENDING, REJECTED = "Approved", "PendingManualApproval", "Rejected"


@pytest.fixture
def client(monkeypatch):
    """A client of an account that only this test has."""
    for word in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(word, "test")
    with mock_aws():
        yield boto3.client("sagemaker", region_name="eu-central-1")


def register(client, *states):
    client.create_model_package_group(ModelPackageGroupName="ranker")
    for state in states:
        client.create_model_package(
            ModelPackageGroupName="ranker", ModelApprovalStatus=state, InferenceSpecification=SPECIFICATION
        )


def test_the_newest_approved_one_is_found_behind_newer_ones_that_are_not(client):
    register(client, APPROVED, APPROVED, PENDING, REJECTED)
    assert newest_approved(client, "ranker") == ARN + "2"


def test_approving_one_changes_the_answer(client):
    register(client, APPROVED, PENDING)
    assert newest_approved(client, "ranker") == ARN + "1"
    client.update_model_package(ModelPackageArn=ARN + "2", ModelApprovalStatus=APPROVED)
    assert newest_approved(client, "ranker") == ARN + "2"


@pytest.mark.parametrize(
    ("states", "message"),
    [
        (
            [PENDING, PENDING],
            f"model package group ranker has no approved package; pending: {ARN}2, {ARN}1; approve one: aws sagemaker "
            f"update-model-package --model-approval-status Approved --model-package-arn {ARN}2",
        ),
        (
            [REJECTED],
            "model package group ranker has 1 rejected and no approved package; register one and approve it",
        ),
        ([], "model package group ranker has no complete package; register one and approve it"),
    ],
)
def test_where_none_is_approved_the_message_says_what_to_do(client, states, message):
    register(client, *states)
    with pytest.raises(ModelberthError) as error:
        newest_approved(client, "ranker")
    assert str(error.value) == message


@pytest.fixture
def stub():
    """A client whose answers the test writes, page by page; all of them must be asked for."""
    made = boto3.client("sagemaker", region_name="eu-central-1", aws_access_key_id="test", aws_secret_access_key="test")
    with Stubber(made) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


ASKED = {"ModelPackageGroupName": "ranker", "SortBy": "CreationTime", "SortOrder": "Descending"}


def page(version=None, status="Completed", following=None):
    summary = {
        "ModelPackageArn": f"{ARN}{version}",
        "ModelPackageGroupName": "ranker",
        "ModelPackageVersion": version,
        "CreationTime": "2026-11-20T00:00:00Z",
        "ModelPackageStatus": status,
        "ModelApprovalStatus": APPROVED,
    }
    listed = [] if version is None else [summary]
    return {"ModelPackageSummaryList": listed, **({} if following is None else {"NextToken": following})}


def test_pages_are_turned_until_one_is_found_and_no_further(stub):
    asked = {**ASKED, "ModelApprovalStatus": APPROVED}
    stub.add_response("list_model_packages", page(following="second"), asked)
    stub.add_response("list_model_packages", page(9, "Failed", "third"), {**asked, "NextToken": "second"})
    stub.add_response("list_model_packages", page(8, following="fourth"), {**asked, "NextToken": "third"})
    assert newest_approved(stub.client, "ranker") == ARN + "8"


def test_a_refusal_of_the_service_names_the_group(stub):
    stub.add_client_error("list_model_packages", "AccessDeniedException", "not authorized")
    with pytest.raises(ModelberthError) as error:
        newest_approved(stub.client, "ranker")
    assert str(error.value) == (
        "model package group ranker: An error occurred (AccessDeniedException) when calling the ListModelPackages "
        "operation: not authorized"
    )
