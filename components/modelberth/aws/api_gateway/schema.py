"""What a request must look like before it reaches the model: a JSON schema of draft 4. Pure.

API Gateway says of models in imported OpenAPI documents that it ignores `additionalProperties`, `pattern` and some
more (https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html). So nothing rests on
these alone: only `features` and a version of the table are mapped to the model, see `mapping.py`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

DRAFT = "http://json-schema.org/draft-04/schema#"

FEATURES: Mapping[str, Any] = {"type": "array", "minItems": 1}
"""What `features` must be where nothing else is said: a list with something in it."""

ASKED_VERSION = r"^v?[0-9]{1,9}(\.[0-9]{1,9}){0,2}(-[0-9A-Za-z.-]{1,64})?$"
"""A version as the model server reads it: `v1`, `1.4`, `1.4.0`, `1.4.0-rc.1`."""

LATER = ("$defs", "const", "contains", "else", "examples", "if", "propertyNames", "then", "unevaluatedProperties")
"""Keywords that came after draft 4: API Gateway would accept them and not check them."""

_ONE, _MANY, _NAMED = (
    ("items", "additionalProperties", "additionalItems", "not"),
    ("allOf", "anyOf", "oneOf", "items"),
    ("properties", "patternProperties", "definitions"),
)


def request_schema(features: Mapping[str, Any], versions: Mapping[str, str], checked_by_model: bool) -> dict[str, Any]:
    """The schema of the body of `POST /predict`.

    `model_version` is one of the table's spellings; without a table it is free where the model server checks it, and
    refused where nobody would.
    """
    version = _version(versions, checked_by_model)
    return {
        "$schema": DRAFT,
        "title": "PredictRequest",
        "type": "object",
        "properties": {"features": dict(features), **({} if version is None else {"model_version": version})},
        "required": ["features"],
        "additionalProperties": False,
    }


def _version(versions: Mapping[str, str], checked_by_model: bool) -> dict[str, Any] | None:
    if versions:
        return {"type": "string", "enum": sorted({word for version in versions for word in spellings(version)})}
    return {"type": "string", "pattern": ASKED_VERSION} if checked_by_model else None


def spellings(version: str) -> tuple[str, ...]:
    """How a version can be asked for: `1.4.0` also as `v1.4`, `1` and so on; a pre-release by its whole name only.

    The model server reads them in the same way (`modelberth.serving`).
    """
    numbers, _, release = version.partition("-")
    parts = numbers.split(".")
    names = [version] if release else [".".join(parts[:count]) for count in range(1, len(parts) + 1)]
    return tuple(prefix + name for name in names for prefix in ("", "v"))


def targets(versions: Mapping[str, str], several: str | None = None) -> dict[str, str]:
    """Spelling to the target that answers it, for every spelling that does not leave the choice to the weights.

    A spelling that fits all versions (`v1` of 1.4.0 and 1.5.0) leaves it to the weights. `several`: what answers it
    instead. One that fits some of them goes to the newest of these.
    """
    found: dict[str, str] = {}
    for word in sorted({word for version in versions for word in spellings(version)}):
        fitting = [version for version in versions if word in spellings(version)]
        newest = versions[max(fitting, key=_order)]
        choice = newest if len(fitting) < len(versions) or len(fitting) == 1 else several
        if choice is not None:
            found[word] = choice
    return found


def _order(version: str) -> tuple[tuple[int, ...], bool, str]:
    numbers, _, release = version.partition("-")
    return tuple(int(number) for number in numbers.split(".")), not release, release


def foreign_keywords(schema: object, path: str = "") -> Iterator[str]:
    """Paths of what draft 4, or API Gateway, would not check: newer keywords and references."""
    if not isinstance(schema, Mapping):
        return
    yield from (f"{path}{word}" for word in schema if word in (*LATER, "$ref"))
    for word in ("exclusiveMinimum", "exclusiveMaximum"):
        if word in schema and not isinstance(schema[word], bool):
            yield f"{path}{word}"
    for where, inner in _inside(schema):
        yield from foreign_keywords(inner, f"{path}{where}.")


def _inside(schema: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    yield from ((word, schema[word]) for word in _ONE if word in schema)
    for word in _MANY:
        if isinstance(schema.get(word), list):
            yield from ((f"{word}.{at}", inner) for at, inner in enumerate(schema[word]))
    for word in _NAMED:
        if isinstance(schema.get(word), Mapping):
            yield from ((f"{word}.{name}", inner) for name, inner in schema[word].items())
