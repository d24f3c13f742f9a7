"""One way to say that something is wrong: what, got, allowed, fix — all faults of a configuration in one message."""

import difflib
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, get_args

import pulumi
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, with the path of the field."""

    path: str
    """Where: `services.iris.scale.max`. Empty: the whole."""
    what: str
    """What is wrong, in one clause that holds what was got and what is allowed."""
    fix: str = ""
    """What to do about it. Empty: `what` says it all."""
    target: str = ""
    """The target that refuses the field. Empty: it is wrong wherever it runs."""

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        who = f"{self.target} cannot honour it: " if self.target else ""
        return f"{where}{who}{self.what}{'; ' + self.fix if self.fix else ''}"


class ModelberthError(pulumi.RunError):
    """A message for the user. Pulumi prints its text without a traceback and exits non-zero."""


WIDTH = 120
"""Columns of a table in a message; a word that is longer than its column is not cut, so that it can be copied."""
COLUMNS = ("field", "why", "write instead")


class ConfigError(ModelberthError, ValueError):
    """All faults of one configuration, in one message: a line each, and a table for each target that refuses fields."""

    def __init__(self, faults: Iterable[Fault], source: str = "configuration") -> None:
        self.faults = tuple(faults)
        count = "1 fault" if len(self.faults) == 1 else f"{len(self.faults)} faults"
        super().__init__("\n".join([f"{source}: {count}", *_lines(self.faults)]))


def _lines(faults: Sequence[Fault]) -> Iterator[str]:
    refused = [fault for fault in faults if fault.target]
    if len(refused) == 1:
        refused = []
    yield from (f"  {fault}" for fault in faults if fault not in refused)
    for target in dict.fromkeys(fault.target for fault in refused):
        yield f"  {target} cannot honour"
        yield from _table([(fault.path, fault.what, fault.fix) for fault in refused if fault.target == target])


def _table(rows: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    """Rows under their heads, in columns; what is too long goes on in the next line."""
    field, why, fix = (max(map(len, column)) for column in zip(COLUMNS, *rows, strict=True))
    rest = max(60, WIDTH - len("    ") - field - 2 * len("  "))
    fix = min(fix, rest - min(why, rest * 3 // 5))
    widths = (field, min(why, rest - fix), fix)
    for row in (COLUMNS, *rows):
        cells = [_wrapped(cell, width) for cell, width in zip(row, widths, strict=True)]
        for line in zip_longest(*cells, fillvalue=""):
            columns = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
            yield f"    {'  '.join(columns)}".rstrip()


def _wrapped(cell: str, width: int) -> list[str]:
    return textwrap.wrap(cell, width, break_long_words=False, break_on_hyphens=False)


def closest(name: str, allowed: Iterable[str]) -> str:
    """`did you mean 'x'?` for a misspelt name, or nothing."""
    match = difflib.get_close_matches(name, list(allowed), n=1)
    return f"did you mean '{match[0]}'?" if match else ""


def faults_of(
    error: ValidationError, path: str, model: type[BaseModel] | None = None, *, repeat: bool = True
) -> list[Fault]:
    """The faults of a pydantic error, each at `path` + its field.

    With the model, an unknown field is answered with the known ones. A text that was given is never repeated, because
    it may be a secret in the wrong place; numbers and booleans are, unless `repeat` is False.
    """
    return [_fault(item, path, model, repeat) for item in error.errors(include_url=False)]


def _fault(item: ErrorDetails, path: str, model: type[BaseModel] | None, repeat: bool) -> Fault:
    where = ".".join([*([path] if path else []), *map(str, item["loc"])])
    if item["type"] == "extra_forbidden":
        allowed = _fields_at(model, item["loc"][:-1])
        fix = closest(str(item["loc"][-1]), allowed)
        return Fault(where, f"no such field{'; allowed: ' + ', '.join(allowed) if allowed else ''}", fix)
    if item["type"] == "value_error":
        return Fault(where, str(item.get("ctx", {}).get("error", item["msg"])))
    return Fault(where, f"{_got(item['input']) if repeat else ''}{item['msg'][:1].lower()}{item['msg'][1:]}")


def _got(value: object) -> str:
    return f"got {value!r}, " if isinstance(value, bool | int | float) else ""


def _fields_at(model: type[BaseModel] | None, loc: tuple[int | str, ...]) -> tuple[str, ...]:
    """The fields of the model that stands at a location of another."""
    for part in loc:
        if model is None:
            return ()
        if isinstance(part, str) and part in model.model_fields:
            model = next(_models_in(model.model_fields[part].annotation), None)
    return tuple(model.model_fields) if model else ()


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)
