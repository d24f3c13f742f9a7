"""What the models of one account and region stand on: network, key, registry, alert channel."""

from typing import Annotated, Any, Self

import pulumi
import pulumi_aws as aws
from pydantic import Field, model_validator

from modelberth.aws.alert_channel import AlertChannel, Alerts
from modelberth.aws.bucket import PrivateBucket, access_logs_args
from modelberth.aws.budget import BudgetShape, MonthlyBudget
from modelberth.aws.encryption import CustomerKey, Encryption, OwnedKey, ProviderKey
from modelberth.aws.ids import AccountId, BucketName, PolicyArn, TopicArn
from modelberth.aws.images import Images, check_region
from modelberth.aws.network import Network, NetworkShape, PrivateNetwork
from modelberth.aws.provider import Account, provider_of
from modelberth.aws.registry import ModelRegistry, Registry
from modelberth.aws.retention import LogRetentionDays
from modelberth.aws.service_endpoints import check_partition
from modelberth.core.component import Component
from modelberth.core.config import Config, In, one_of
from modelberth.core.labels import Labels, render

PROVIDER_TAGS = ("cost-centre", "environment", "owner")
"""Labels that hold for everything in a stack; model, version and service come from each resource."""


EncryptionChoice = Annotated[Encryption, one_of(CustomerKey, reason=ProviderKey)]
"""`{"arn": …}` is a customer's key, `{"reason": …}` the provider's."""


class Foundation(Config):
    """What every endpoint needs to know. Made by `AwsFoundation`, read from another stack, or written by hand."""

    account: Account
    """Region, account and role."""

    network: Network
    """Where models run."""

    encryption: EncryptionChoice
    """With what data at rest is encrypted."""

    registry: Registry
    """Where images and models lie."""

    access_logs: In[BucketName] | None = None
    """Bucket in which S3 notes who read and wrote what is in each bucket that is made. Left out: nobody can say."""

    alerts: In[TopicArn] | None = None
    """ARN of the SNS topic to which alarms go. Left out: alarms are made and tell nobody."""

    permissions_boundary: In[PolicyArn] | None = None
    """ARN of the policy that bounds every role that is made. Left out: no boundary."""

    log_retention_days: LogRetentionDays = 90
    """Days for which logs are kept. Left out: 90."""

    images: Images = Field(default_factory=dict)
    """Model server, by its name in `runtimes/`, to its image by digest. Left out: none, so that an endpoint names its
    own."""

    @model_validator(mode="after")
    def _images_are_here(self) -> Self:
        check_region(self.images, self.account.region)
        return self


class AwsFoundationArgs(Config):
    """What a stack stands on: what is left out is made, what is given is used."""

    account: Account
    """Region, account and role."""

    network: Annotated[NetworkShape | Network, one_of(NetworkShape, vpc_id=Network, subnet_ids=Network)] = (
        NetworkShape()
    )
    """`{"cidr": …}`: a private network is made. `{"vpc_id": …}` or a `Network`: it is there already. Left out: one is
    made of /16 over two zones."""

    encryption: EncryptionChoice | None = None
    """A key that is there already, or the provider's with a reason. Left out: a key of one's own, because only such a
    one can be revoked and its use be traced."""

    registry: Registry | None = None
    """Repository and bucket that are there already. Left out: they are made."""

    alerts: Alerts | None = None
    """Who hears of alarms. Left out: nobody does."""

    budget: BudgetShape | None = None
    """What may be spent per month. Left out: no budget."""

    permissions_boundary: In[PolicyArn] | None = None
    """ARN of the policy that bounds every role that is made. Left out: no boundary."""

    images: Images = Field(default_factory=dict)
    """Model server, by its name in `runtimes/`, to its image by digest. Left out: none."""

    log_retention_days: LogRetentionDays = 90
    """Days for which logs are kept, those of the network and of buckets too. Left out: 90."""

    readers: tuple[AccountId, ...] = ()
    """Accounts that may read the registry that is made here, so that what was tried in this one is promoted to theirs.
    Left out: none."""

    protect: bool = False
    """Whether Pulumi refuses to destroy key, registry and access logs. Left out: no; strict profiles set it."""

    labels: Labels | None = None
    """Who owns it. Owner, environment and cost centre are put on whatever the provider makes. Left out: no tags."""

    @model_validator(mode="after")
    def _fit(self) -> Self:
        if self.budget is not None and self.alerts is None:
            raise ValueError("budget is set and alerts is not, so that nobody hears of it; give alerts")
        if self.readers and self.registry is not None:
            raise ValueError(
                "readers is set and registry is given, whose own policies say who reads; leave readers out"
            )
        check_region(self.images, self.account.region)
        if isinstance(self.network, NetworkShape):
            check_partition(self.account)
        return self


class AwsFoundation(Component):
    """Provider, network, key, registry, bucket of access logs, alert channel and budget of one stack.

        aws = AwsFoundation("ml", {"account": {"region": "eu-central-1", "id": "123456789012"}})
        RealtimeEndpoint("ranker", {"foundation": aws.shared, …}, pulumi.ResourceOptions(provider=aws.provider))
        pulumi.export("shared", exported(aws.shared))

    The last line lets other stacks use it: `modelberth.aws.shared.shared_from`.
    """

    provider: aws.Provider
    """The one explicit provider: hand it to everything else in this account."""
    shared: Foundation
    """What endpoints take."""

    def __init__(
        self, name: str, args: AwsFoundationArgs | dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = AwsFoundationArgs.parse(args, name)
        super().__init__(name, args, opts)
        self.provider = provider_of(f"{name}-provider", args.account, _provider_tags(args.labels), self.child())
        inside = self.child(providers=[self.provider])
        encryption = args.encryption if args.encryption is not None else _key(name, args, inside)
        alerts = None if args.alerts is None else _topic(name, args, args.alerts, encryption, inside)
        logs = _access_logs(name, args, inside)
        self.shared = Foundation(
            account=args.account,
            network=_network(name, args, encryption, inside),
            encryption=encryption,
            registry=args.registry if args.registry is not None else _registry(name, args, encryption, logs, inside),
            access_logs=logs,
            alerts=alerts,
            permissions_boundary=args.permissions_boundary,
            log_retention_days=args.log_retention_days,
            images=args.images,
        )
        if args.budget is not None:
            told = {**dict(args.budget), "topic_arn": alerts, "labels": args.labels}
            MonthlyBudget(f"{name}-budget", told, inside)
        self.register_outputs({"vpc_id": self.shared.network.vpc_id, "bucket": self.shared.registry.bucket})


def _provider_tags(labels: Labels | None) -> dict[str, str] | None:
    if labels is None:
        return None
    rendered = render(labels, "aws")
    return {key: rendered[key] for key in PROVIDER_TAGS}


def _given(args: AwsFoundationArgs) -> dict[str, Any]:
    """What every part of it is told."""
    return {"account": args.account, "labels": args.labels}


def _key(name: str, args: AwsFoundationArgs, opts: pulumi.ResourceOptions) -> Encryption:
    return OwnedKey(f"{name}-key", {**_given(args), "protect": args.protect}, opts).encryption


def _topic(
    name: str, args: AwsFoundationArgs, alerts: Alerts, encryption: Encryption, opts: pulumi.ResourceOptions
) -> pulumi.Input[str]:
    if alerts.topic_arn is not None:
        return alerts.topic_arn
    told = {**_given(args), "encryption": encryption, "emails": alerts.emails}
    return AlertChannel(f"{name}-alerts", told, opts).topic_arn


def _access_logs(name: str, args: AwsFoundationArgs, opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
    name = f"{name}-access-logs"
    told = access_logs_args(name, args.account, args.log_retention_days, args.protect, args.labels)
    return PrivateBucket(name, told, opts).name


def _registry(
    name: str,
    args: AwsFoundationArgs,
    encryption: Encryption,
    access_logs: pulumi.Output[str],
    opts: pulumi.ResourceOptions,
) -> Registry:
    told = {
        **_given(args),
        "encryption": encryption,
        "readers": args.readers,
        "access_logs": access_logs,
        "protect": args.protect,
    }
    return ModelRegistry(f"{name}-registry", told, opts).registry


def _network(name: str, args: AwsFoundationArgs, encryption: Encryption, opts: pulumi.ResourceOptions) -> Network:
    if isinstance(args.network, Network):
        return args.network
    # A registry that is there already may be of another account, whose buckets are out of reach unless named.
    buckets = (*args.network.buckets, *([] if args.registry is None else [args.registry.bucket]))
    told = {
        **_given(args),
        **dict(args.network),
        "buckets": buckets,
        "encryption": encryption,
        "flow_log_days": args.log_retention_days,
        "permissions_boundary": args.permissions_boundary,
    }
    return PrivateNetwork(f"{name}-network", told, opts).network
