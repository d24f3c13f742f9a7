"""What an object is called: group, kind, name, namespace, annotations; the names that the provider makes up."""

import copy
import hashlib
from collections.abc import Mapping
from typing import Any

from pulumi.runtime.rpc import UNKNOWN

from clouds.wire import RefusedError, Values, logical_of, type_of

AUTONAMED = "pulumi.com/autonamed"
MANAGER = "__fieldManager"
"""Where the state keeps the name under which the provider owns fields."""
VERSION = "__initialApiVersion"
DEFAULT_NAMESPACE = "default"


def manifest(urn: str, inputs: Values) -> Values:
    """A resource's inputs as a manifest: apiVersion and kind come from the type where the program gives none.

    Raises RefusedError for a Patch resource, whose type and kind differ.
    """
    _, module, kind = type_of(urn).split(":")
    found = {"apiVersion": module.removeprefix("core/"), "kind": kind, **inputs}
    if found["kind"] != kind:
        raise RefusedError(f"{type_of(urn)}: the stand-in knows no Patch resources, only whole objects")
    return {name: value for name, value in found.items() if not name.startswith("__") and value is not None}


def group_of(obj: Mapping[str, Any]) -> str:
    """`apps` of apps/v1; empty for the core group."""
    return obj["apiVersion"].rpartition("/")[0]


def metadata(obj: Mapping[str, Any]) -> Values:
    """An object's metadata; empty where it has none or where it is not known yet."""
    found = obj.get("metadata")
    return found if isinstance(found, dict) else {}


def name_of(obj: Mapping[str, Any]) -> str:
    """An object's name; empty where it has none yet."""
    return metadata(obj).get("name") or ""


def namespace_of(obj: Mapping[str, Any]) -> str | None:
    """An object's namespace; None for one of the whole cluster."""
    return metadata(obj).get("namespace")


def annotation(obj: Mapping[str, Any], name: str) -> str | None:
    """One annotation; None where it is not set or not known."""
    found = metadata(obj).get("annotations")
    return found.get(name) if isinstance(found, dict) else None


def id_of(obj: Mapping[str, Any]) -> str:
    """`namespace/name`, or `name` for an object of the whole cluster."""
    namespace = namespace_of(obj)
    return f"{namespace}/{name_of(obj)}" if namespace else name_of(obj)


def named(urn: str, obj: Values, olds: Values, seed: bytes) -> Values:
    """An object with a name: the program's, the one it was given before, or `<logical>-<8 hex digits>`.

    https://www.pulumi.com/docs/iac/concepts/resources/names/#autonaming
    """
    found = copy.deepcopy(obj)
    if found.get("metadata", {}) == UNKNOWN:
        return found
    about = found.setdefault("metadata", {})
    if about.get("name") or about.get("generateName"):
        return found
    kept = name_of(olds) if annotation(olds, AUTONAMED) == "true" else ""
    about["name"] = kept or f"{logical_of(urn)}-{hashlib.sha256(seed or urn.encode()).hexdigest()[:8]}"
    if about.get("annotations", {}) != UNKNOWN:
        about["annotations"] = {**about.get("annotations", {}), AUTONAMED: "true"}
    return found


def placed(obj: Values, namespaced: bool | None, namespace: str) -> Values:
    """An object in its namespace: the program's or the provider's. None: nobody knows (yet) whether it has one."""
    if obj.get("metadata", {}) == UNKNOWN or namespaced is None:
        return obj
    about = dict(obj.get("metadata", {}))
    if not namespaced:
        about.pop("namespace", None)
    elif not about.get("namespace"):
        about["namespace"] = namespace
    return {**obj, "metadata": about}


def manager_of(urn: str, state: Values) -> str:
    """The name under which a resource's fields are owned: of its own, and the same for its whole life."""
    return state.get(MANAGER) or f"pulumi-kubernetes-{hashlib.sha256(urn.encode()).hexdigest()[:8]}"


def state_of(live: Values, manager: str) -> Values:
    """What the engine keeps of a live object. Who owns which field is left out: it says nothing to a program."""
    about = {name: value for name, value in live.get("metadata", {}).items() if name != "managedFields"}
    return {**live, "metadata": about, MANAGER: manager, VERSION: live["apiVersion"]}
