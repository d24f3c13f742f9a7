"""Reading a document that the engine wrote: where something is missing or of the wrong kind, the error says where."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from modelberth_policies.sources.errors import DocumentError

T = TypeVar("T")
_NAMES = {str: "a text", bool: "true or false", list: "a list", dict: "a mapping", int: "a whole number"}


class Node:
    """A mapping of the document, with the path at which it stands."""

    def __init__(self, values: Any, path: str, what: str) -> None:
        if not isinstance(values, Mapping):
            raise DocumentError(f"{what}: {path or 'the document'} must be a mapping, got {_kind(values)}")
        self.values, self.path, self.what = values, path, what

    def has(self, key: str) -> bool:
        """Whether something other than null stands there."""
        return self.values.get(key) is not None

    def need(self, key: str, kind: type[T]) -> T:
        """What stands there. Raises `DocumentError` if nothing does, or something of another kind."""
        if not self.has(key):
            raise DocumentError(f"{self.what}: {self.path or 'the document'} has no {key!r}")
        value = self.values[key]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise DocumentError(f"{self.what}: {self._at(key)} must be {_NAMES[kind]}, got {_kind(value)}")
        return value

    def get(self, key: str, kind: type[T], default: T) -> T:
        """What stands there; the default where nothing does. Raises `DocumentError` for another kind."""
        return self.need(key, kind) if self.has(key) else default

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty where nothing stands."""
        values = self.get(key, list, [])
        if not all(isinstance(value, str) for value in values):
            raise DocumentError(f"{self.what}: {self._at(key)} must be a list of texts")
        return tuple(values)

    def node(self, key: str) -> "Node":
        """The mapping that stands there."""
        return Node(self.need(key, dict), self._at(key), self.what)

    def nodes(self, key: str) -> Iterator["Node"]:
        """The mappings of the list that stands there; none where nothing does."""
        for number, value in enumerate(self.get(key, list, [])):
            yield Node(value, f"{self._at(key)}[{number}]", self.what)

    def _at(self, key: str) -> str:
        if not key.isidentifier():
            return f"{self.path}[{json.dumps(key)}]"
        return f"{self.path}.{key}" if self.path else key


def read_text(file: str | Path) -> str:
    """The text of a file. Raises `DocumentError` if there is none."""
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise DocumentError(f"{file} cannot be read: {reason}") from None


def parse(text: str, what: str) -> Any:
    """The JSON of a text. The error shows none of it: it may hold secrets."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise DocumentError(f"{what}: no JSON at line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise DocumentError(f"{what}: nested too deeply") from None


def _kind(value: Any) -> str:
    return "nothing" if value is None else f"a {type(value).__name__}"
