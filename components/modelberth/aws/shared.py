"""A foundation that several stacks stand on: one makes and exports it, the others read it.

pulumi.export("shared", exported(AwsFoundation("ml", {"account": account, "alerts": alerts}).shared))

account = {"region": "eu-central-1", "id": "123456789012"}
shared = shared_from(pulumi.StackReference("platform/network/prod"), {"account": account})
RealtimeEndpoint("ranker", {"foundation": shared, …}, pulumi.ResourceOptions(provider=provider_of("aws", …)))
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

import pulumi
from pydantic import Field, ValidationError

from modelberth.aws.encryption import CustomerKey, ProviderKey
from modelberth.aws.foundation import Foundation
from modelberth.aws.network import Network
from modelberth.aws.provider import Account
from modelberth.aws.registry import Registry
from modelberth.aws.retention import LogRetentionDays
from modelberth.core.component import inputs_of
from modelberth.core.config import Config
from modelberth.core.errors import ConfigError, Fault, faults_of

OPTIONAL: dict[str, Callable[[Foundation], Any]] = {
    "access_logs": lambda found: found.access_logs,
    "alerts": lambda found: found.alerts,
    "callers": lambda found: found.network.caller_security_group_id,
    "package_group": lambda found: found.registry.package_group,
    "permissions_boundary": lambda found: found.permissions_boundary,
    "private_api": lambda found: found.network.api_endpoint_id,
}
"""What a foundation may lack, and where it stands."""

Part = Literal["access_logs", "alerts", "callers", "package_group", "permissions_boundary", "private_api"]


class SharedArgs(Config):
    """What the foundation of another stack has. It is stated here, because what is built on it is decided before the
    other stack answers, and checked once it does."""

    account: Account
    """Region and account of both stacks; the role is this stack's own."""

    output: str = "shared"
    """Name of the output. Left out: `shared`."""

    subnets: Annotated[int, Field(ge=2, le=16)] = 2
    """How many subnets the network has. Left out: 2, as a network that is made here has."""

    key: bool = True
    """Whether it has a key of one's own. Left out: yes. False: the provider's encrypts here too."""

    parts: tuple[Part, ...] = ("access_logs", "alerts", "callers", "private_api")
    """Which of its optional parts are used. Left out: the bucket of access logs, the alert channel, the callers'
    security group, the endpoint for private APIs. A part that is not named is not used, whether it is there or not."""

    images: tuple[str, ...] = ()
    """Model servers whose images are used. Left out: none."""

    log_retention_days: LogRetentionDays = 90
    """Days for which this stack keeps its own logs. Left out: 90."""


def exported(foundation: Foundation) -> dict[str, Any]:
    """A foundation as an output of its stack: `pulumi.export("shared", exported(aws.shared))`."""
    return inputs_of(foundation)


def shared_from(reference: pulumi.StackReference, args: SharedArgs | dict[str, Any]) -> Foundation:
    """The foundation that another stack exports with `exported`.

    Its values are known once that stack answers. If it then lacks something or differs from what was stated, the run
    fails with one `ConfigError` that names all of it.
    """
    args = SharedArgs.parse(args)
    stack = reference.pulumi_resource_name
    found = reference.get_output(args.output).apply(lambda value: checked(value, args, stack))

    def read(part: Callable[[Foundation], Any]) -> pulumi.Output[Any]:
        return found.apply(part)

    def subnet(index: int) -> pulumi.Output[str]:
        return found.apply(lambda whole: whole.network.subnet_ids[index])

    def image(name: str) -> pulumi.Output[str]:
        return found.apply(lambda whole: whole.images[name])

    optional = {part: read(OPTIONAL[part]) for part in args.parts}
    reason = f"the foundation that {stack} shares has no key of its own"
    return Foundation(
        account=args.account,
        network=Network(
            vpc_id=read(lambda whole: whole.network.vpc_id),
            subnet_ids=tuple(subnet(index) for index in range(args.subnets)),
            model_security_group_id=read(lambda whole: whole.network.model_security_group_id),
            caller_security_group_id=optional.get("callers"),
            api_endpoint_id=optional.get("private_api"),
        ),
        encryption=CustomerKey(arn=read(_key)) if args.key else ProviderKey(reason=reason),
        registry=Registry(
            bucket=read(lambda whole: whole.registry.bucket),
            repository_arn=read(lambda whole: whole.registry.repository_arn),
            repository_url=read(lambda whole: whole.registry.repository_url),
            package_group=optional.get("package_group"),
        ),
        access_logs=optional.get("access_logs"),
        alerts=optional.get("alerts"),
        permissions_boundary=optional.get("permissions_boundary"),
        log_retention_days=args.log_retention_days,
        images={name: image(name) for name in args.images},
    )


def checked(value: object, args: SharedArgs, stack: str) -> Foundation:
    """The foundation in an output, if it is what was stated. Raises `ConfigError` with all that it is not."""
    source = f"output {args.output!r} of stack {stack}"
    if not isinstance(value, Mapping):
        what = "there is none" if value is None else "it is no foundation"
        raise ConfigError([Fault("", what, f'write pulumi.export("{args.output}", exported(…)) there')], source)
    try:
        # A later version may export more.
        found = Foundation.model_validate(value, extra="ignore")
    except ValidationError as error:
        raise ConfigError(faults_of(error, "", Foundation), source) from None
    faults = [*_elsewhere(found, args), *_lacking(found, args)]
    if faults:
        raise ConfigError(faults, source)
    return found


def _elsewhere(found: Foundation, args: SharedArgs) -> list[Fault]:
    there, here = found.account, args.account
    return [
        Fault(f"account.{name}", f"got {got}, this stack's is {wanted}", "read the stack of this account and region")
        for name, got, wanted in (("region", there.region, here.region), ("id", there.id, here.id))
        if got != wanted
    ]


def _lacking(found: Foundation, args: SharedArgs) -> list[Fault]:
    count = len(found.network.subnet_ids)
    has_key = isinstance(found.encryption, CustomerKey)
    faults = [
        Fault(part, "it has none", f"add it there, or take {part} out of parts")
        for part in args.parts
        if OPTIONAL[part](found) is None
    ]
    if count != args.subnets:
        faults.append(Fault("network.subnet_ids", f"got {count}, stated are {args.subnets}", f"write subnets: {count}"))
    if has_key != args.key:
        have = "a key of its own" if has_key else "the provider's key"
        faults.append(Fault("encryption", f"it has {have}", f"write key: {str(has_key).lower()}"))
    missing = [name for name in args.images if name not in found.images]
    return faults + [Fault(f"images.{name}", "it has none", "add it there") for name in missing]


def _key(found: Foundation) -> Any:
    return found.encryption.arn if isinstance(found.encryption, CustomerKey) else None
