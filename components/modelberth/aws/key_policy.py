"""The policy of an owned key: who administers it, who uses it and through what."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Literal

import pulumi

from modelberth.aws.identity import Statement
from modelberth.aws.provider import Account

KeyUser = Literal["logs", "cloudwatch", "budgets"]
"""An AWS service that uses a key by itself, without a principal of the account behind it."""

ADMINISTER = (
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:CreateGrant",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListKeyRotations",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:RetireGrant",
    "kms:RevokeGrant",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
)
"""Everything but using it."""
USE = (
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)
PUBLISH = ("kms:Decrypt", "kms:GenerateDataKey")
THROUGH = ("ec2", "ecr", "s3", "sagemaker", "secretsmanager", "sns", "sqs")
"""Services through which the account's principals use it: volumes, images, objects, endpoints, secrets, messages."""
_ITSELF = "in a key's own policy, * is that key"


def key_statements(
    account: Account, administrators: Sequence[pulumi.Input[str]], users: Collection[KeyUser]
) -> list[Statement]:
    """The key's policy: whoever an IAM policy lets administers it, and uses it through a service, never directly.

    So an IAM policy that allows kms:Decrypt on everything, as many do, opens nothing alone. The account's root is in
    it, which is how a key policy hands over to IAM, and how nobody is locked out:
    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    """
    root = f"arn:{account.partition}:iam::{account.id}:root"
    through = {
        "kms:CallerAccount": account.id,
        "kms:ViaService": [f"{service}.{_regional(account)}" for service in THROUGH],
    }
    return [
        _on_itself("Administer", ADMINISTER, {"AWS": (root, *administrators)}),
        _on_itself("UseThroughServices", USE, {"AWS": (root,)}, {"StringEquals": through}),
        *_services(account, users),
    ]


def _services(account: Account, users: Collection[KeyUser]) -> Iterator[Statement]:
    """Sources: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html,
    https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
    """
    ours = {"StringEquals": {"aws:SourceAccount": account.id}}
    log_groups = {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": account.arn("logs", "log-group:*")}}
    known: Mapping[KeyUser, Statement] = {
        "logs": _on_itself("EncryptLogs", USE, {"Service": (f"logs.{_regional(account)}",)}, log_groups),
        "cloudwatch": _on_itself("PublishAlarms", PUBLISH, {"Service": ("cloudwatch.amazonaws.com",)}, ours),
        "budgets": _on_itself("PublishBudgets", PUBLISH, {"Service": ("budgets.amazonaws.com",)}, ours),
    }
    return (statement for user, statement in known.items() if user in users)


def _regional(account: Account) -> str:
    return f"{account.region}.{account.domain}"


def _on_itself(
    sid: str,
    actions: tuple[str, ...],
    principals: Mapping[str, Sequence[pulumi.Input[str]]],
    conditions: Mapping[str, Mapping[str, Any]] | None = None,
) -> Statement:
    return Statement(sid, actions, ("*",), conditions or {}, _ITSELF, principals)
