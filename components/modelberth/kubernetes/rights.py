"""What a service account may do in its own namespace, by name: no wildcards, and nothing that leads to more rights.

Source of what is refused: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
"""

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, model_validator

from modelberth.core.config import Config
from modelberth.kubernetes.manifest import Manifest, Place, manifest
from modelberth.kubernetes.names import DnsName

RBAC = "rbac.authorization.k8s.io"
Verb = Literal["get", "list", "watch", "create", "update", "patch", "delete"]
UNNAMED_VERBS = ("create", "list", "watch")
"""Verbs by which an object that has a name is not asked for by it. For lists it could be, but no client does.
Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources"""

CLUSTER_WIDE = frozenset(
    (
        "certificatesigningrequests",
        "clusterrolebindings",
        "clusterroles",
        "customresourcedefinitions",
        "mutatingwebhookconfigurations",
        "nodes",
        "persistentvolumes",
        "priorityclasses",
        "storageclasses",
        "validatingwebhookconfigurations",
    )
)
"""Resources of no namespace: a Role that names them grants nothing."""

LEADS_TO_MORE = {
    "serviceaccounts/token": "makes tokens of every account of the namespace",
    "pods/exec": "runs commands in every pod of the namespace",
    "pods/attach": "joins every pod of the namespace",
    "pods/ephemeralcontainers": "adds containers to every pod of the namespace",
    "pods/portforward": "passes by the network policies of the namespace",
    "roles": "changes who may do what",
    "rolebindings": "changes who may do what",
}
"""Resources of which more than reading leads to the rights of others."""


def _kind(resource: str) -> str:
    if not re.fullmatch(r"[a-z]+(/[a-z]+)?", resource):
        raise ValueError("is no kind in the plural, and stars are refused; write one like configmaps or pods/log")
    return resource


class Right(Config):
    """Some verbs on some objects of the namespace."""

    group: DnsName | Literal[""] = ""
    """The API group. Left out: the core's."""

    resources: tuple[Annotated[str, AfterValidator(_kind)], ...]
    """Kinds, in the plural: `configmaps`, `pods/log`. A star is refused."""

    verbs: tuple[Verb, ...]
    """What may be done. A star, `escalate`, `bind` and `impersonate` are refused."""

    names: tuple[DnsName, ...] = ()
    """The objects. Left out: all of the kind; of secrets, that is refused."""

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        fault = next(_faults(self), None)
        if fault is not None:
            raise ValueError(fault)
        return self


def _faults(right: Right) -> Iterator[str]:
    if not right.resources or not right.verbs:
        yield "grants nothing; name resources and verbs, or leave it out"
    unnamed = [verb for verb in UNNAMED_VERBS if verb in right.verbs]
    for resource in right.resources:
        if resource in CLUSTER_WIDE:
            yield f"{resource} are of no namespace, and a Role grants nothing on them; leave them out"
        if resource in LEADS_TO_MORE and set(right.verbs) - {"list", "watch", *_read(resource)}:
            yield f"{resource}: {LEADS_TO_MORE[resource]}; leave it out"
        if resource == "secrets" and (not right.names or unnamed):
            yield "secrets: all of the namespace would be open; allowed are get, update, patch and delete with names"
    if right.names and unnamed:
        yield f"names are given, and {', '.join(unnamed)} would go by none of them; write a right of its own for these"


def _read(resource: str) -> set[str]:
    """With a WebSocket, `get` on a sub-resource opens it: that is no reading."""
    return set() if "/" in resource else {"get"}


def rights_objects(place: Place, rights: Sequence[Right]) -> dict[str, Manifest]:
    """Resource name to object: a Role and who has it. Nothing where there are no rights. Pure."""
    if not rights:
        return {}
    name = place.instance
    reference = {"apiGroup": RBAC, "kind": "Role", "name": name}
    subject = {"kind": "ServiceAccount", "name": name, "namespace": place.namespace}
    return {
        f"{name}-role": manifest("Role", name, place, rules=[_rule(right) for right in rights]),
        f"{name}-role-binding": manifest("RoleBinding", name, place, roleRef=reference, subjects=[subject]),
    }


def _rule(right: Right) -> Manifest:
    names = {"resourceNames": list(right.names)} if right.names else {}
    return {"apiGroups": [right.group], "resources": list(right.resources), "verbs": list(right.verbs), **names}
