"""Which account everything talks to: the Pulumi provider and every direct call are built from the same value."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Self

import pulumi
import pulumi_aws as aws
from pydantic import model_validator

from modelberth.aws.ids import AccountId, Region, RoleArn
from modelberth.core.config import Config
from modelberth.core.errors import ModelberthError

if TYPE_CHECKING:
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

SESSION_NAME = "modelberth"
"""How an assumed role appears in CloudTrail."""


PARTITIONS = {
    "cn-": "aws-cn",
    "eu-isoe-": "aws-iso-e",
    "eusc-": "aws-eusc",
    "us-gov-": "aws-us-gov",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
    "us-isof-": "aws-iso-f",
}
"""How a region begins, to its partition; every other one is in `aws`. Source: `botocore/data/partitions.json`."""

DOMAINS = {
    "aws-cn": "amazonaws.com.cn",
    "aws-eusc": "amazonaws.eu",
    "aws-iso": "c2s.ic.gov",
    "aws-iso-b": "sc2s.sgov.gov",
    "aws-iso-e": "cloud.adc-e.uk",
    "aws-iso-f": "csp.hci.ic.gov",
}
"""Partition to the end of services' names, where it is not amazonaws.com. Source: `botocore/data/partitions.json`."""


class Account(Config):
    """One region of one account, and as whom it is entered."""

    region: Region
    """Where everything is made."""

    id: AccountId
    """The only account that is allowed. With credentials of another one nothing is made."""

    role: RoleArn | None = None
    """Role that is assumed for every call; one of this account. Left out: the caller's own credentials."""

    @model_validator(mode="after")
    def _role_is_here(self) -> Self:
        owner = self.id if self.role is None else self.role.split(":")[4]
        if owner != self.id:
            raise ValueError(f"role is of account {owner}, allowed is {self.id}; take a role of that account")
        return self

    @property
    def partition(self) -> str:
        """`aws`, `aws-cn`, `aws-us-gov` or another one of `PARTITIONS`."""
        return next((name for start, name in PARTITIONS.items() if self.region.startswith(start)), "aws")

    @property
    def domain(self) -> str:
        """What services' names end in: `amazonaws.com`."""
        return DOMAINS.get(self.partition, "amazonaws.com")

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a resource here: `account.arn("sagemaker", "endpoint/ranker")`."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.id}:{resource}"


def provider_of(
    name: str, account: Account, tags: Mapping[str, str] | None = None, opts: pulumi.ResourceOptions | None = None
) -> aws.Provider:
    """The one explicit provider of a stack. `tags` reach every resource that can carry them."""
    # Classes, not mappings: a provider's inputs become JSON before their keys are translated.
    role = aws.ProviderAssumeRoleArgs(role_arn=account.role, session_name=SESSION_NAME)
    return aws.Provider(
        name,
        region=account.region,
        allowed_account_ids=[account.id],
        assume_roles=None if account.role is None else [role],
        default_tags=None if tags is None else aws.ProviderDefaultTagsArgs(tags=dict(tags)),
        opts=opts,
    )


def client(account: Account, service: str) -> Any:
    """A boto3 client of a service, for what Pulumi cannot ask: `client(account, "sagemaker")`.

    It asks first whose the credentials are. Those of an assumed role are renewed as they expire, so that one client
    lasts a whole rollout. Raises `ModelberthError` where they are missing or belong to another account.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # where nothing is asked, nothing of it is loaded

    try:
        session = _session(account)
        got = session.client("sts").get_caller_identity()["Account"]
    except (BotoCoreError, ClientError) as error:
        raise ModelberthError(f"AWS account {account.id}, {account.region}: {_reason(error)}") from None
    if got != account.id:
        raise ModelberthError(f"AWS: the credentials are of account {got}, allowed is {account.id}; switch to it")
    return session.client(service)


def _session(account: Account) -> "boto3.Session":
    import boto3
    from botocore.credentials import CredentialResolver, DeferredRefreshableCredentials
    from botocore.session import Session

    if account.role is None:
        return boto3.Session(region_name=account.region)
    assumed = DeferredRefreshableCredentials(_assuming(account), SESSION_NAME)
    session = Session()
    session.register_component("credential_provider", CredentialResolver([_Held(assumed)]))
    return boto3.Session(botocore_session=session, region_name=account.region)


class _Held:
    """Credentials in the shape of something that looks for them, which is how a session takes them over."""

    METHOD = CANONICAL_NAME = SESSION_NAME

    def __init__(self, credentials: Any) -> None:
        self._credentials = credentials

    def load(self) -> Any:
        return self._credentials


def _assuming(account: Account) -> Callable[[], dict[str, Any]]:
    """What fetches credentials of the account's role, with those of the caller."""
    from functools import partial

    from botocore.credentials import AssumeRoleCredentialFetcher
    from botocore.exceptions import NoCredentialsError
    from botocore.session import Session

    session = Session()
    own = session.get_credentials()
    if own is None:
        raise NoCredentialsError
    create = partial(session.create_client, region_name=account.region)
    fetcher = AssumeRoleCredentialFetcher(create, own, account.role, extra_args={"RoleSessionName": SESSION_NAME})
    return fetcher.fetch_credentials


def _reason(error: "BotoCoreError | ClientError") -> str:
    """What went wrong, without what must not be shown.

    The later lines of an answer may repeat the signed request, session token included; what a program that hands out
    credentials prints may be anything.
    """
    from botocore.exceptions import ClientError, CredentialRetrievalError, NoCredentialsError

    if isinstance(error, ClientError):
        answer = error.response["Error"]
        return f"{error.operation_name} answered {answer['Code']}: {answer['Message'].partition(chr(10))[0]}"
    if isinstance(error, NoCredentialsError):
        return "no credentials; log in (`aws sso login`), or set AWS_PROFILE"
    if isinstance(error, CredentialRetrievalError):
        return f"no credentials from {error.kwargs['provider']}; log in again, or look there for the reason"
    return str(error)
