"""Compares the inputs of a resource, nested ones too, with what the SDK declares."""

import difflib
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pulumi.runtime.rpc import UNKNOWN

from .types import Field, ResourceType, Shape

Fault = tuple[str, str]
"""The path of a property, and what is wrong with it."""

SPECIAL = "4dabf18193072939515e22adb298388d"
"""The key by which the engine marks a value that plain JSON has no word for: an asset, an archive, a secret."""


def faults(kind: ResourceType, inputs: Mapping[str, Any]) -> list[Fault]:
    """What is wrong with `inputs`: keys that do not exist, required ones that are missing, values of a wrong type."""
    return list(_object(kind, "", kind.inputs, inputs))


def provider_faults(kind: ResourceType, inputs: Mapping[str, Any]) -> list[Fault]:
    """Of a provider's configuration, in which whatever is not text arrives as JSON."""
    return faults(kind, {name: decoded(value) for name, value in inputs.items() if name != "version"})


def decoded(value: Any) -> Any:
    """A value of a provider's configuration; text that is no JSON stands for itself."""
    if not isinstance(value, str) or value == UNKNOWN:
        return value
    try:
        plain = json.loads(value)
    except json.JSONDecodeError:
        return value
    return plain if isinstance(plain, dict | list | bool) else value


def _object(kind: ResourceType, path: str, fields: Mapping[str, Field], value: Mapping[str, Any]) -> Iterator[Fault]:
    for name in value:
        if name not in fields and not name.startswith("__"):
            yield _join(path, name), _no_such(name, fields)
    for name, field in fields.items():
        given = value.get(name)
        if given is not None:
            yield from _value(kind, _join(path, name), field.shape, given)
        elif field.required:
            yield _join(path, name), "is required and missing"


def _no_such(name: str, fields: Mapping[str, Field]) -> str:
    near = difflib.get_close_matches(name, fields, n=1)
    hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(sorted(fields))}"
    return f"no such property; {hint}"


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _value(kind: ResourceType, path: str, shape: Shape, value: Any) -> Iterator[Fault]:
    if value == UNKNOWN or shape == "any" or (isinstance(value, dict) and SPECIAL in value):
        return
    if isinstance(shape, str):
        if not SCALARS[shape](value):
            yield path, f"got {_shown(value)}, must be {WORDS[shape]}"
        return
    ((form, inner),) = shape.items()
    yield from FORMS[form](kind, path, inner, value)


def _list(kind: ResourceType, path: str, inner: Shape, value: Any) -> Iterator[Fault]:
    if not isinstance(value, list):
        yield path, f"got {_shown(value)}, must be a list"
        return
    for index, item in enumerate(value):
        yield from _value(kind, f"{path}[{index}]", inner, item)


def _map(kind: ResourceType, path: str, inner: Shape, value: Any) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield path, f"got {_shown(value)}, must be a map"
        return
    for name, item in value.items():
        yield from _value(kind, _join(path, name), inner, item)


def _nested(kind: ResourceType, path: str, inner: str, value: Any) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield path, f"got {_shown(value)}, must be an object"
        return
    yield from _object(kind, path, kind.objects[inner], value)


def _union(kind: ResourceType, path: str, inner: list[Shape], value: Any) -> Iterator[Fault]:
    found = [list(_value(kind, path, shape, value)) for shape in inner]
    yield from min(found, key=len)


def _shown(value: Any) -> str:
    return {dict: "an object", list: "a list"}.get(type(value)) or json.dumps(value)


FORMS: dict[str, Callable[..., Iterator[Fault]]] = {"list": _list, "map": _map, "object": _nested, "union": _union}

SCALARS: dict[str, Callable[[Any], bool]] = {
    "str": lambda value: isinstance(value, str),
    "bool": lambda value: isinstance(value, bool),
    "int": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "float": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
}

WORDS = {"str": "text", "bool": "true or false", "int": "a whole number", "float": "a number"}
