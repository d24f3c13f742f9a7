"""Values of a plan: what is known, `MISSING` (left out, or null), `UNKNOWN` (only the cloud will know), or a `Secret`,
whose text never shows. And how they are read: `read(inputs, "a.b[0]")`. Standard library only."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any, Final, Literal, TypeAlias


class Absent(Enum):
    """The two ways in which a property has no value. Compare with `is`: the truth of neither is defined."""

    MISSING = "MISSING"
    """Left out of the program, or null."""
    UNKNOWN = "UNKNOWN"
    """Known only once the cloud has made the resource, or once a secret is decrypted."""

    def __repr__(self) -> str:
        return self.name

    def __bool__(self) -> bool:
        raise TypeError(f"{self.name} is neither true nor false; compare it with `is {self.name}`")


MISSING: Final = Absent.MISSING
UNKNOWN: Final = Absent.UNKNOWN
Missing: TypeAlias = Literal[Absent.MISSING]
Unknown: TypeAlias = Literal[Absent.UNKNOWN]


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A value that must not be shown. `Secret(UNKNOWN)` is one that cannot even be read here."""

    value: Any
    """The plain value; may hold further `Secret`s and `UNKNOWN`s."""

    def __repr__(self) -> str:
        return "Secret(UNKNOWN)" if self.value is UNKNOWN else "Secret(…)"


GAP: Final = "\ue000"
"""Stands in a `Partial` text for what is unknown; no text of a program holds this private character."""


@dataclass(frozen=True, slots=True)
class Partial:
    """A text of which parts are unknown, such as a policy document that names a resource still to be made.

    To `read` it is `UNKNOWN`; `read_text` gives it with a `GAP` in place of each unknown part.
    """

    text: str

    def __repr__(self) -> str:
        return f"Partial({self.text.replace(GAP, '…')!r})"


def reveal(value: Any) -> Any:
    """The value without its `Secret` wrappings, at any depth. For comparing, never for showing."""
    if isinstance(value, Secret):
        return reveal(value.value)
    if isinstance(value, Mapping):
        return {key: reveal(item) for key, item in value.items()}
    if isinstance(value, list):
        return [reveal(item) for item in value]
    return value


_STEP = re.compile(r'\.?([^.\[\]"]+)|\[(\d+)\]|\["([^"]*)"\]')


@lru_cache(maxsize=4096)
def steps_of(path: str) -> tuple[str | int, ...]:
    """The steps of a path: `a.b[0]["c.d"].e` → `("a", "b", 0, "c.d", "e")`. Raises `ValueError` for anything else."""
    steps: list[str | int] = []
    position = 0
    while position < len(path):
        match = _STEP.match(path, position)
        if match is None:
            raise ValueError(f'path {path!r} is not understood at character {position}; write a.b[0]["c.d"]')
        name, index, quoted = match.groups()
        steps.append(int(index) if index is not None else quoted if quoted is not None else name)
        position = match.end()
    return tuple(steps)


def read(properties: Any, path: str) -> Any:
    """What stands at `path`: a value (a `Secret` if it, or anything around it, is one), `MISSING` or `UNKNOWN`.

    `UNKNOWN` anywhere on the way, also `Secret(UNKNOWN)`, gives `UNKNOWN`; null and an index out of range, `MISSING`.
    """
    value, secret = _found(properties, path)
    if isinstance(value, Partial):
        return UNKNOWN
    return Secret(value) if secret and not isinstance(value, Absent) else value


def read_text(properties: Any, path: str) -> tuple[Any, bool]:
    """What stands at `path`, and whether it is a secret; a `Partial` text as far as it is known, with its gaps."""
    value, secret = _found(properties, path)
    return (value.text if isinstance(value, Partial) else value), secret


def parted(document: Any) -> Any:
    """A document that was parsed from a `Partial` text: every text in it with a gap is a `Partial`."""
    if isinstance(document, str):
        return Partial(document) if GAP in document else document
    if isinstance(document, dict):
        return {key: parted(item) for key, item in document.items()}
    return [parted(item) for item in document] if isinstance(document, list) else document


def _found(properties: Any, path: str) -> tuple[Any, bool]:
    value, secret = properties, False
    for step in steps_of(path):
        while type(value) is Secret:
            value, secret = value.value, True
        if value is UNKNOWN or type(value) is Partial:
            return UNKNOWN, secret
        # Nearly all that is read is a plain dict; asking `Mapping` of it costs more than the rest of this function.
        value = value.get(step, MISSING) if type(value) is dict else _child(value, step)
    while type(value) is Secret:
        value, secret = value.value, True
    return (MISSING if value is None else value), secret


def _child(value: Any, step: str | int) -> Any:
    if isinstance(step, str):
        return value.get(step, MISSING) if isinstance(value, Mapping) else MISSING
    return value[step] if isinstance(value, list) and step < len(value) else MISSING


def shown(value: Any) -> str:
    """A value, for a message: `'a text'`, `42`, `[1, a secret]`, `3 fields`, `unknown`."""
    if isinstance(value, Secret):
        return "a secret"
    if isinstance(value, Absent | Partial):
        return "unknown"
    if isinstance(value, Mapping):
        return f"{len(value)} fields"
    if isinstance(value, list):
        return f"[{', '.join(map(shown, value))}]"
    return repr(value) if isinstance(value, str) else json.dumps(value)
