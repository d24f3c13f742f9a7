"""The types of MLflow signatures as data: how a JSON value of each is checked and what it becomes."""

import base64
import binascii
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from modelberth.serving.refusal import Wrong

Check = Callable[[Any], Any]

DEEPEST_TYPE = 32
"""Levels of arrays, objects and maps that a signature may nest; a deeper one is not a table of features."""


@dataclass(frozen=True)
class Kind:
    """One type of a signature."""

    check: Check
    """JSON value to Python value; raises `Wrong`."""
    dtype: str
    """The numpy type of a column of it."""
    blank: Any
    """A JSON value that fits, for the first prediction."""
    missing: Any = None
    """What stands for a value that is absent from an optional column."""
    may_miss: bool = True
    """Whether a column of this type can hold a missing value at all; whole numbers and booleans cannot."""
    nested: bool = False
    """Whether the JSON value is itself a list or an object."""


class UnsupportedSignature(ValueError):  # noqa: N818  the state is the name
    """The model's signature asks for something that cannot be checked; the server does not start."""


def number(largest: float = math.inf) -> Check:
    """A finite number of at most `largest` either side of zero; whole numbers are welcome, booleans are not."""

    def check(value: Any) -> float:
        if type(value) is float:
            if -largest <= value <= largest and math.isfinite(value):
                return value
            raise Wrong("is out of range" if math.isfinite(value) else "must be a finite number")
        if type(value) is int:
            try:
                return check(float(value))
            except OverflowError:
                raise Wrong("is out of range") from None
        raise Wrong("must be a number")

    return check


def whole(lowest: int, highest: int) -> Check:
    """A whole number within bounds, written without a fraction."""

    def check(value: Any) -> int:
        if type(value) is not int:
            raise Wrong("must be a whole number")
        if not lowest <= value <= highest:
            raise Wrong("is out of range")
        return value

    return check


def exactly(kind: type, words: str) -> Check:
    """A value of this very JSON type."""

    def check(value: Any) -> Any:
        if type(value) is not kind:
            raise Wrong(f"must be {words}")
        return value

    return check


_text = exactly(str, "a string")


def _moment(value: Any) -> np.datetime64:
    try:
        moment = datetime.fromisoformat(_text(value))
        naive = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        raise Wrong("must be a date and time in ISO 8601") from None
    if not 1678 <= naive.year <= 2261:  # what 64 bits of nanoseconds reach
        raise Wrong("is out of range")
    return np.datetime64(naive, "ns")


def _binary(value: Any) -> bytes:
    try:
        return base64.b64decode(_text(value), validate=True)
    except (ValueError, binascii.Error):
        raise Wrong("must be a string in base64") from None


def _anything(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        raise Wrong("must be a finite number")
    if isinstance(value, list):
        return each(_anything)(value)
    if isinstance(value, dict):
        return {key: _anything(inner) for key, inner in value.items()}
    return value


def each(check: Check) -> Check:
    """A list, every item of which passes `check`."""

    def check_list(value: Any) -> list[Any]:
        if type(value) is not list:
            raise Wrong("must be a list")
        checked = []
        try:
            for item in value:
                checked.append(check(item))  # its length is the place of a fault
        except Wrong as wrong:
            raise wrong.inside(f"[{len(checked)}]") from None
        return checked

    return check_list


def _mapping(check: Check) -> Check:
    def check_map(value: Any) -> dict[str, Any]:
        if type(value) is not dict:
            raise Wrong("must be an object")
        return {key: check(inner) for key, inner in value.items()}

    return check_map


def _object(properties: dict[str, Kind], required: frozenset[str]) -> Check:
    def check_object(value: Any) -> dict[str, Any]:
        if type(value) is not dict:
            raise Wrong("must be an object")
        if absent := sorted(required - value.keys()):
            raise Wrong(f"lacks {listed(absent)}")
        if value.keys() - properties.keys():
            raise Wrong(f"has a field that the model does not know; it knows {listed(sorted(properties))}")
        return {key: _property(key, properties[key], inner) for key, inner in value.items()}

    return check_object


def _property(name: str, kind: Kind, value: Any) -> Any:
    try:
        return kind.check(value)
    except Wrong as wrong:
        raise wrong.inside(f".{name}") from None


def listed(names: list[str], most: int = 10) -> str:
    """Names of the model's own fields for a message: the first ten, and how many more."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


FLOAT32_MAX = float(np.finfo(np.float32).max)

SCALARS = {
    "boolean": Kind(exactly(bool, "true or false"), "bool", False, may_miss=False),
    "integer": Kind(whole(-(2**31), 2**31 - 1), "int32", 0, may_miss=False),
    "long": Kind(whole(-(2**63), 2**63 - 1), "int64", 0, may_miss=False),
    "float": Kind(number(FLOAT32_MAX), "float32", 0.0, missing=math.nan),
    "double": Kind(number(), "float64", 0.0, missing=math.nan),
    "string": Kind(_text, "object", ""),
    "binary": Kind(_binary, "object", ""),
    "datetime": Kind(_moment, "datetime64[ns]", "2000-01-01T00:00:00", missing=np.datetime64("NaT", "ns")),
    "any": Kind(_anything, "object", None, nested=True),
}
"""MLflow's name of a type → how it is checked."""


def kind_of(spec: dict[str, Any], depth: int = 0) -> Kind:
    """The kind for one type of a signature, in the form of MLflow's `to_dict`; raises `UnsupportedSignature`."""
    name = spec.get("type")
    if depth > DEEPEST_TYPE:
        raise UnsupportedSignature(f"the signature nests types deeper than {DEEPEST_TYPE}")
    if name == "array":
        return Kind(each(kind_of(spec["items"], depth + 1).check), "object", [], nested=True)
    if name == "map":
        return Kind(_mapping(kind_of(spec["values"], depth + 1).check), "object", {}, nested=True)
    if name == "object":
        properties = {key: kind_of(inner, depth + 1) for key, inner in spec["properties"].items()}
        required = frozenset(key for key, inner in spec["properties"].items() if inner.get("required", True))
        blank = {key: properties[key].blank for key in required}
        return Kind(_object(properties, required), "object", blank, nested=True)
    if name not in SCALARS:
        raise UnsupportedSignature(
            f"the signature has a type {name!r}; served are {', '.join(SCALARS)}, array, object, map"
        )
    return SCALARS[name]


def kind_of_dtype(name: str) -> Kind:
    """The kind for the numpy type of a tensor, such as `float32`; raises `UnsupportedSignature`."""
    dtype = np.dtype(name)
    if dtype.kind in "iu":
        bounds = np.iinfo(dtype)
        return Kind(whole(int(bounds.min), int(bounds.max)), dtype.name, 0)
    if dtype.kind == "f":
        return Kind(number(float(np.finfo(dtype).max)), dtype.name, 0.0)
    if dtype.kind in "UO":
        return replace(SCALARS["string"], dtype=dtype.str)
    if dtype.kind == "b":
        return SCALARS["boolean"]
    raise UnsupportedSignature(f"the signature has a tensor of {name}; served are numbers, booleans and strings")
