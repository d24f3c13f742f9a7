"""Log groups: an end for what they hold, no sooner than the law wants it, and a key."""

from collections.abc import Iterator, Mapping
from typing import Any

from modelberth_policies.resources import Absent, Partial, reveal
from modelberth_policies.rule import Category, Severity, graph_rule, resource_rule
from modelberth_policies.rules.aws.encryption import own_key
from modelberth_policies.subject import Stack, Subject, Undeterminable
from modelberth_policies.tags import CLASSIFICATIONS, tags_of

LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
PERSONAL = ("pii", "restricted")
HIGH_RISK = ("ai-act-high-risk", "ai_act_high_risk")
"""Keys of a tag that says that the logs are those of a high-risk system of the EU AI Act."""
HIGH_RISK_DAYS = 180
"""Six months: articles 19 and 26(6)."""


@graph_rule(
    "logs-retention-bounded",
    Severity.MEDIUM,
    Category.PRIVACY,
    LOG_GROUP,
    frameworks=("GDPR 5(1)(e)", "EU AI Act 19", "EU AI Act 26(6)"),
    anchors=("CKV_AWS_66", "CKV_AWS_338"),
    why="Logs are kept for ever if nobody says otherwise; those of a high-risk system must be kept six months.",
    fix="Set retention_in_days: at most the limit for personal data, at least 180 where tagged ai-act-high-risk.",
)
def logs_retention_bounded(group: Subject, stack: Stack) -> Iterator[str]:
    """A group of the class DELIVERY ends by itself."""
    if group.value("logGroupClass") == "DELIVERY":
        return
    days = group.value("retentionInDays")
    if not isinstance(days, int | float) or days <= 0 or days is True:
        yield f"is kept for ever (retentionInDays is {group.show('retentionInDays')})"
        return
    tags = tags_of(group, stack)
    most = group.limits.data.log_retention_days
    if days > most and _told(tags, CLASSIFICATIONS) in PERSONAL:
        yield f"keeps personal data for {days} days; the most is {most}"
    if days < HIGH_RISK_DAYS and _told(tags, HIGH_RISK) not in ("", "false", "no"):
        yield f"is of a high-risk system and kept for {days} days; the least is {HIGH_RISK_DAYS}"


def _told(tags: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    found = reveal(next((tags[key] for key in keys if tags.get(key) is not None), ""))
    if isinstance(found, Absent | Partial):
        raise Undeterminable("tags")
    return str(found).lower()


@resource_rule(
    "logs-kms",
    Severity.MEDIUM,
    Category.SECURITY,
    LOG_GROUP,
    frameworks=("NIST SC-28", "GDPR 32"),
    anchors=("CKV_AWS_158", "prowler:cloudwatch_log_group_kms_encryption_enabled"),
    why="Logs hold what callers sent; a key of one's own decides who reads it.",
    fix="Set kms_key_id.",
)
def logs_kms(group: Subject) -> Iterator[str]:
    if not own_key(group, "kmsKeyId"):
        yield "is encrypted with no key of its own"


RULES = (logs_retention_bounded, logs_kms)
