"""Rights within the cluster."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, resource_rule
from modelberth_policies.rules.kubernetes.pods import items, role_of
from modelberth_policies.subject import Subject

_GROUP = "kubernetes:rbac.authorization.k8s.io/v1"
ROLES = tuple(f"{_GROUP}:{kind}{patch}" for kind in ("Role", "ClusterRole") for patch in ("", "Patch"))
BINDINGS = tuple(f"{_GROUP}:{kind}{patch}" for kind in ("RoleBinding", "ClusterRoleBinding") for patch in ("", "Patch"))
_WILDCARDS = {"verbs": ("*",), "resources": ("*", "*/*"), "nonResourceURLs": ("*", "/*")}


def _rights_in(resource: Subject) -> Iterator[Subject]:
    yield from items(resource, "rules" if resource.type in ROLES else "roleRef")


@resource_rule(
    "k8s-rbac-no-wildcards",
    Severity.HIGH,
    Category.SECURITY,
    *ROLES,
    *BINDINGS,
    frameworks=("CIS K8s 5.1.1", "CIS K8s 5.1.3"),
    anchors=(
        *("KSV-0044", "KSV-0045", "KSV-0046", "C-0035"),
        *("kube-linter:wildcard-in-rules", "kube-linter:cluster-admin-role-binding"),
    ),
    why="A star grants what exists today and every kind that is added tomorrow, secrets among them.",
    fix="Name the verbs and resources; bind a role of your own in place of cluster-admin.",
    over=_rights_in,
)
def k8s_rbac_no_wildcards(right: Subject) -> Iterator[str]:
    if role_of(right) == "roleRef":
        if right.value("name") == "cluster-admin":
            yield "gives all rights over the cluster (roleRef is cluster-admin)"
        return
    for field, wildcards in _WILDCARDS.items():
        found = [each.text("") for each in right.each(field)]
        if any(each in wildcards for each in found):
            yield f"allows everything in {field} ({right.path})"


RULES = (k8s_rbac_no_wildcards,)
