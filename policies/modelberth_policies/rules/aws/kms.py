"""Keys: they rotate, and no key is everyone's."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, resource_rule
from modelberth_policies.rules.aws.policy import is_everyone, named, statements_in
from modelberth_policies.subject import Subject

KEY = "aws:kms/key:Key"
KEY_POLICY = "aws:kms/keyPolicy:KeyPolicy"
MIN_DELETION_DAYS = 14


@resource_rule(
    "kms-rotation",
    Severity.MEDIUM,
    Category.SECURITY,
    KEY,
    frameworks=("FSBP KMS.4", "CIS AWS 7.0 4.6"),
    anchors=(
        *("CKV_AWS_7", "AWS-0065", "FSBP:KMS.4", "awsguard:cmk-backing-key-rotation-enabled"),
        "pulumi:kms/Key/enableKeyRotation",
    ),
    why="Data that was encrypted years apart should not fall with one key.",
    fix="Set enable_key_rotation to true.",
)
def kms_rotation(key: Subject) -> Iterator[str]:
    """KMS rotates symmetric keys for encryption only, whose material it made itself."""
    if key.value("customerMasterKeySpec", "SYMMETRIC_DEFAULT") != "SYMMETRIC_DEFAULT":
        return
    if key.value("enableKeyRotation") is not True:
        yield f"does not rotate (enableKeyRotation is {key.show('enableKeyRotation')})"


@resource_rule(
    "kms-policy-no-wildcard",
    Severity.CRITICAL,
    Category.SECURITY,
    KEY,
    KEY_POLICY,
    frameworks=("FSBP KMS.5", "FSBP KMS.3"),
    anchors=("CKV_AWS_33", "FSBP:KMS.5", "FSBP:KMS.3"),
    why="A key that anyone may use protects nothing, and one that is gone in a week takes its data with it.",
    fix="Name the principals, or narrow them by a condition; leave deletion_window_in_days at 14 or more.",
)
def kms_policy_no_wildcard(key: Subject) -> Iterator[str]:
    days = key.value("deletionWindowInDays", 30)
    if not isinstance(days, int | float) or not days >= MIN_DELETION_DAYS:
        given = key.show("deletionWindowInDays")
        yield f"can be deleted {given} days after it was asked for; the least is {MIN_DELETION_DAYS}"
    for statement in statements_in(key.document("policy")):
        if is_everyone(statement) and not statement.present("Condition"):
            yield f"lets everyone use the key (statement {named(statement)})"


RULES = (kms_rotation, kms_policy_no_wildcard)
