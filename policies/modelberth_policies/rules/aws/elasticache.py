"""Caches of features and answers: encrypted where they lie and on the way, and not open to whoever is near."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, resource_rule
from modelberth_policies.subject import Subject

GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"


@resource_rule(
    "elasticache-encryption",
    Severity.HIGH,
    Category.SECURITY,
    GROUP,
    frameworks=("FSBP ElastiCache.4", "FSBP ElastiCache.5", "FSBP ElastiCache.6"),
    anchors=("CKV_AWS_29", "CKV_AWS_30", "CKV_AWS_31", "FSBP:ElastiCache.4", "FSBP:ElastiCache.5"),
    why="A cache in front of a model holds what callers sent, and by default asks nobody who they are.",
    fix="Set at_rest_encryption_enabled, transit_encryption_enabled, and auth_token or user_group_ids.",
)
def elasticache_encryption(group: Subject) -> Iterator[str]:
    """Valkey is encrypted at rest unless that is turned off; Redis is not."""
    at_rest = group.value("atRestEncryptionEnabled", group.value("engine", "redis") == "valkey")
    if at_rest is not True:
        yield f"is not encrypted at rest (atRestEncryptionEnabled is {group.show('atRestEncryptionEnabled')})"
    in_transit = group.value("transitEncryptionEnabled") is True
    if not in_transit or group.value("transitEncryptionMode", "required") != "required":
        mode, on = group.show("transitEncryptionMode"), group.show("transitEncryptionEnabled")
        yield f"takes clear text (transitEncryptionEnabled is {on}, transitEncryptionMode {mode})"
    if not any(group.present(path) for path in ("authToken", "authTokenWo", "userGroupIds")):
        yield "asks nobody who they are (no authToken, no userGroupIds)"


RULES = (elasticache_encryption,)
