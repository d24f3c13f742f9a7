"""What identities may do: no administrators, no whole services, no users. Who may assume a role: see `iam_trust.py`."""

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from modelberth_policies.rule import Category, Severity, resource_rule
from modelberth_policies.rules.aws.policy import actions_of, is_any, named, statements_in, texts
from modelberth_policies.subject import Subject

DOCUMENTS = (
    "aws:iam/rolePolicy:RolePolicy",
    "aws:iam/policy:Policy",
    "aws:iam/userPolicy:UserPolicy",
    "aws:iam/groupPolicy:GroupPolicy",
)
ROLE = "aws:iam/role:Role"
POLICY_ATTACHMENT = "aws:iam/policyAttachment:PolicyAttachment"
ATTACHMENTS = (
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "aws:iam/userPolicyAttachment:UserPolicyAttachment",
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
    POLICY_ATTACHMENT,
)
EXCLUSIVE = "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive"
GRANTING = (*DOCUMENTS, ROLE, *ATTACHMENTS, EXCLUSIVE)
USERS = {
    "aws:iam/user:User": "is an IAM user",
    "aws:iam/accessKey:AccessKey": "is a key that does not expire",
    "aws:iam/userLoginProfile:UserLoginProfile": "is a user's password",
}

ADMINISTRATORS = ("AdministratorAccess", "PowerUserAccess", "IAMFullAccess")
DECRYPTING = ("kms:decrypt", "kms:reencryptfrom")
_EVERY_KEY = re.compile(r"arn:[^:]*:kms:[^:]*:[^:]*:(\*|key/\*)")
_OWN_POLICY = "aws:iam/policy:Policy::"


def grants_of(resource: Subject) -> Iterator[Subject]:
    """What a resource grants, one by one: the resource, or a role's inline policies and managed ARNs."""
    if resource.type == ROLE:
        yield from resource.each("inlinePolicies")
        yield from resource.each("managedPolicyArns")
    elif resource.type == EXCLUSIVE:
        yield from resource.each("policyArns")
    else:
        yield resource


def _statements(grant: Subject) -> Iterator[Subject]:
    if isinstance(grant.whole, Mapping):
        yield from statements_in(grant.document("policy"))


def _managed(grant: Subject) -> str:
    """Name of the policy of AWS that is attached; empty for another one.

    One of the stack's own has no ARN yet, and is asked itself.
    """
    path = "policyArn" if isinstance(grant.whole, Mapping) else ""
    if path and not grant.present(path):
        return ""
    top = re.split(r"[.\[]", path or grant.path)[0]
    if any(_OWN_POLICY in urn for urn in grant.resource.property_dependencies.get(top, ())):
        return ""
    owner, _, name = grant.text(path).partition(":policy/")
    return name.rpartition("/")[2] if owner.endswith("::aws") else ""


@resource_rule(
    "iam-no-admin-star",
    Severity.CRITICAL,
    Category.SECURITY,
    *GRANTING,
    frameworks=("FSBP IAM.1", "CIS AWS 7.0 2.14"),
    anchors=("CKV_AWS_62", "CKV_AWS_63", "CKV2_AWS_40", "FSBP:IAM.1"),
    over=grants_of,
    why="Whoever breaks out of a model server has what its role has; this one has the account.",
    fix="Name the actions that the identity needs, and the resources it needs them on.",
)
def iam_no_admin_star(grant: Subject) -> Iterator[str]:
    if _managed(grant) in ADMINISTRATORS:
        yield f"attaches {_managed(grant)}"
    for statement in _statements(grant):
        allowed = _administers(statement)
        if allowed:
            yield f"allows {allowed} (statement {named(statement)})"


def _administers(statement: Subject) -> str:
    actions, everywhere = actions_of(statement), _is_everywhere(statement)
    if any(map(is_any, actions)):
        return "every action"
    if everywhere and any(_is_whole_service(action) and action.startswith("iam:") for action in actions):
        return "all of IAM"
    return "every action but those it names" if everywhere and statement.present("NotAction") else ""


def _is_everywhere(statement: Subject) -> bool:
    return any(map(is_any, texts(statement, "Resource"))) or statement.present("NotResource")


def _is_whole_service(action: str) -> bool:
    return is_any(action.partition(":")[2])


@resource_rule(
    "iam-no-service-wildcards",
    Severity.HIGH,
    Category.SECURITY,
    *GRANTING,
    frameworks=("FSBP IAM.21", "FSBP KMS.1"),
    anchors=("FSBP:IAM.21", "FSBP:KMS.1", "FSBP:KMS.2"),
    over=grants_of,
    why="All of a service is also deleting, opening and decrypting what is not the model's.",
    fix="Name the actions; decrypt with the keys that are meant, not with all.",
)
def iam_no_service_wildcards(grant: Subject) -> Iterator[str]:
    """Whatever the resource, as the anchors have it. What is an administrator is said by `iam-no-admin-star`."""
    managed = _managed(grant)
    if managed.endswith("FullAccess") and managed not in ADMINISTRATORS:
        yield f"attaches {managed}"
    for statement in _statements(grant):
        if _administers(statement):
            continue
        whole = [action for action in actions_of(statement) if _is_whole_service(action)]
        if whole or statement.present("NotAction"):
            what = ", ".join(whole) or "every action but those it names"
            yield f"allows {what} (statement {named(statement)})"
        elif _decrypts_everything(statement):
            yield f"allows decrypting with every key (statement {named(statement)})"


def _decrypts_everything(statement: Subject) -> bool:
    keys = _is_everywhere(statement) or any(_EVERY_KEY.fullmatch(each) for each in texts(statement, "Resource"))
    return keys and any(fnmatchcase(wanted, action) for action in actions_of(statement) for wanted in DECRYPTING)


@resource_rule(
    "iam-no-users-or-keys",
    Severity.MEDIUM,
    Category.SECURITY,
    POLICY_ATTACHMENT,
    "aws:iam/userPolicyAttachment:UserPolicyAttachment",
    "aws:iam/userPolicy:UserPolicy",
    *USERS,
    frameworks=("FSBP IAM.2", "FSBP IAM.3"),
    anchors=("FSBP:IAM.2", "FSBP:IAM.3"),
    why="What serves a model has a role, whose credentials end within hours; a user's are found years later.",
    fix="Use a role that the service or the caller assumes.",
)
def iam_no_users_or_keys(resource: Subject) -> Iterator[str]:
    if resource.type in USERS:
        yield USERS[resource.type]
    elif resource.type != POLICY_ATTACHMENT or resource.present("users"):
        yield "gives a policy to a user"


RULES = (iam_no_admin_star, iam_no_service_wildcards, iam_no_users_or_keys)
