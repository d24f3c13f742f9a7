"""Fields of custom resources, in rules and in samples, are those of the CRDs: no SDK has types that would tell."""

import re
from pathlib import Path

import pytest
import rule_samples as source
import yaml
from sdk_types import missing

from modelberth_policies.rules import kubernetes
from modelberth_policies.subject import Subject

FIELDS = yaml.safe_load((Path(__file__).parent / "crd_fields.yaml").read_text())
RULES = {rule.id: rule for rule in kubernetes.RULES}
SAMPLES = [sample for sample in source.samples() if sample.rule in RULES]
READERS = ("value", "text", "present", "each", "at", "show")
OBJECT = re.compile(r"metadata(\.(name|namespace|labels|annotations)(\W.*)?)?|spec|apiVersion|kind")
"""What every object has."""
_POD, _CONTAINER = "spec", "spec.containers[0]"


def absent(type_: str, path: str) -> bool:
    """Whether the type has no such field. `[0]` and `[]` are the same."""
    plain = re.sub(r"\[\d*\]", "[]", path)
    entry = FIELDS[type_]
    if OBJECT.fullmatch(plain) or any(_is_on_the_way(plain, field) for field in entry.get("fields", [])):
        return False
    for places, stands_for in ((entry.get("containers", []), _CONTAINER), (entry.get("pods", []), _POD)):
        for place in places:
            if _is_on_the_way(plain, place):
                return False
            rest = plain.removeprefix(place)
            if rest != plain and not _lacks(entry, rest) and _has_in_core(stands_for, rest):
                return False
    return True


def _is_on_the_way(path: str, field: str) -> bool:
    if field.endswith("{}") and path.startswith(field.removesuffix("{}")):
        return True
    return field == path or field.startswith((f"{path}.", f"{path}[")) or path == f"{field}[]"


def _lacks(entry: dict, rest: str) -> bool:
    return re.split(r"[.\[]", rest.lstrip("."))[0] in entry.get("lacks", [])


def _has_in_core(stands_for: str, rest: str) -> bool:
    return missing("kubernetes:core/v1:Pod", f"{stands_for}{rest}".replace("[]", "[0]")) is None


def resources_of(sample):
    for resource in source.plan_of(sample.content, RULES[sample.rule].types[0]):
        if resource.type in FIELDS:
            yield resource


def paths_of(value, path=""):
    if isinstance(value, dict):
        for key, item in value.items():
            quoted = f'["{key}"]' if not key.isidentifier() else f".{key}" if path else key
            yield from paths_of(item, f"{path}{quoted}")
    elif isinstance(value, list):
        for item in value:
            yield from paths_of(item, f"{path}[]")
    else:
        yield path


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_samples_write_fields_that_exist(sample):
    wrong = [
        f"{resource.type} {path}"
        for resource in resources_of(sample)
        for path in paths_of(dict(resource.inputs))
        if absent(resource.type, path) and "that-is-dropped" not in sample.name
    ]
    assert wrong == []


def reads(monkeypatch):
    found: set[tuple[str, str]] = set()
    for name in READERS:
        original = getattr(Subject, name)

        def read(self, path="", *rest, original=original, **named):
            found.add((self.type, self._full(path)))
            return original(self, path, *rest, **named)

        monkeypatch.setattr(Subject, name, read)
    for sample in SAMPLES:
        source.findings_in(sample.content, [RULES[sample.rule]], RULES[sample.rule].types[0])
    return found


def test_rules_read_fields_that_exist(monkeypatch):
    """A rule may ask several kinds alike, of which each has some of the fields; none may ask for what no kind has."""
    wrong = [
        f"{type_} {path}"
        for type_, path in sorted(reads(monkeypatch))
        if type_ in FIELDS and path and absent(type_, path) and not _is_spelt_right(path)
    ]
    assert wrong == []


WORDS = {"metadata", "spec", "containers", "matchExpressions"} | {
    step
    for entry in FIELDS.values()
    for kind in ("fields", "pods", "containers")
    for path in entry.get(kind, [])
    for step in re.sub(r"\[\]|\{\}", "", path).split(".")
}


def _is_spelt_right(path: str) -> bool:
    """Whether the path is made of fields that some kind has, then of those of a pod or container."""
    steps = re.sub(r"\[\d*\]", "", path).split(".")
    return any(
        set(steps[:at]) <= WORDS
        and (at == len(steps) or any(_has_in_core(stands, "." + ".".join(steps[at:])) for stands in (_POD, _CONTAINER)))
        for at in range(len(steps) + 1)
    )


def test_every_custom_resource_has_its_fields():
    custom = {type_ for rule in RULES.values() for type_ in rule.types if "." in type_.split(":")[1].partition("/")[0]}
    built_in = {type_ for type_ in custom if type_.split(":")[1].startswith(("networking.k8s.io/", "rbac."))}
    assert custom - built_in <= set(FIELDS)
    assert all(entry["source"] for entry in FIELDS.values())


@pytest.mark.parametrize(
    ("path", "is_absent"),
    [
        ("spec.predictor.model.storageUri", False),
        ("spec.predictor.model.storageURI", True),
        ("spec.predictor.containers[0].securityContext.privileged", False),
        ("spec.predictor.containers[0].securityContext.priviledged", True),
        ("spec.predictor.ephemeralContainers[0].name", True),
        ("spec.predictor.maxReplica", True),
    ],
)
def test_the_test_sees_what_is_misspelt(path, is_absent):
    assert absent("kubernetes:serving.kserve.io/v1beta1:InferenceService", path) is is_absent


def test_the_test_sees_what_no_kind_has():
    assert _is_spelt_right("spec.predictor.model.uri")
    assert not _is_spelt_right("spec.predictor.model.url_")
    assert not _is_spelt_right("spec.predictor.model.securityContext.priviledged")
