"""What differs between the inputs of the last run, or as refreshed, and those of this one, and what must be replaced.

pulumi-kubernetes compares with the live object as last read, cut down to what the program said; here a refresh writes
that into the inputs, and the inputs are compared. The result is the same where the server keeps what it is given.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from clouds.wire import Values

from .objects import AUTONAMED, annotation, group_of, name_of, namespace_of
from .sealed import Path

IDENTITY = ("metadata.name", "metadata.namespace", "kind")
POD_KEPT = ("metadata", "apiVersion", "kind", "spec.activeDeadlineSeconds", "spec.tolerations")
"""What of a Pod may change in place; an image may as well, but the provider replaces the Pod."""

REPLACED = {
    ("apps", "Deployment"): ("spec.selector",),
    ("apps", "StatefulSet"): (
        "spec.podManagementPolicy",
        "spec.revisionHistoryLimit",
        "spec.selector",
        "spec.serviceName",
        "spec.volumeClaimTemplates",
    ),
    ("batch", "Job"): ("spec.completions", "spec.parallelism", "spec.selector", "spec.template"),
    ("rbac.authorization.k8s.io", "RoleBinding"): ("roleRef",),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): ("roleRef",),
    ("storage.k8s.io", "StorageClass"): ("parameters", "provisioner"),
    ("", "PersistentVolumeClaim"): (
        "spec.accessModes",
        "spec.selector",
        "spec.storageClassName",
        "spec.volumeName",
    ),
    ("", "ResourceQuota"): ("spec.scopes",),
    ("", "Service"): ("spec.clusterIP",),
    ("", "ConfigMap"): ("data", "binaryData"),
    ("", "Secret"): ("type", "data", "stringData"),
}
"""What forces a replacement, by group and kind. Custom resources and kinds not named: only their identity.

https://github.com/pulumi/pulumi-kubernetes, provider/pkg/provider/diff.go; that a claim grows in place: its #1705.
DaemonSets are missing there too: the list spells the kind in a way that never matches.
"""
MUTABLE = {("", "ConfigMap"): "enableConfigMapMutable", ("", "Secret"): "enableSecretMutable"}
"""The settings of the provider with which data changes in place, unless the object says that it is immutable."""


@dataclass(frozen=True)
class Change:
    """One value that differs."""

    path: Path
    kind: str
    """`ADD`, `DELETE` or `UPDATE`."""

    replaces: bool

    @property
    def property(self) -> str:
        """The path as the engine writes it: `spec.template.spec.containers[0].image`."""
        return written(self.path)


def changes(old: Values, new: Values, settings: Mapping[str, Any]) -> list[Change]:
    """Every value that differs, and whether it forces a replacement."""
    forced = _forced(old, new, settings)
    return [Change(path, kind, _within(path, forced)) for path, kind in _differences(old, new, ())]


def _forced(old: Values, new: Values, settings: Mapping[str, Any]) -> tuple[str, ...]:
    which = (group_of(new), new["kind"])
    moved = ("apiVersion",) if group_of(old) != group_of(new) else ()
    if which == ("", "Pod"):
        kept = {name for name in POD_KEPT if name.startswith("spec.")}
        fields = {f"spec.{name}" for name in {*old.get("spec", {}), *new.get("spec", {})}}
        return (*IDENTITY, *moved, *sorted(fields - kept))
    if settings.get(MUTABLE.get(which, "")) and not new.get("immutable") and not old.get("immutable"):
        return (*IDENTITY, *moved, *(("type",) if new["kind"] == "Secret" else ()))
    return (*IDENTITY, *moved, *REPLACED.get(which, ()))


def _within(path: Path, forced: tuple[str, ...]) -> bool:
    text = written(path)
    return any(text == one or text.startswith((f"{one}.", f"{one}[")) for one in forced)


def _differences(old: Any, new: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for name in dict.fromkeys([*old, *new]):
            yield from _pair(old.get(name), new.get(name), (*path, name))
    elif isinstance(old, list) and isinstance(new, list):
        for place in range(max(len(old), len(new))):
            before, after = (one[place] if place < len(one) else None for one in (old, new))
            yield from _pair(before, after, (*path, place))
    else:
        yield path, "UPDATE"


def _pair(old: Any, new: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if old is None and new is None:
        return
    if old is None:
        yield path, "ADD"
    elif new is None:
        yield path, "DELETE"
    else:
        yield from _differences(old, new, path)


def delete_first(old: Values, new: Values) -> bool:
    """Whether the old object must go before the new one can come: they have one name, and the program chose it."""
    same = (name_of(old), namespace_of(old)) == (name_of(new), namespace_of(new))
    return same and bool(name_of(new)) and annotation(new, AUTONAMED) != "true"


def written(path: Path) -> str:
    """A path in the engine's words: https://www.pulumi.com/docs/iac/concepts/miscellaneous/property-paths/."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif re.fullmatch(r"[\w-]+", step) is None:
            text += f'["{step}"]'
        else:
            text += f".{step}" if text else step
    return text


def steps(text: str) -> Path:
    """The other way round."""
    found = re.findall(r'\["([^"]+)"\]|\[(\d+)\]|([^.\[\]]+)', text)
    return tuple(int(place) if place else quoted or name for quoted, place, name in found)
