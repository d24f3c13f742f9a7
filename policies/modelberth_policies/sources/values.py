"""Property values as Pulumi writes them — on the wire, in a preview, in a state — to the values of a plan, and back.

Pulumi marks what JSON cannot say with a signature key in a dict (secrets, assets, resources) or with fixed texts
(unknown values). The texts and signatures are those of `sdk/go/common/resource/plugin/rpc.go` in pulumi/pulumi.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from modelberth_policies.resources import GAP, UNKNOWN, Options, Partial, Plan, Resource, Secret

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 — a signature, not a secret
RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e"
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
STACK_TYPE = "pulumi:pulumi:Stack"
UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
UNKNOWN_TEXTS = frozenset(
    {
        UNKNOWN_TEXT,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
UNDECRYPTED = "modelberth-undecrypted-secret"
"""What a program sees in place of a `secure:` value that cannot be decrypted here. Any text that holds it, in whatever
case, becomes `Secret(UNKNOWN)` in the plan; a program that encodes or cuts it hides it."""


def value_of(written: Any) -> Any:
    """The plan's value of a written one: secrets as `Secret`, unknowns as `UNKNOWN`, whole floats as ints.

    A reference to a resource becomes `{"urn": …, "id": …}`; an asset, its `path`, `text` or `uri`.
    """
    if isinstance(written, str):
        return _text(written)
    if isinstance(written, float):
        return int(written) if written.is_integer() else written
    if isinstance(written, list):
        return [value_of(item) for item in written]
    if not isinstance(written, Mapping):
        return written
    signature = written.get(SIGNATURE)
    if signature == SECRET:
        return _secret(written)
    if signature == OUTPUT:
        value = value_of(written["value"]) if "value" in written else UNKNOWN
        return secret_of(value) if written.get("secret") else value
    if signature == RESOURCE:
        return {"urn": written.get("urn"), "id": value_of(written.get("id") or UNKNOWN_TEXT)}
    return {key: value_of(item) for key, item in written.items() if key != SIGNATURE}


def secret_of(value: Any) -> Secret:
    """The value as a secret, wrapped once."""
    return value if isinstance(value, Secret) else Secret(value)


def _text(text: str) -> Any:
    if text in UNKNOWN_TEXTS:
        return UNKNOWN
    if UNDECRYPTED in text.lower():
        return Secret(UNKNOWN)
    return Partial(text.replace(UNKNOWN_TEXT, GAP)) if UNKNOWN_TEXT in text else text


def _secret(written: Mapping[str, Any]) -> Secret:
    if "value" in written:
        return secret_of(value_of(written["value"]))
    plaintext = written.get("plaintext")
    return Secret(UNKNOWN) if plaintext is None else secret_of(value_of(json.loads(plaintext)))


def plan_of_records(
    project: str,
    stack: str,
    records: list[dict[str, Any]],
    outputs: Mapping[str, Any],
    *,
    notes: Iterable[str] = (),
    default_providers: Mapping[str, Any] | None = None,
) -> Plan:
    """The plan of what a monitor recorded. A record has the fields of `Resource`, its values as written."""
    resources = tuple(_resource(record) for record in records)
    providers = value_of(default_providers or {})
    return Plan(project, stack, resources, value_of(outputs), tuple(notes), providers)


def _resource(record: dict[str, Any]) -> Resource:
    return Resource(
        **{
            **record,
            "inputs": value_of(record["inputs"]),
            "outputs": value_of(record["outputs"]),
            "dependencies": tuple(record["dependencies"]),
            "property_dependencies": {key: tuple(urns) for key, urns in record["property_dependencies"].items()},
            "options": Options(**{key: _option(value) for key, value in record["options"].items()}),
        }
    )


def _option(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
