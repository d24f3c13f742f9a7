"""Ids, ARNs and other outputs that only a cloud computes. The formats are data (`formats/`)."""

import hashlib
import re
import string
import uuid
from collections import ChainMap
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from .types import ResourceType, Shape

NOW = "2026-01-15T09:30:00Z"
"""The stand-in's clock stands still: what it answers depends on the program only."""

EMPTY: dict[str, Any] = {"str": "", "int": 0, "float": 0.0, "bool": False, "any": ""}
ALPHANUMERIC = string.ascii_lowercase + string.digits


@dataclass(frozen=True)
class Format:
    """What a type's computed outputs look like, and what of it cannot be changed in place.

    Templates hold words in braces: the resource's inputs and outputs, `id`, `account`, `region`, `partition`, `now`,
    `uuid`, `h6` to `h32` (hexadecimal digits; `H17` in capitals), `a10` and `r10` (letters and digits).
    """

    id: str | None = None
    """Template of the id; the properties in it cannot be changed in place. Left out: its name, or 17 digits. Ids are
    those of each type's section "Import" in https://www.pulumi.com/registry/packages/aws/api-docs/."""

    outputs: dict[str, Any] = field(default_factory=dict)
    """Templates of computed outputs. Left out: plausible values of the declared types."""

    globally: bool = False
    """Whether the type has no region."""

    unique: list[str] | None = None
    """Properties that no two live resources share. Left out: the id."""

    put: bool = False
    """A second creation overwrites, as the service's Put… call does. Left out: it is refused."""

    replace: list[str] = field(default_factory=list)
    """Further properties that cannot be changed in place."""

    immutable: bool = False
    """Nothing but tags can be changed in place."""

    refers: dict[str, str] = field(default_factory=dict)
    """Path of a property to `type.property` of a live resource that must exist."""

    held_by: dict[str, Any] = field(default_factory=dict)
    """Property to `type.path` of live resources (one or a list) that must be gone before this one can go."""


@cache
def formats() -> dict[str, Format]:
    """Every entry of `formats/` by its token."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    files = sorted(Path(__file__).with_name("formats").glob("*.yaml"))
    entries = (entry for file in files for entry in yaml.load(file.read_text(), loader).items())
    return {f"aws:{name}": Format(**words) for name, words in entries}


def format_of(token: str) -> Format:
    """What is known of a type; an empty format for one that is not listed."""
    return formats().get(token, Format())


@dataclass(frozen=True)
class Place:
    """Where a resource is made."""

    account: str
    region: str

    @property
    def partition(self) -> str:
        """First part of every ARN here."""
        return {"cn": "aws-cn", "us": "aws-us-gov" if "-gov-" in self.region else "aws"}.get(self.region[:2], "aws")

    def facts(self) -> dict[str, str]:
        """The words that a place has in templates."""
        return {"account": self.account, "region": self.region, "partition": self.partition}


class Words:
    """What templates are filled with: `known`, and words made from `seed`."""

    def __init__(self, known: Mapping[str, Any], seed: str) -> None:
        self.known = known
        self.digits = hashlib.sha256(seed.encode()).hexdigest()

    def __getitem__(self, word: str) -> str:
        if self.known.get(word) is not None:
            return str(self.known[word])
        if word == "uuid":
            return str(uuid.UUID(self.digits[:32], version=4))
        made = re.fullmatch(r"([ahHr])(\d+)", word)
        if made is None:
            raise KeyError(word)
        return self._spelt(made[1])[: int(made[2])]

    def _spelt(self, alphabet: str) -> str:
        if alphabet in "hH":
            return self.digits.upper() if alphabet == "H" else self.digits
        start = {"a": 0, "r": 2}[alphabet]
        pairs = [int(self.digits[at : at + 2], 16) for at in range(start, 64, 2)]
        return "".join(ALPHANUMERIC[number % len(ALPHANUMERIC)] for number in pairs)


def filled(template: Any, words: Words) -> Any:
    """A template with its words filled in. Raises KeyError for a word that has no value."""
    if isinstance(template, str):
        return re.sub(r"{(\w+)}", lambda found: words[found[1]], template)
    if isinstance(template, list):
        return [filled(one, words) for one in template]
    if isinstance(template, dict):
        return {name: filled(one, words) for name, one in template.items()}
    return template


def mentioned(template: Any) -> set[str]:
    """The words in a template, nested lists and maps included."""
    return set(re.findall(r"{(\w+)}", str(template)))


def completed(token: str, kind: ResourceType, inputs: Mapping[str, Any], place: Place, seed: str) -> dict[str, Any]:
    """The properties of a new resource, `id` among them: its inputs and everything that only the cloud knows."""
    form = format_of(token)
    found = {**inputs}
    if "name" in kind.inputs and "name" not in found:
        found["name"] = f"{found.get('namePrefix', '')}{hashlib.sha256(seed.encode()).hexdigest()[:26]}"
    words = Words(ChainMap(found, {**place.facts(), "now": NOW}), seed)
    templates = {**form.outputs, "id": form.id or ("{name}" if "name" in kind.inputs else "{h17}")}
    while new := dict(_fillable(templates, found, words)):
        found.update(new)
    if "tagsAll" in kind.outputs:
        found["tagsAll"] = found.get("tags", {})
    for name, field_ in kind.outputs.items():
        if field_.required and found.get(name) is None:
            found[name] = _plausible(token, name, field_.shape, place, words)
    return {name: value for name, value in found.items() if name in kind.outputs or name == "id"}


def _fillable(templates: Mapping[str, Any], found: Mapping[str, Any], words: Words) -> Iterator[tuple[str, Any]]:
    for name, template in templates.items():
        if found.get(name) is None:
            with suppress(KeyError):
                yield name, filled(template, words)


def _plausible(token: str, name: str, shape: Shape, place: Place, words: Words) -> Any:
    """A value for an output that no format tells of."""
    if isinstance(shape, dict):
        return [] if "list" in shape else {}
    if shape == "str" and name == "region":
        return place.region
    if shape == "str" and name.lower().endswith("arn"):
        service, kind = re.match(r"aws:(\w+)/(\w+)", token).groups()  # type: ignore[union-attr]
        return f"arn:{place.partition}:{service}:{place.region}:{place.account}:{kind}/{words['id']}"
    return EMPTY[shape]


def unknown_in_preview(token: str, kind: ResourceType, inputs: Mapping[str, Any]) -> set[str]:
    """The outputs of a resource to be created that nobody knows before it is."""
    computed = {name for name, field_ in kind.outputs.items() if field_.required} | set(format_of(token).outputs)
    return computed - set(inputs) - {"tagsAll", "region"}
