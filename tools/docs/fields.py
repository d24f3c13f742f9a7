"""The fields of a configuration model as rows: path, type, default, meaning. Read from annotations and docstrings."""

import json
import types
from collections import abc
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from modelberth.core.quantities import PerSecond, Seconds, Share

AMOUNTS = ((Seconds, "duration: `200ms`, `10m`"), (PerSecond, "rate: `100/s`"), (Share, "share: `1%`"))
PLAIN: Mapping[Any, str] = {str: "text", int: "whole number", float: "number", bool: "yes or no", Any: "anything"}
ABSENT, GROUP = "—", "group"
BOUNDS = {"ge": "at least {}", "gt": "above {}", "le": "at most {}", "lt": "below {}", "min_length": "{} or more"}


@dataclass(frozen=True, slots=True)
class Row:
    """One field."""

    path: str
    """Where it stands: `scale.schedule[].cron`."""
    type: str
    """What may stand there, in words."""
    default: str
    """What it is when it is left out."""
    meaning: str
    """Its docstring, on one line."""
    leaf: bool
    """False for a group of further fields."""


def rows_of(
    model: type[BaseModel], prefix: str = "", known: Mapping[type[BaseModel], str] = types.MappingProxyType({})
) -> Iterator[Row]:
    """Every field of a model and of the models in it, parents first. `known`: models that are described elsewhere, to
    the words that stand for them."""
    hints = get_type_hints(model, include_extras=True)
    for name, info in model.model_fields.items():
        path = f"{prefix}{name}"
        inner, step = _model_in(hints[name])
        fields = inner is not None and bool(inner.model_fields)
        words = words_of(hints[name])
        if inner in known:
            yield Row(path, _named(words, hints[name], known), _default(info), one_line(info.description), True)
            continue
        yield Row(path, words, _default(info), one_line(info.description), not fields)
        if inner is not None:
            yield from rows_of(inner, f"{path}{step}.", {model: f"`{model.__name__}`, as here", **known})


def _named(words: str, hint: Any, known: Mapping[type[BaseModel], str]) -> str:
    """The words of a type with each group in it by the words that stand for it."""
    for model in _models_in(hint):
        words = words.replace(GROUP, known.get(model, f"`{model.__name__}`"), 1)
    return words


def _models_in(hint: Any) -> Iterator[type[BaseModel]]:
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        yield hint
    for argument in get_args(hint):
        yield from _models_in(argument)


def one_line(text: str | None) -> str:
    """A docstring on one line, fit for a cell of a table, where what stands in `<…>` outside code would vanish."""
    parts = " ".join((text or "").split()).replace("|", "\\|").split("`")
    plain = [part.replace("<", "&lt;").replace(">", "&gt;") for part in parts[::2]]
    return "`".join(part for pair in zip_longest(plain, parts[1::2]) for part in pair if part is not None)


def words_of(hint: Any) -> str:
    """A type in plain words."""
    for amount, words in AMOUNTS:
        if hint == amount:
            return words
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is not None:
        return _SHAPES[origin](arguments)
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return GROUP
    return PLAIN.get(hint) or f"`{hint.__name__}`"


def _either(arguments: Sequence[Any]) -> str:
    return " or ".join(words_of(argument) for argument in arguments if argument is not type(None))


def _annotated(arguments: Sequence[Any]) -> str:
    plain, *marks = arguments
    late = [mark.inner for mark in marks if type(mark).__name__ == "_Input"]
    if late:
        return f"{words_of(late[0])}, or an Output"
    facts = [fact for mark in marks for fact in getattr(mark, "metadata", [mark])]
    of_text = " characters" if plain is str else ""
    bounds = [
        words.format(f"{getattr(fact, bound):g}") + of_text
        for fact in facts
        for bound, words in BOUNDS.items()
        if isinstance(getattr(fact, bound, None), int | float)
    ]
    return ", ".join([words_of(plain), *bounds])


_SHAPES: Mapping[Any, Callable[[Sequence[Any]], str]] = {
    Annotated: _annotated,
    Literal: lambda values: ", ".join(f"`{value}`" for value in values),
    Union: _either,
    types.UnionType: _either,
    tuple: lambda items: f"list of {words_of(items[0])}",
    dict: lambda items: f"map of {words_of(items[0])} to {words_of(items[1])}",
    abc.Mapping: lambda items: f"map of {words_of(items[0])} to {words_of(items[1])}",
}


def _default(info: FieldInfo) -> str:
    if info.is_required():  # a validator before the field may still know what to take
        return ABSENT if "Left out:" in (info.description or "") else "**required**"
    value = info.get_default(call_default_factory=True, validated_data={})
    return ABSENT if value is None or isinstance(value, BaseModel) else f"`{json.dumps(value, default=str)}`"


def _model_in(hint: Any) -> tuple[type[BaseModel] | None, str]:
    """The model that a field holds, and the step to it: none, `[]` in a list, `.<name>` in a map."""
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return hint, ""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _model_in(arguments[0])
    if origin in (Union, types.UnionType):
        return next((found for found in map(_model_in, arguments) if found[0]), (None, ""))
    if origin in (tuple, dict, abc.Mapping):
        inner, step = _model_in(arguments[0 if origin is tuple else 1])
        return inner, ("[]" if origin is tuple else ".<name>") + step
    return None, ""
