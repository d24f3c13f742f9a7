"""Reads a value by a JSONPath template, as far as conditions of readiness use it.

`{.status.phase}`, `{.status.conditions[0].type}`, `{.metadata.labels['a.b/c']}`, `{.spec.items[*].name}`,
`{.status.conditions[?(@.type=="Ready")].status}`. https://kubernetes.io/docs/reference/kubectl/jsonpath/
"""

import re
from typing import Any

from clouds.wire import RefusedError

STEP = re.compile(
    r"""\.(?P<name>[\w-]+(?:\\\.[\w./-]+)*)          # .name, with escaped dots
      | \[['"](?P<quoted>[^'"]+)['"]\]                # ['name']
      | \[(?P<place>-?\d+|\*)\]                       # [0] or [*]
      | \[\?\(@\.(?P<key>[\w.]+)\s*==\s*["']?(?P<value>[^"')]*)["']?\)\]   # [?(@.type=="Ready")]
    """,
    re.VERBOSE,
)


def found(template: str, obj: Any) -> list[Any]:
    """Every value that a template leads to; empty where there is none. Raises RefusedError for what it cannot read."""
    text = template.strip().removeprefix("{").removesuffix("}").removeprefix("$")
    values, place = [obj], 0
    while place < len(text):
        step = STEP.match(text, place)
        if step is None:
            raise RefusedError(f"invalid JSONPath {template!r}: not understood from {text[place:]!r} on")
        values = [one for value in values for one in _next(value, step)]
        place = step.end()
    return values


def _next(value: Any, step: re.Match[str]) -> list[Any]:
    name = step["quoted"] or (step["name"] or "").replace("\\.", ".")
    if name:
        return [value[name]] if isinstance(value, dict) and name in value else []
    if not isinstance(value, list):
        return []
    if step["key"] is not None:
        return [one for one in value if [str(leaf) for leaf in found(f".{step['key']}", one)] == [step["value"]]]
    if step["place"] == "*":
        return value
    place = int(step["place"])
    return value[place : place + 1 or None]
