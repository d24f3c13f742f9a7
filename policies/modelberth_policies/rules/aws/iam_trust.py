"""Who may assume a role: named principals, services for this account only, identities of others by their subject."""

import re
from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, resource_rule
from modelberth_policies.rules.aws.policy import conditions, is_everyone, named, narrowed_by, statements_in, texts
from modelberth_policies.subject import Subject

ROLE = "aws:iam/role:Role"
TELLING = (
    "sagemaker",
    "ecs-tasks",
    "bedrock",
    "vpc-flow-logs",
    "scheduler",
    "pipes",
    "states",
    "events",
    "logs",
    "firehose",
    "cloudtrail",
)
"""Services that say for which account they assume a role. Which do, each service's own pages say; this list is from
general knowledge of 2026-11 and was not read off them. The problem, "confused deputy":
https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html. A condition on it locks others out, such as
Lambda, EC2 and API Gateway; that a role is passed in its own account only is all that narrows them."""
SOURCES = {"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths"}
COGNITO = "cognito-identity.amazonaws.com:aud"
GITHUB = "token.actions.githubusercontent.com:sub"
_WHOLE_ACCOUNT = re.compile(r"\d{12}|arn:[^:]*:iam::[^:]*:root")
_GITHUB_SUBJECT = re.compile(r"repo:[^*?:/]+/[^:/]+(:.+)?")


@resource_rule(
    "iam-trust-narrow",
    Severity.HIGH,
    Category.SECURITY,
    ROLE,
    frameworks=("NIST AC-3",),
    anchors=("CKV_AWS_60", "CKV_AWS_61", "CKV_AWS_393"),
    over=lambda role: statements_in(role.document("assumeRolePolicy")),
    why="Who may assume a role has all that the role has.",
    fix="Name roles or services; narrow services by aws:SourceAccount and tokens by their subject (…:sub).",
)
def iam_trust_narrow(statement: Subject) -> Iterator[str]:
    told = f"(statement {named(statement)})"
    if is_everyone(statement):
        yield f"may be assumed by everyone {told}"
        return
    principal, narrowed = statement.at("Principal"), narrowed_by(statement)
    if any(map(_WHOLE_ACCOUNT.fullmatch, texts(principal, "AWS"))) and not narrowed:
        yield f"may be assumed by all of an account {told}"
    services = [name for name in texts(principal, "Service") if name.partition(".")[0] in TELLING]
    if services and not narrowed & SOURCES:
        yield f"may be assumed by {', '.join(services)} for any account {told}"
    if texts(principal, "Federated"):
        yield from (f"{fault} {told}" for fault in _federated(statement, narrowed))


def _federated(statement: Subject, narrowed: set[str]) -> Iterator[str]:
    """Tokens of a directory (SAML) are told apart by their audience, Cognito's by their pool, others by subject."""
    said = [*texts(statement, "Action"), *texts(statement.at("Principal"), "Federated")]
    wanted = ":aud" if any("saml" in each.lower() for each in said) else ":sub"
    if not any(key.endswith(wanted) for key in narrowed) and COGNITO not in narrowed:
        yield f"may be assumed with any token of its provider, without a condition on …{wanted}"
    for _, key, values in conditions(statement):
        if key == GITHUB and not all(map(_GITHUB_SUBJECT.fullmatch, values)):
            yield "may be assumed from repositories of anybody at GitHub"


RULES = (iam_trust_narrow,)
