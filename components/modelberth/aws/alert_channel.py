"""Where alarms go: an SNS topic to which only this account's alarms and budgets may publish."""

from typing import Any, Self

import pulumi
import pulumi_aws as aws
from pydantic import model_validator

from modelberth.aws.encryption import Encryption, key_arn
from modelberth.aws.identity import Statement, after, document, name_in_aws
from modelberth.aws.ids import EmailAddress, TopicArn
from modelberth.aws.provider import Account
from modelberth.core.component import Component
from modelberth.core.config import Config, In
from modelberth.core.labels import Labels, render
from modelberth.core.naming import fingerprint

PUBLISH = ("sns:Publish",)


class Alerts(Config):
    """Who hears of alarms."""

    emails: tuple[EmailAddress, ...] = ()
    """Addresses that a new channel writes to, once each has confirmed. Left out: none."""

    topic_arn: In[TopicArn] | None = None
    """ARN of an SNS topic that is there already and lets CloudWatch publish. Left out: a new channel."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if bool(self.emails) == (self.topic_arn is not None):
            have = "both" if self.emails else "neither"
            raise ValueError(f"got {have} of emails and topic_arn; give one of them")
        return self


class AlertChannelArgs(Config):
    """Where alarms go."""

    account: Account
    """Account whose alarms and budgets may publish, and no other's."""

    encryption: Encryption
    """Key of the messages. Only a key of one's own can encrypt them: under AWS's own key for SNS no alarm may publish
    (https://repost.aws/knowledge-center/cloudwatch-configure-alarm-sns), so with `ProviderKey` the topic has no key
    beyond the service's storage encryption. The key's policy must let cloudwatch.amazonaws.com and
    budgets.amazonaws.com decrypt and generate data keys."""

    emails: tuple[EmailAddress, ...] = ()
    """Addresses that are written to; each must confirm once, in a mail from AWS. Left out: nobody."""

    labels: Labels | None = None
    """Tags. Left out: none."""


class AlertChannel(Component):
    """An SNS topic to which only this account's alarms and budgets may publish, over TLS, and who reads it.

    EventBridge may not: a condition on the account cannot be put on what it publishes, and without one rules of every
    account could (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html).
    """

    topic_arn: pulumi.Output[str]
    """ARN of the topic, once alarms may publish to it."""

    def __init__(
        self, name: str, args: AlertChannelArgs | dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = AlertChannelArgs.parse(args, name)
        super().__init__(name, args, opts)
        topic_name = name_in_aws(name, "aws-iam-role")  # a topic's may be longer, and is not otherwise
        topic_arn = args.account.arn("sns", topic_name)
        topic = aws.sns.Topic(
            name,
            name=topic_name,
            kms_master_key_id=key_arn(args.encryption),
            tags=None if args.labels is None else render(args.labels, "aws"),
            opts=self.child(),
        )
        policy = aws.sns.TopicPolicy(
            f"{name}-policy",
            arn=topic.arn,
            policy=document(topic_statements(args.account, topic_arn)),
            opts=self.child(),
        )
        for address in sorted(set(args.emails)):
            aws.sns.TopicSubscription(
                f"{name}-{fingerprint(address)}", topic=topic.arn, protocol="email", endpoint=address, opts=self.child()
            )
        self.topic_arn = after(topic.arn, policy)
        self.register_outputs({"topic_arn": self.topic_arn})


def topic_statements(account: Account, topic_arn: str) -> list[Statement]:
    """Who may publish to a topic: CloudWatch's alarms and AWS Budgets, for this account, over TLS."""
    sources = {
        "Alarms": ("cloudwatch", account.arn("cloudwatch", "alarm:*")),
        "Budgets": ("budgets", f"arn:{account.partition}:budgets::{account.id}:*"),
    }
    allowed = [
        Statement(
            sid,
            PUBLISH,
            (topic_arn,),
            {"StringEquals": {"aws:SourceAccount": account.id}, "ArnLike": {"aws:SourceArn": source}},
            principals={"Service": (f"{service}.amazonaws.com",)},
        )
        for sid, (service, source) in sources.items()
    ]
    in_clear = Statement(
        "TlsOnly",
        PUBLISH,
        (topic_arn,),
        {"Bool": {"aws:SecureTransport": "false"}},
        principals={"AWS": ("*",)},
        effect="Deny",
    )
    return [*allowed, in_clear]
