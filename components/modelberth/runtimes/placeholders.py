"""The words in braces that a runtime's command may hold, and how they are filled: `{port}` becomes `8080`."""

import re
from collections.abc import Iterable, Mapping

from modelberth.core.errors import ConfigError, Fault, closest

PLACEHOLDERS = {
    "model": "where the model is: a path or an address",
    "name": "the name under which it is served",
    "version": "its version",
    "host": "the address to listen on",
    "port": "the port for HTTP",
    "grpc_port": "the port for gRPC",
    "metrics_port": "the port for metrics",
    "threads": "threads that it may use",
    "memory_mib": "memory that it may take, in MiB",
    "drain_seconds": "seconds in which it finishes its requests when it is told to end",
    "implementation": "the class that loads the model's format, from the runtime's `implementations`",
}
"""Every word that may stand in braces, and what it stands for."""

_BRACES = re.compile(r"\{([^{}]*)\}")


def placeholders(texts: Iterable[str]) -> set[str]:
    """The words in braces in any of the texts, known or not."""
    return {word for text in texts for word in _BRACES.findall(text)}


def fill(texts: Iterable[str], values: Mapping[str, str | int]) -> tuple[str, ...]:
    """The texts with their words in braces replaced, each text one argument still, whatever the value holds.

    Values that no text asks for are left aside. Raises `ConfigError` for a word without a value.
    """
    texts = tuple(texts)
    missing = sorted(placeholders(texts) - values.keys())
    if missing:
        given = ", ".join(sorted(values)) or "none"
        faults = [Fault(word, f"the command asks for {{{word}}}, given are {given}", "give it") for word in missing]
        raise ConfigError(faults, source="runtime command")
    return tuple(_BRACES.sub(lambda match: str(values[match[1]]), text) for text in texts)


def unknown(texts: Iterable[str]) -> list[str]:
    """One clause for each word in braces that is no placeholder."""
    words = sorted(placeholders(texts) - PLACEHOLDERS.keys())
    allowed = ", ".join(PLACEHOLDERS)
    return [
        f"{{{word}}} is no placeholder, allowed are {allowed} {closest(word, PLACEHOLDERS)}".rstrip() for word in words
    ]
