"""A rule on a misspelt property cannot exist: whatever rules read, and whatever samples hold, the SDKs know."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import rule_samples as source
import yaml
from sdk_types import NotInAnySdkError, missing

from modelberth_policies.resources import MISSING, Partial, Secret
from modelberth_policies.rules import ALL
from modelberth_policies.subject import Subject, canonical

READERS = ("value", "text", "present", "each", "at", "document", "show")
EVERYWHERE = {
    *("tags", "labels", "metadata.labels", "userLabels", "region", "location", "zone", "name", "id", "arn"),
    *("defaultTags.tags", "defaultLabels", "cidr"),
}
"""What rules on all types try on each of them; `cidr` of a prefix list is read without a subject where it is a text."""


@cache
def read_by_rules() -> dict[str, set[tuple[str, str]]]:
    """Path that a rule asks a resource or a part for → (type, whole path) where one did, in any sample."""
    reads: dict[str, set[tuple[str, str]]] = {}
    documents: set[tuple[str, str]] = set()

    def recording(name):
        original = getattr(Subject, name)

        def read(self, path="", *rest, **named):
            full = self.full(path)
            if name == "document":
                documents.add((self.type, full))
            inside = any(full != at and full.startswith(at) for type_, at in documents if type_ == self.type)
            if full and not inside and not {path, full} & EVERYWHERE:
                reads.setdefault(path, set()).add((self.type, full))
            return original(self, path, *rest, **named)

        return original, read

    patched = {name: recording(name) for name in READERS}
    try:
        for name, (_, read) in patched.items():
            setattr(Subject, name, read)
        for sample in source.samples():
            rule = next(each for each in ALL if each.id == sample.rule)
            source.findings_in(sample.content, [rule], (*rule.types, "")[0])
    finally:
        for name, (original, _) in patched.items():
            setattr(Subject, name, original)
    return reads


def in_samples() -> Iterator[tuple[str, str, str]]:
    for sample in source.samples():
        rule = next(each for each in ALL if each.id == sample.rule)
        for resource in source.plan_of(sample.content, (*rule.types, "")[0]):
            if not resource.is_component:
                for path in paths_of(resource.inputs):
                    yield canonical(resource.type), path, str(sample)


def paths_of(value, path="") -> Iterator[str]:
    if isinstance(value, Secret):
        yield from paths_of(value.value, path)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from paths_of(item, f'{path}["{key}"]')
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from paths_of(item, f"{path}[{index}]")
    elif path and value is not MISSING and not isinstance(value, Partial):
        yield path


CUSTOM_RESOURCES = {
    type_
    for file in Path(__file__).parent.glob("kubernetes/crd_fields.yaml")
    for type_ in yaml.safe_load(file.read_text())
}
"""Fields of custom resources, which no SDK has; checked in tests/policies/rules/kubernetes."""


def unknown_to_sdk(type_: str, path: str) -> str | None:
    if type_ in CUSTOM_RESOURCES or type_.startswith("pulumi:providers:"):
        return None
    try:
        return missing(type_, path)
    except NotInAnySdkError:
        return "the type itself"


def test_rules_read_only_what_the_sdks_have():
    """Rules may try one path on all that they read; some type has to have it."""
    wrong = {
        path: sorted(places)
        for path, places in read_by_rules().items()
        if all(unknown_to_sdk(type_, whole) is not None for type_, whole in places)
    }
    assert wrong == {}


def test_the_test_sees_reads():
    assert ("aws:kms/key:Key", "enableKeyRotation") in read_by_rules()["enableKeyRotation"]
    assert unknown_to_sdk("aws:kms/key:Key", "enableKeyRotatoin") == "enableKeyRotatoin"
    assert unknown_to_sdk("aws:kms/keys:Keys", "x") is not None


# A secret in an input that no type has is what one rule looks for.
FREE = {"plain-config-secret"}


def test_samples_hold_only_what_the_sdks_have():
    wrong = {
        f"{sample}: {type_} {path}": absent
        for type_, path, sample in in_samples()
        if not any(sample.startswith(f"{rule}-") for rule in FREE)
        if (absent := unknown_to_sdk(type_, path)) is not None
    }
    assert wrong == {}


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.id)
def test_every_type_that_a_rule_names_exists(rule):
    assert [type_ for type_ in rule.types if type_ != "*" and unknown_to_sdk(type_, "") is not None] == []
