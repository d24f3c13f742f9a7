"""Secrets: they change, and a key of one's own opens them."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, graph_rule
from modelberth_policies.rules.aws.encryption import key_shown, own_key
from modelberth_policies.subject import Stack, Subject

SECRET = "aws:secretsmanager/secret:Secret"  # noqa: S105 — the type of a resource
ROTATION = "aws:secretsmanager/secretRotation:SecretRotation"


@graph_rule(
    "secrets-rotation-and-cmk",
    Severity.MEDIUM,
    Category.SECURITY,
    SECRET,
    frameworks=("FSBP SecretsManager.1",),
    anchors=(
        "FSBP:SecretsManager.1",
        "CKV_AWS_149",
        "pulumi:secretsmanager/Secret/configureCustomerManagedKey",
    ),
    why="A secret that leaked once is good for ever if it never changes.",
    fix="Set kms_key_id, and add a SecretRotation with rotation_rules.",
)
def secrets_rotation_and_cmk(secret: Subject, stack: Stack) -> Iterator[str]:
    if not own_key(secret, "kmsKeyId"):
        yield f"is encrypted with {key_shown(secret, 'kmsKeyId')}"
    if not any(map(_rotates, stack.referring(secret, ROTATION, "secretId", "name"))):
        yield "never changes"


def _rotates(rotation: Subject) -> bool:
    rules = ("rotationRules.automaticallyAfterDays", "rotationRules.scheduleExpression")
    return rotation.value("rotationEnabled", True) is True and any(rotation.present(rule) for rule in rules)


RULES = (secrets_rotation_and_cmk,)
