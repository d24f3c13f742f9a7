"""Roles and keys of a project: none that open all of it."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, resource_rule
from modelberth_policies.rules.gcp.identities import bindings_of
from modelberth_policies.rules.parts import known
from modelberth_policies.subject import Subject

ACCOUNT_KEY = "gcp:serviceaccount/key:Key"
GRANTS = tuple(
    f"gcp:{scope}/iAM{kind}:IAM{kind}"
    for scope in ("projects", "folder", "organizations")
    for kind in ("Member", "Binding", "Policy")
)
_BASIC = ("roles/owner", "roles/editor", "roles/viewer")
_IMPERSONATING = (
    "roles/iam.serviceAccountAdmin",
    "roles/iam.serviceAccountKeyAdmin",
    "roles/iam.serviceAccountTokenCreator",
    "roles/iam.serviceAccountUser",
    "roles/iam.workloadIdentityUser",
)


@resource_rule(
    "gcp-no-basic-roles-or-keys",
    Severity.HIGH,
    Category.SECURITY,
    *GRANTS,
    ACCOUNT_KEY,
    frameworks=("CIS GCP 1.4", "CIS GCP 1.5"),
    anchors=("CKV_GCP_49", "CKV_GCP_117", "org:iam.disableServiceAccountKeyCreation"),
    over=bindings_of,
    why="A basic role opens everything, a role on every account is every account's role, and a key file never expires.",
    fix="Grant a predefined role on the one resource that needs it, and use workload identity in place of a key.",
)
def gcp_no_basic_roles_or_keys(binding: Subject) -> Iterator[str]:
    if binding.type == ACCOUNT_KEY:
        yield "is a key that works from anywhere until someone revokes it"
        return
    role = known(binding, "role")
    if role in _BASIC:
        yield f"grants the basic role {binding.show('role')}"
    elif role in _IMPERSONATING:
        yield f"grants {binding.show('role')} on every service account"


RULES = (gcp_no_basic_roles_or_keys,)
