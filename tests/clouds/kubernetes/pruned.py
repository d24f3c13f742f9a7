"""Cuts a live object down to what the program said of it, in the program's own spelling where that means the same."""

import base64
import re
from decimal import Decimal
from typing import Any

from clouds.wire import Values

QUANTITY = re.compile(
    r"([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E)?"
)
"""https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/"""
BINARY = {name: Decimal(1024) ** power for power, name in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), 1)}
THOUSANDS = {"n": -3, "u": -2, "m": -1, "": 0, "k": 1, "M": 2, "G": 3, "T": 4, "P": 5, "E": 6}
FACTORS = {**{name: Decimal(1000) ** power for name, power in THOUSANDS.items()}, **BINARY}

SERVERS_OWN = ("creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid")
SERVERS_NOTES = ("deployment.kubernetes.io/revision", "kubectl.kubernetes.io/last-applied-configuration")


def pruned(live: Values, said: Values) -> Values:
    """What the program would have said had it made the object as it is now."""
    found = _pruned({**live, **_texts(live, said)}, said)
    return found if isinstance(found, dict) else {}


def whole(live: Values) -> Values:
    """The inputs of an object that no program has described yet: all but what the server itself writes."""
    about = {name: value for name, value in live["metadata"].items() if name not in SERVERS_OWN}
    notes = {name: value for name, value in about.pop("annotations", {}).items() if name not in SERVERS_NOTES}
    kept = {name: value for name, value in live.items() if name != "status"}
    return {**kept, "metadata": {**about, **({"annotations": notes} if notes else {})}}


def _texts(live: Values, said: Values) -> Values:
    """The stringData of a Secret, which the server turns into data."""
    if "stringData" not in said or not isinstance(said["stringData"], dict):
        return {}
    data = live.get("data") or {}
    return {"stringData": {key: base64.b64decode(data[key]).decode() for key in said["stringData"] if key in data}}


def _pruned(live: Any, said: Any) -> Any:
    if isinstance(said, dict) and isinstance(live, dict):
        found = {name: _pruned(live.get(name), value) for name, value in said.items()}
        return {name: value for name, value in found.items() if value is not None}
    if isinstance(said, list) and isinstance(live, list):
        return _list(live, said)
    return said if _same(live, said) else live


def _list(live: list[Any], said: list[Any]) -> list[Any]:
    """Items that have names are paired by them, as the server merges them; others by their places.

    A named item that somebody else has added stays theirs under server-side apply, so it is none of the program's.
    """
    if all(isinstance(one, dict) and "name" in one for one in [*live, *said]):
        by_name = {one["name"]: one for one in live}
        return [_pruned(by_name[one["name"]], one) for one in said if one["name"] in by_name]
    return [_pruned(one, said[place]) if place < len(said) else one for place, one in enumerate(live)]


def _same(live: Any, said: Any) -> bool:
    if live == said or (live is None and said in ({}, [], "", 0, False)):
        return True
    if isinstance(live, bool) or isinstance(said, bool):
        return False
    before, after = _quantity(live), _quantity(said)
    return before is not None and before == after


def _quantity(value: Any) -> Decimal | None:
    found = QUANTITY.fullmatch(str(value)) if isinstance(value, str | int | float) else None
    return None if found is None else Decimal(found[1]) * FACTORS[found[2] or ""]
