"""What Seldon says of its objects: the conditions in their status. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from modelberth.kubernetes.manifest import VERSION


def is_ready(found: Mapping[str, Any]) -> bool:
    """Whether an object says that it is ready."""
    return any(each["type"] == "Ready" and each["status"] == "True" for each in _conditions(found))


def reasons(found: Mapping[str, Any]) -> Iterator[str]:
    """What an object says is not as it should be: a clause for each, those that name a part before the summary."""
    wrong = [each for each in _conditions(found) if each["status"] == "False"]
    for each in sorted(wrong, key=lambda each: each["type"] == "Ready"):
        reason, message = each.get("reason", ""), each.get("message", "")
        told = ": ".join(filter(None, (reason, message)))
        yield f"{each['type']}: {told}" if told else f"{each['type']} is False"


def label_of(found: Mapping[str, Any]) -> str:
    """The version of the model that an object is of, by its label; empty for none."""
    return str(found["metadata"].get("labels", {}).get(VERSION, ""))


def _conditions(found: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list((found.get("status") or {}).get("conditions") or [])
