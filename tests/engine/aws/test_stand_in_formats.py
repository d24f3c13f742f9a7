"""The table of ids, ARNs and rules names only types and properties that the installed SDK has."""

import re

import pytest
from clouds.aws.outputs import Format, Place, completed, format_of, formats, mentioned
from clouds.aws.types import ResourceType, Shape, resource_type

PLACE = Place("123456789012", "eu-central-1")
TEXT = "arn:aws:text::1:text"
MADE = re.compile(r"[ahHr]\d+|uuid|now|id|account|region|partition")


def properties(kind: ResourceType) -> set[str]:
    return {"id", *kind.inputs, *kind.outputs}


def unknown_names(form: Format, kind: ResourceType) -> set[str]:
    words = {word for word in mentioned([form.id, form.outputs]) if not MADE.fullmatch(word)} - {"identifier"}
    paths = {path.partition(".")[0].removesuffix("[]") for path in form.refers}
    named = {*words, *form.replace, *(form.unique or ()), *form.held_by, *paths}
    return (named - properties(kind)) | (set(form.outputs) - set(kind.outputs))


def unknown_targets(form: Format) -> list[str]:
    held = [one for users in form.held_by.values() for one in ([users] if isinstance(users, str) else users)]
    targets = [target.partition(".") for target in (*form.refers.values(), *held)]
    return [
        f"{name}.{path}"
        for name, _, path in targets
        if re.split(r"[.\[]", path)[0] not in properties(resource_type(f"aws:{name}"))
    ]


@pytest.mark.parametrize("token", formats())
def test_format_names_what_exists(token: str) -> None:
    kind, form = resource_type(token), format_of(token)
    assert unknown_names(form, kind) == set()
    assert unknown_targets(form) == []


def example(shape: Shape) -> object:
    if isinstance(shape, str):
        return {"str": TEXT, "int": 1, "float": 1.0, "bool": True}.get(shape, TEXT)
    return [] if "list" in shape else {}


@pytest.mark.parametrize("token", formats())
def test_new_resource_has_every_output_that_always_has_a_value(token: str) -> None:
    kind = resource_type(token)
    needed = {name: example(field.shape) for name, field in kind.inputs.items() if field.required}
    identity = {name: TEXT for name in mentioned(format_of(token).id) if not MADE.fullmatch(name)}
    made = completed(token, kind, {**needed, **identity, "identifier": TEXT}, PLACE, "seed")
    missing = {name for name, field in kind.outputs.items() if field.required and made.get(name) is None}
    assert missing == set()
    assert made["id"]
    arn = made.get("arn")
    assert arn is None or re.fullmatch(r"arn:aws:[a-z0-9-]+:[a-z0-9-]*:\d*:.+", arn)
