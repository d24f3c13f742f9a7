"""Who owns which field of an object: what server-side apply needs after an ordinary creation."""

import copy
from collections.abc import Sequence

from clouds.wire import Values

from .sealed import Path


def applied(live: Values, manager: str) -> list[Values] | None:
    """An object's managed fields with those that `manager` created turned into fields that it applied.

    Without that, a field that the program drops would stay: creating and applying count as two owners. None where there
    is nothing to turn. pulumi-kubernetes #4278 calls it fixCSAFieldManagers; the same is done by
    https://pkg.go.dev/k8s.io/client-go/util/csaupgrade.
    """
    entries = live["metadata"].get("managedFields", [])
    created = _entry(entries, manager, "Update")
    if created is None:
        return None
    own = _entry(entries, manager, "Apply")
    fields = created["fieldsV1"] if own is None else _united(own["fieldsV1"], created["fieldsV1"])
    rest = [one for one in entries if one is not created and one is not own]
    return [*rest, {**created, "operation": "Apply", "fieldsV1": fields}]


def _entry(entries: Sequence[Values], manager: str, operation: str) -> Values | None:
    which = (manager, operation)
    found = (one for one in entries if (one["manager"], one["operation"]) == which and not one.get("subresource"))
    return next(found, None)


def _united(one: Values, other: Values) -> Values:
    found = copy.deepcopy(one)
    for name, value in other.items():
        found[name] = _united(found[name], value) if name in found else value
    return found


def without_ignored(obj: Values, live: Values, ignored: Sequence[Path]) -> Values:
    """What is applied when the program ignores changes of some fields: those that somebody else has set are left out.

    Applying them with the old value would undo what an autoscaler has done since.
    """
    found = copy.deepcopy(obj)
    for path in ignored:
        if _at(found, path) != _at(live, path):
            _drop(found, path)
    return found


def _at(value: object, path: Path) -> object:
    for step in path:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def _drop(obj: Values, path: Path) -> None:
    holder = _at(obj, path[:-1])
    if isinstance(holder, dict):
        holder.pop(path[-1], None)
