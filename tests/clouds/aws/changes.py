"""What differs between the state as read back and the inputs that a program asks for, and whether it must be replaced.

As the bridged provider has it: new inputs are compared with the state, not with the inputs of the last run, so what a
service undid behind the provider's back is a difference again.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pulumi.runtime.rpc import UNKNOWN

from . import cloudcontrol
from .outputs import format_of, mentioned
from .rules import CLOUD_CONTROL
from .types import ResourceType


@dataclass(frozen=True)
class Change:
    """One property that differs."""

    property: str
    kind: str
    """`ADD`, `DELETE` or `UPDATE`."""

    replaces: bool


@dataclass(frozen=True)
class Compared:
    """What a diff looks at."""

    token: str
    state: Mapping[str, Any]
    old_inputs: Mapping[str, Any]
    news: Mapping[str, Any]


def changes(compared: Compared, kind: ResourceType) -> list[Change]:
    """Every top-level property that differs; what the program never set and does not set now is no difference."""
    return [*_set(compared), *_dropped(compared, kind)]


def _set(compared: Compared) -> Iterator[Change]:
    token, state = compared.token, compared.state
    for name, value in compared.news.items():
        if name.startswith("__") or value is None:
            continue
        if state.get(name) is None:
            if value not in ({}, []):
                yield Change(name, "ADD", forces_replacement(token, name))
        elif not same(state[name], value, compared.old_inputs.get(name)):
            yield Change(name, "UPDATE", forces_replacement(token, name) or _creates_only(token, name, state, value))


def _dropped(compared: Compared, kind: ResourceType) -> Iterator[Change]:
    for name in compared.old_inputs:
        chosen_by_cloud = name in kind.outputs and kind.outputs[name].required
        if chosen_by_cloud or name.startswith("__") or compared.news.get(name) is not None:
            continue
        if compared.state.get(name) not in (None, {}, [], ""):
            yield Change(name, "DELETE", forces_replacement(compared.token, name))


def forces_replacement(token: str, name: str) -> bool:
    """Whether a resource of this type must be made anew when this property changes."""
    form = format_of(token)
    if form.immutable:
        return name != "tags"
    identity = mentioned(form.id) if form.id is not None else {"name"}
    return name in {*identity, "region", "namePrefix", *form.replace}


def _creates_only(token: str, name: str, state: Mapping[str, Any], value: Any) -> bool:
    desired = token == CLOUD_CONTROL and name == "desiredState"
    return desired and cloudcontrol.replaced_by(state[name], value, state["typeName"])


def delete_first(kind: ResourceType, news: Mapping[str, Any]) -> bool:
    """Whether the provider asks to delete a resource before its replacement is made: it does for an explicit name.

    Whatever the new name is: the bridge looks only at whether the provider would have made up a name. A program that
    names by content must say `delete_before_replace=False`.
    https://github.com/pulumi/pulumi-terraform-bridge, pkg/tfbridge/schema.go, nameRequiresDeleteBeforeReplace
    """
    named = naming_property(kind)
    return named is not None and named in news and named not in news.get("__defaults", [])


def naming_property(kind: ResourceType) -> str | None:
    """The property that the provider makes up when it is left out; None for a type without such a name."""
    return next((name for name in ("name", "bucket") if name in kind.inputs and not kind.inputs[name].required), None)


def same(old: Any, new: Any, asked: Any = None) -> bool:
    """Whether a value as read back answers what is asked for. What the cloud added to an object does not count.

    `asked` is what the program said the last time: a key that it has dropped since is a difference.
    """
    if new == UNKNOWN:
        return False
    if isinstance(old, dict) and isinstance(new, dict):
        dropped = {key for key in asked if key not in new} if isinstance(asked, dict) else set(old) - set(new)
        within = asked if isinstance(asked, dict) else {}
        return not dropped & set(old) and all(key in old and same(old[key], new[key], within.get(key)) for key in new)
    if isinstance(old, list) and isinstance(new, list):
        before = asked if isinstance(asked, list) and len(asked) == len(new) else [None] * len(new)
        return len(old) == len(new) and all(map(same, old, new, before))
    return old == new or _same_json(old, new)


def _same_json(old: Any, new: Any) -> bool:
    if not (isinstance(old, str) and isinstance(new, str) and old[:1] in "{[" and new[:1] in "{["):
        return False
    try:
        return json.loads(old) == json.loads(new)
    except json.JSONDecodeError:
        return False
