"""A group of model packages: its name, who may read it, and which of its packages is the newest approved one."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import pulumi

from modelberth.aws.identity import Statement, name_in_aws
from modelberth.aws.ids import shaped
from modelberth.aws.provider import Account
from modelberth.core.errors import ModelberthError

GroupName = Annotated[
    str, shaped(r"[A-Za-z0-9](-*[A-Za-z0-9]){0,62}", "a model package group; write its name, letters, digits and -")
]
"""The name of a SageMaker model package group."""


def group_name(name: str) -> str:
    """The name in SageMaker of a registry's group. Groups are named by the same rule as models."""
    return name_in_aws(name, "aws-sagemaker-model")


def package_statements(
    account: Account, group: str, principals: Mapping[str, Sequence[pulumi.Input[str]]]
) -> list[Statement]:
    """What others may do with the packages of a group: find and deploy them. Approving stays here.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-deploy-xaccount.html
    """
    of_group = account.arn("sagemaker", f"model-package-group/{group}")
    of_packages = account.arn("sagemaker", f"model-package/{group}/*")
    reading = ("sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages", "sagemaker:CreateModel")
    return [
        Statement("FindGroup", ("sagemaker:DescribeModelPackageGroup",), (of_group,), principals=principals),
        Statement("DeployPackages", reading, (of_packages,), principals=principals),
    ]


def newest_approved(client: Any, group: str) -> str:
    """ARN of the newest package of a group that is approved and complete; `client` is boto3's of SageMaker.

    `group` is its name, or its ARN where it is another account's. Raises `ModelberthError` where there is none, with
    those that wait for approval, or where SageMaker refuses.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        newest = next(_packages(client, group, ModelApprovalStatus="Approved"), None)
        others = [] if newest else list(_packages(client, group))
    except (BotoCoreError, ClientError) as error:
        raise ModelberthError(f"model package group {group}: {error}") from None
    if newest is None:
        raise ModelberthError(_none_approved(group, others))
    return newest["ModelPackageArn"]


def _packages(client: Any, group: str, **wanted: str) -> Iterator[Mapping[str, Any]]:
    """The complete packages of a group, newest first."""
    pages = client.get_paginator("list_model_packages").paginate(
        ModelPackageGroupName=group, SortBy="CreationTime", SortOrder="Descending", **wanted
    )
    return (
        package
        for page in pages
        for package in page["ModelPackageSummaryList"]
        if package["ModelPackageStatus"] == "Completed"
    )


def _none_approved(group: str, others: Sequence[Mapping[str, Any]]) -> str:
    pending = [each["ModelPackageArn"] for each in others if each["ModelApprovalStatus"] == "PendingManualApproval"]
    if not pending:
        found = f"{len(others)} rejected and no approved" if others else "no complete"
        return f"model package group {group} has {found} package; register one and approve it"
    return (
        f"model package group {group} has no approved package; pending: {', '.join(pending)}; approve one: aws "
        f"sagemaker update-model-package --model-approval-status Approved --model-package-arn {pending[0]}"
    )
