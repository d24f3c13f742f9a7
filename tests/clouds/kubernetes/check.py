"""Has the API server check an object without making it, and says what is wrong with which property.

A creation that is only tried, with strict validation, answers for every object: what it does not know is a 400, what it
does not allow a 422. That an object of this name is there already is said last, so it means that nothing else is wrong.
https://kubernetes.io/docs/reference/using-api/api-concepts/#validation-for-unrecognized-or-duplicate-fields
"""

import re
from collections.abc import Iterator
from typing import Any

from pulumi.runtime.rpc import UNKNOWN

from clouds.wire import Values

from .api import Api, ApiError
from .objects import DEFAULT_NAMESPACE, name_of, namespace_of

Fault = tuple[str, str]
"""The path of a property, and what is wrong with it."""

UNKNOWN_FIELD = re.compile(r'(?:unknown|duplicate) field "([^"]+)"')
WRONG_TYPE = re.compile(r"Go struct field \w+\.([\w.]+) of type")
GONE = object()


def faults(api: Api, obj: Values, existing: bool) -> list[Fault]:
    """What the API server has against `obj`.

    Empty where it cannot say: its kind or its namespace comes from the same program. What depends on values that are
    not known yet is left out and asked again when they are. `existing`: an object of this name is the program's own,
    so that it takes a name, an address or a port of its own is no fault.
    """
    kind = api.kind(obj["apiVersion"], obj["kind"])
    if kind is None:
        return []
    known = _known(obj)
    namespace = namespace_of(known) or DEFAULT_NAMESPACE
    try:
        api.call("POST", kind.path(namespace), known, dryRun="All", fieldValidation="Strict")
    except ApiError as fault:
        whole = fault.status == 422 and known == obj and not existing
        if fault.status == 400 or (whole and not _exists(api, kind.path(namespace, name_of(obj)))):
            return list(_faults(fault))
    return []


def _exists(api: Api, path: str) -> bool:
    """Whether an object is there, as it is when a program is about to replace it."""
    try:
        api.call("GET", path)
    except ApiError as fault:
        return fault.status != 404
    return True


def _faults(fault: ApiError) -> Iterator[Fault]:
    message = str(fault)
    fields = UNKNOWN_FIELD.findall(message) or WRONG_TYPE.findall(message)
    if fields:
        yield from ((field, _about(field, message)) for field in dict.fromkeys(fields))
    elif fault.causes:
        yield from ((field, f"{field}: {reason}") for field, reason in fault.causes)
    else:
        yield "", message


def _about(field: str, message: str) -> str:
    return f'unknown field "{field}"' if f'unknown field "{field}"' in message else f"{field}: {message}"


def _known(value: Any) -> Any:
    """A value without what is not known yet."""
    if isinstance(value, dict):
        found = {name: _known(one) for name, one in value.items()}
        return {name: one for name, one in found.items() if one is not GONE}
    if isinstance(value, list):
        return [one for one in map(_known, value) if one is not GONE]
    return GONE if value == UNKNOWN else value


def all_known(value: Any) -> bool:
    """Whether nothing in a value is left for later."""
    return _known(value) == value
