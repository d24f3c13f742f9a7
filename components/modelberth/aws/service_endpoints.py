"""The endpoints through which a network without internet reaches AWS, and what may pass through each of them.

A policy of an endpoint grants nothing: roles and resource policies do. It bounds what may pass at all, so that code in
a container cannot carry data out with credentials of another account, nor to buckets of another one.
Source: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pulumi

from modelberth.aws.identity import INVOCATIONS, Statement, document
from modelberth.aws.provider import Account

S3 = "s3"
EXECUTE_API = "execute-api"

_PULL = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:GetAuthorizationToken",
    "ecr:GetDownloadUrlForLayer",
)

REQUIRED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "sagemaker.runtime": (*INVOCATIONS["now"], *INVOCATIONS["later"]),
        "ecr.api": _PULL,
        "ecr.dkr": _PULL,
        "logs": ("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"),
        "sts": ("sts:AssumeRole", "sts:GetCallerIdentity"),
        "kms": ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"),
        "secretsmanager": ("secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"),
    }
)
"""Services that models and their callers need, to the actions that may pass."""

NARROWED: Mapping[str, tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        "sagemaker.runtime": (("sagemaker", "endpoint/*"), ("sagemaker", "inference-component/*")),
        "logs": (("logs", "log-group:*"),),
        "secretsmanager": (("secretsmanager", "secret:*"),),
    }
)
"""Services of which only resources of this account and region may be reached."""

ANY_RESOURCE = "images, keys and roles may be of other accounts, and some actions know no resource; roles say which"
ANY_PRINCIPAL = "the condition says of which account"
ANY_CALLER = "a caller with an API key is nobody's principal; the API itself decides who is let in"
ANY_SIGNATURE = "ECR gives out addresses of layers that it has signed itself"
ANY_BUCKET = "buckets of results and captured data are made after the network; the condition says of which account"


def service_policy(account: Account, service: str, actions: tuple[str, ...]) -> pulumi.Output[str]:
    """The policy of a service's interface endpoint: these actions, for principals of the account."""
    resources = tuple(account.arn(*resource) for resource in NARROWED.get(service, ())) or ("*",)
    own = {"aws:PrincipalAccount": account.id}
    return document([_passing("Pass", actions, resources, own, ANY_RESOURCE)])


def api_policy(account: Account) -> pulumi.Output[str]:
    """The policy of the endpoint of private APIs: those of this account, for everyone in the network."""
    resources = (account.arn("execute-api", "*"),)
    return document([_passing("Call", ("execute-api:Invoke",), resources, {}, ANY_CALLER)])


def s3_policy(account: Account, buckets: Sequence[pulumi.Input[str]] = ()) -> pulumi.Output[str]:
    """The policy of the S3 endpoint: buckets of this account, image layers, and reading from the `buckets` named.

    Source of the bucket of layers: https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
    """
    reading = ("s3:GetBucketLocation", "s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket")
    writing = ("s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject")
    own = {"aws:PrincipalAccount": account.id, "aws:ResourceAccount": account.id}
    reader = {"aws:PrincipalAccount": account.id}
    layers = f"{_s3(account)}prod-{account.region}-starport-layer-bucket/*"
    named = tuple(pulumi.Output.concat(_s3(account), bucket, part) for bucket in buckets for part in ("", "/*"))
    return document(
        [
            _passing("OwnBuckets", (*reading, *writing), ("*",), own, ANY_BUCKET),
            _passing("ImageLayers", ("s3:GetObject",), (layers,), {}, ANY_SIGNATURE),
            *([_passing("NamedBuckets", reading, named, reader, ANY_PRINCIPAL)] if named else []),
        ]
    )


def check_partition(account: Account) -> None:
    """Raises `ValueError` where no network can be made here.

    In other partitions the names of endpoints differ from service to service:
    https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_ec2.InterfaceVpcEndpointAwsService.html
    """
    if account.partition not in ("aws", "aws-us-gov"):
        raise ValueError(
            f"region is in {account.partition}, where the names of endpoints are not known here; "
            "make the network yourself and pass it as a Network"
        )


def service_name(account: Account, service: str) -> str:
    """The name under which an endpoint of the service is made."""
    return f"com.amazonaws.{account.region}.{service}"


def _s3(account: Account) -> str:
    return f"arn:{account.partition}:s3:::"


def _passing(
    sid: str, actions: tuple[str, ...], resources: tuple[Any, ...], equal: Mapping[str, str], reason: str
) -> Statement:
    conditions = {"StringEquals": equal} if equal else {}
    return Statement(sid, actions, resources, conditions, reason, {"AWS": ("*",)})
