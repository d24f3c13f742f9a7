"""Samples of rules: `policies/rules/<cloud>/<product>.yaml`, one entry for each rule of the module of that name.

`base` is allowed; every other sample is a change of it (RFC 7386: null removes, lists are replaced). A rule that no
unknown value can keep from its answer says why, as a text in place of its `unknown` samples.

Keys of a sample are the inputs of one resource of the first type, or, under `resources`, several by name. Besides:

    $type: …        another of the rule's types        !unknown         a value that nobody knows yet
    $limits: {…}    limits of the environment (prod)   !of NAME         an output of the resource NAME
    $options: {…}   resource options                   !secret VALUE    a secret
    $today: 2027-01-31  the day of the check
    $before: 12.5   what the baseline expected, USD
    $default_providers: {…}  configuration of them
                                                       !json {…}        a document as text, partial if it holds unknowns
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from unittest.mock import patch

import yaml

from modelberth_policies.bill import Range, estimate
from modelberth_policies.evaluate import Finding, evaluate
from modelberth_policies.limits import Limits
from modelberth_policies.resources import GAP, UNKNOWN, Options, Partial, Plan, Resource, Secret, urn_of

FOLDER = Path(__file__).parent / "policies" / "rules"
PROJECT, STACK = "acme", "prod"
KINDS = ("allowed", "denied", "unknown")


@dataclass(frozen=True)
class Of:
    """An output of another resource of the sample."""

    name: str


class Document(dict):
    """A mapping or list, under `content`, that becomes a text."""


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """The one in C where there is one: the samples are 5,000 long lines."""


_Loader.add_constructor("!unknown", lambda loader, node: UNKNOWN)
_Loader.add_constructor("!of", lambda loader, node: Of(loader.construct_scalar(node)))


def _deep(loader, node):
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    return loader.construct_sequence(node, deep=True) if isinstance(node, yaml.SequenceNode) else _scalar(node)


def _scalar(node):
    return yaml.safe_load(node.value)


_Loader.add_constructor("!secret", lambda loader, node: Secret(_deep(loader, node)))
_Loader.add_constructor("!json", lambda loader, node: Document(content=_deep(loader, node)))


@dataclass(frozen=True)
class Sample:
    rule: str
    kind: str
    name: str
    content: dict

    def __str__(self):
        return f"{self.rule}-{self.kind}-{self.name}"


def files() -> list[Path]:
    return sorted(file for file in FOLDER.rglob("*.yaml") if file.name != "crd_fields.yaml")


@cache
def _entries() -> tuple[tuple[Path, str, dict], ...]:
    """File, rule and what the file says of the rule; read once, for nothing changes what it holds."""
    return tuple(
        (file, rule, entry) for file in files() for rule, entry in yaml.load(file.read_text(), _Loader).items()
    )


@cache
def never_unknown() -> set[str]:
    """Rules that no unknown value can keep from their answer."""
    return {rule for _, rule, entry in _entries() if isinstance(entry.get("unknown"), str)}


@cache
def samples() -> tuple[Sample, ...]:
    return tuple(_samples())


def _samples() -> Iterator[Sample]:
    for file, rule, entry in _entries():
        base = entry["base"]
        assert set(entry) <= {"base", *KINDS}, f"{file}: {rule} has {sorted(set(entry))}"
        yield Sample(rule, "allowed", "base", base)
        for kind in KINDS:
            if kind == "unknown" and isinstance(entry.get(kind), str):
                continue
            for name, change in (entry.get(kind) or {}).items():
                yield Sample(rule, kind, name, merged(base, change))


def merged(base, change):
    """RFC 7386: the change laid over the base."""
    if not isinstance(change, dict) or isinstance(change, Document):
        return change
    result = dict(base) if isinstance(base, dict) and not isinstance(base, Document) else {}
    for key, value in change.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def plan_of(content: dict, type_: str) -> Plan:
    """The plan of a sample: the first resource is the one that the rule is about, where there is one only."""
    if "resources" in content:
        entries = content["resources"]
    else:
        inputs = {key: value for key, value in content.items() if not key.startswith("$")}
        options = content.get("$options", {})
        entries = {"subject": {"type": content.get("$type", type_), "inputs": inputs, "options": options}}
    urns = {}
    for name, entry in entries.items():
        urns[name] = urn_of(PROJECT, STACK, urns.get(entry.get("parent"), ""), entry["type"], name)
    made = tuple(_resource(name, entry, urns) for name, entry in entries.items())
    return Plan(PROJECT, STACK, made, default_providers=content.get("$default_providers", {}))


def _resource(name: str, entry: dict, urns: dict[str, str]) -> Resource:
    inputs = entry.get("inputs", {})
    dependencies = {key: tuple(sorted({urns[of] for of in _named(value)})) for key, value in inputs.items()}
    options = {
        key: urns.get(value, value) if key == "provider" else value for key, value in entry.get("options", {}).items()
    }
    return Resource(
        urns[name],
        entry["type"],
        name,
        parent=urns.get(entry.get("parent")) or urn_of(PROJECT, STACK, "", "pulumi:pulumi:Stack", f"{PROJECT}-{STACK}"),
        custom=entry.get("custom", True),
        external=entry.get("external", False),
        inputs={key: _value(value) for key, value in inputs.items()},
        dependencies=tuple(sorted({urn for found in dependencies.values() for urn in found})),
        property_dependencies={key: found for key, found in dependencies.items() if found},
        options=Options(**{k: tuple(v) if isinstance(v, list) else v for k, v in options.items()}),
        source="__main__.py:1",
    )


def _named(value) -> Iterator[str]:
    if isinstance(value, Of):
        yield value.name
    elif isinstance(value, Secret):
        yield from _named(value.value)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _named(item)
    elif isinstance(value, list):
        for item in value:
            yield from _named(item)


def _value(value):
    if isinstance(value, Of):
        return UNKNOWN
    if isinstance(value, Secret):
        return Secret(_value(value.value))
    if isinstance(value, Document):
        text = json.dumps(_gaps(value["content"]), ensure_ascii=False)
        return Partial(text) if GAP in text else text
    if isinstance(value, dict):
        return {key: _value(item) for key, item in value.items()}
    return [_value(item) for item in value] if isinstance(value, list) else value


def _gaps(value):
    if value is UNKNOWN or isinstance(value, Of):
        return GAP
    if isinstance(value, dict):
        return {key: _gaps(item) for key, item in value.items()}
    return [_gaps(item) for item in value] if isinstance(value, list) else value


def findings_in(content: dict, rules, type_: str) -> list[Finding]:
    """What these rules say of the sample."""
    plan = plan_of(content, type_)
    if "$today" in content:
        with patch("modelberth_policies.rules.any_cloud.budget.today", lambda: content["$today"]):
            return evaluate(plan, rules, Limits(**content.get("$limits", {})), lambda: estimate(plan))
    before = Range.of(content["$before"]) if "$before" in content else None
    return evaluate(plan, rules, Limits(**content.get("$limits", {})), lambda: estimate(plan), before)
