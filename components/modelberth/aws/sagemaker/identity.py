"""The execution role of one endpoint: one model's files, one repository, one log group, and what was asked for."""

from typing import Annotated, Any, Self

import pulumi
from pydantic import AfterValidator, Field, model_validator

from modelberth.aws.encryption import Encryption, Operation, grant_use
from modelberth.aws.foundation import Foundation
from modelberth.aws.identity import Statement, after, service_role
from modelberth.aws.ids import TopicArn, shaped
from modelberth.aws.registry import RepositoryArn
from modelberth.aws.sagemaker import permissions
from modelberth.aws.sagemaker.interfaces import InterfacesGone
from modelberth.core.component import Component
from modelberth.core.config import Config, In
from modelberth.core.labels import Labels, render

# Characters that mean nothing in a policy: no *, no ?, no $.
_KEY = r"[A-Za-z0-9!_.'()/=+@-]"
_BUCKET = r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/"

ArtefactUri = Annotated[
    str,
    shaped(
        rf"{_BUCKET}{_KEY}+(/|\.tar\.gz)",
        "a model's files; write s3://<bucket>/<model>/<version>/ for a folder, or the address of a .tar.gz",
    ),
]
"""A folder in S3, or one archive."""

FolderUri = Annotated[
    str, shaped(rf"{_BUCKET}({_KEY}+/)?", "a folder; write s3://<bucket>/<folder>/, or s3://<bucket>/ for all of it")
]
"""A folder in S3, or a bucket as a whole."""

LogGroupName = Annotated[str, shaped(r"[A-Za-z0-9_/.#-]{1,512}", "a log group; write its name, /aws/sagemaker/…")]
"""The name of a log group."""

Namespace = Annotated[
    str, shaped(r"/?[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*(/\*)?", "a namespace; write one like /aws/sagemaker/Endpoints")
]
"""A namespace of metrics; `/*` at its end stands for all below."""


def _some(repositories: tuple[Any, ...]) -> tuple[Any, ...]:
    if not repositories:
        raise ValueError("there is none, and an endpoint has at least one image; name its repository, or leave it out")
    return repositories


class Folder(Config):
    """A folder beyond the model's own."""

    uri: In[FolderUri]
    """Address of the folder, `s3://bucket/folder/`."""

    reason: Annotated[str, Field(min_length=10)]
    """Why the model's role needs it: `input of asynchronous requests`."""

    encryption: Encryption | None = None
    """With which key what is written there is encrypted. Left out: the foundation's."""


class ExecutionRoleArgs(Config):
    """What one endpoint does on its own."""

    foundation: Foundation
    """Account, network, key and registry that it stands on."""

    artefacts: tuple[In[ArtefactUri], ...]
    """Where the files of its models lie. Empty: in the images."""

    log_group_name: In[LogGroupName]
    """The one log group that it writes to. It must be there: the role may not make it, so that it does not come back
    without retention and key after it was destroyed."""

    repositories: Annotated[tuple[In[RepositoryArn], ...], AfterValidator(_some)] | None = None
    """ARNs of the repositories of its images. Left out: the registry's."""

    reads: tuple[Folder, ...] = ()
    """Folders that it reads besides. Left out: none."""

    writes: tuple[Folder, ...] = ()
    """Folders that it writes to. Left out: none."""

    topics: tuple[In[TopicArn], ...] = ()
    """ARNs of the SNS topics that it publishes to. Left out: none."""

    namespaces: tuple[Namespace, ...] = ("/aws/sagemaker/*",)
    """Namespaces of the metrics that it puts. Left out: SageMaker's own. Empty: it puts none."""

    in_vpc: bool = True
    """Whether its models stand in the network's subnets, for which it makes network interfaces. Left out: yes."""

    volume_key: bool = True
    """Whether its volumes take the customer's key. Left out: yes."""

    alarms: tuple[str, ...] = ()
    """Names of the alarms that roll its updates back. Left out: none does."""

    labels: Labels | None = None
    """Who owns it. Left out: no tags."""

    @model_validator(mode="after")
    def _one_other_key(self) -> Self:
        own = self.foundation.encryption
        others = [one.encryption for one in self.writes if one.encryption is not None and one.encryption != own]
        if any(other != others[0] for other in others):
            raise ValueError("writes are encrypted with several keys besides the foundation's; take one")
        return self


class ExecutionRole(Component):
    """A role that SageMaker assumes for this account and region, bounded by the foundation's permissions boundary."""

    arn: pulumi.Output[str]
    """ARN of the role, once its policy and its use of the key are in force."""
    name: pulumi.Output[str]
    """Name of the role, likewise."""

    def __init__(
        self, name: str, args: ExecutionRoleArgs | dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = ExecutionRoleArgs.parse(args, name)
        super().__init__(name, args, opts)
        foundation = args.foundation
        made = service_role(
            name,
            "sagemaker.amazonaws.com",
            foundation.account,
            execution_statements(args),
            permissions_boundary=foundation.permissions_boundary,
            tags=None if args.labels is None else render(args.labels, "aws"),
            opts=self.child(),
            # The whole account and region: SageMaker sends no narrower ARN for an endpoint.
            # https://docs.aws.amazon.com/sagemaker/latest/dg/security-confused-deputy-prevention.html
            source_arn=foundation.account.arn("sagemaker", "*"),
        )
        grant = grant_use(name, foundation.encryption, made.role.arn, key_operations(args), self.child())
        granted = [one for one in (grant, self._other_grant(name, args, made.role.arn)) if one is not None]
        held = self._held(name, args, [made.role, made.policy, *granted])
        self.arn = after(made.arn, *granted, *held)
        self.name = after(made.role.name, made.policy, *granted, *held)
        self.register_outputs({"arn": self.arn, "name": self.name})

    def _held(self, name: str, args: ExecutionRoleArgs, needed: list[pulumi.Resource]) -> list[pulumi.Resource]:
        """What keeps the role until the network interfaces that are made with it are gone."""
        if not args.in_vpc:
            return []
        group, account = args.foundation.network.model_security_group_id, args.foundation.account
        return [InterfacesGone(f"{name}-interfaces", account, group, self.child(depends_on=needed))]

    def _other_grant(
        self, name: str, args: ExecutionRoleArgs, role_arn: pulumi.Output[str]
    ) -> pulumi.CustomResource | None:
        other = other_key(args)
        operations: list[Operation] = ["Encrypt", "GenerateDataKey"]
        return None if other is None else grant_use(f"{name}-writes", other, role_arn, operations, self.child())


def other_key(args: ExecutionRoleArgs) -> Encryption | None:
    """The key of a folder that it writes to, where that is not the foundation's."""
    own = args.foundation.encryption
    others = [one.encryption for one in args.writes if one.encryption is not None and one.encryption != own]
    return next(iter(others), None)


def key_operations(args: ExecutionRoleArgs) -> list[Operation]:
    """What the role does with the key: it reads what is encrypted, and encrypts where it writes or publishes."""
    encrypting: list[Operation] = ["Encrypt", "GenerateDataKey"]
    publishing: list[Operation] = ["GenerateDataKey"]
    more = encrypting if args.writes else publishing if args.topics else []
    return ["Decrypt", "DescribeKey", *more]


def execution_statements(args: ExecutionRoleArgs) -> list[Statement]:
    """The role's policy: what it may do, to what."""
    foundation = args.foundation
    account = foundation.account
    own = (foundation.registry.repository_arn,)
    return [
        *permissions.reading(account.partition, [*args.artefacts, *(folder.uri for folder in args.reads)]),
        *permissions.writing(account.partition, [folder.uri for folder in args.writes]),
        *permissions.images(own if args.repositories is None else args.repositories),
        *permissions.telemetry(account, args.log_group_name, args.namespaces),
        *(permissions.interfaces(account, foundation.network) if args.in_vpc else ()),
        *permissions.publishing(args.topics),
        *permissions.watching([account.arn("cloudwatch", f"alarm:{name}") for name in args.alarms]),
        *(permissions.volumes(foundation.encryption) if args.volume_key else ()),
    ]
