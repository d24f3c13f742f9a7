"""Secrets on their way through the provider: taken out of their wrapping, put back, kept out of messages."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from clouds.wire import Values

MARK = "4dabf18193072939515e22adb298388d"
"""The key by which the engine marks a value that plain JSON has no word for.

https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/properties.go, SigKey
"""
SECRET = "1b47061264138c4ac30d75fd1eb44270"
SECRET_FIELDS = ("data", "stringData")
"""What of a Secret is always sealed, whatever the program says."""

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Opened:
    """Values without wrapping, and the paths of those that were secret."""

    values: Values
    secrets: frozenset[Path]

    def hidden(self, text: str) -> str:
        """A message without the secrets that occur in it."""
        for secret in sorted(self._texts(), key=len, reverse=True):
            text = text.replace(secret, "[secret]")
        return text

    def _texts(self) -> set[str]:
        return {text for path in self.secrets for text in _leaves(_at(self.values, path)) if len(text) > 2}


def opened(values: Values) -> Opened:
    """Unwrap every secret."""
    found: set[Path] = set()
    return Opened(_open(values, (), found), frozenset(found))


def _open(value: Any, path: Path, found: set[Path]) -> Any:
    if isinstance(value, dict):
        if value.get(MARK) == SECRET:
            found.add(path)
            return _open(value.get("value"), path, found)
        return {name: _open(one, (*path, name), found) for name, one in value.items()}
    if isinstance(value, list):
        return [_open(one, (*path, place), found) for place, one in enumerate(value)]
    return value


def sealed(values: Values, secrets: Iterable[Path]) -> Values:
    """Wrap again what was secret, and what of a Secret always is."""
    paths = {*secrets, *(((name,) for name in SECRET_FIELDS) if _is_secret(values) else ())}
    return _seal(values, (), paths)


def _seal(value: Any, path: Path, secrets: set[Path]) -> Any:
    if path in secrets and value is not None:
        return {MARK: SECRET, "value": value}
    if isinstance(value, dict):
        return {name: _seal(one, (*path, name), secrets) for name, one in value.items()}
    if isinstance(value, list):
        return [_seal(one, (*path, place), secrets) for place, one in enumerate(value)]
    return value


def _is_secret(values: Values) -> bool:
    return (values.get("apiVersion"), values.get("kind")) == ("v1", "Secret")


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _leaves(one)
    elif isinstance(value, str):
        yield value
