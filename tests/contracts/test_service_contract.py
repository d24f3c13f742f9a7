"""Every target answers every field of a `Service`: a change of it changes the translation, or the target refuses it.

A field that is silently ignored is a promise broken, so the fields are found by walking the model: a new one fails here
until it has two sample values, and then fails for every target that does not answer it.
"""

from typing import Any, get_args

import pytest
from pydantic import BaseModel

from modelberth.core.component import inputs_of
from modelberth.core.errors import ConfigError
from modelberth.core.service import Service, Unsupported
from modelberth.stack import targets
from modelberth.stack.compose import native_over
from modelberth.stack.config import Pins, StackConfig, labels_of
from modelberth.stack.rollouts import traffic_of
from modelberth_policies.sources.program import run_in_process

DIGEST = "sha256:" + "0" * 64
OTHER_DIGEST = "sha256:" + "1" * 64

EXEMPT = {
    "on": "it names the target itself",
    "rollout.all_at_once": "it says in words what a rollout without any strategy means",
}
"""Fields that need not change a translation, with the reason."""

NATIVE = {"local": ({"max_body_bytes": 2048}, {"max_body_bytes": 4096})}
"""Target to two values of `native`, in its own words."""

LIMIT = (0.5, 0.25)
SAMPLES: dict[str, tuple[Any, Any]] = {
    "model.uri": ("models:/ranker/1.0.0", "models:/reranker/1.0.0"),
    "model.digest": (DIGEST, OTHER_DIGEST),
    "runtime": ("serving", "triton"),
    "size.cpu": (1, 2),
    "size.memory_gib": (2, 3),
    "size.gpu.type": ("l4", "a100"),
    "size.gpu.count": (1, 2),
    "scale.min": (0, 1),
    "scale.max": (1, 2),
    "scale.on.concurrency": (4, 5),
    "scale.on.requests_per_second": (10, 20),
    "scale.on.cpu": LIMIT,
    "scale.schedule.cron": ("0 6 * * *", "0 7 * * *"),
    "scale.schedule.min": (1, 2),
    "scale.schedule.max": (3, 4),
    "rollout.blue_green.bake": (60, 120),
    "rollout.canary.steps": ((10, 50), (20,)),
    "rollout.canary.bake": (60, 120),
    "rollout.linear.step": (10, 20),
    "rollout.linear.interval": (60, 120),
    "rollout.rolling.surge": (1, 2),
    "rollout.rolling.unavailable": (0, 1),
    "rollout.shadow.sample": LIMIT,
    "rollout.ab_test.variants": ({"1.0.0": 50, "1.1.0": 50}, {"1.0.0": 40, "1.1.0": 60}),
    "rollout.ab_test.by": ("weight", "header"),
    **{
        f"rollout.gates.{signal}.{limit}": LIMIT
        for signal in ("error_rate", "p50", "p95", "p99", "saturation", "prediction_drift", "query")
        for limit in ("below", "times_stable")
    },
    "rollout.gates.query.query": ("up", "down"),
    "rollout.gates.min_sample": (10, 20),
    "access.keys": (("web",), ("web", "batch")),
    "access.jwt.issuer": ("https://a.example", "https://b.example"),
    "access.jwt.audiences": (("a",), ("a", "b")),
    "access.jwt.jwks": ("keys.json", "other.json"),
    "access.rate.per_key": (10, 20),
    "access.rate.burst": (10, 20),
    "access.public.reason": ("shown at the fair", "shown at the museum"),
    "access.public.auth": ("keys", "none"),
    "access.public.rate_limit": (1, 2),
    "slo.p50": LIMIT,
    "slo.p95": LIMIT,
    "slo.p99": LIMIT,
    "slo.availability": LIMIT,
    "data.classification": ("internal", "restricted"),
    "data.residency": ("eu", "us"),
    "data.capture.sample": LIMIT,
    "data.capture.expires": (3600, 7200),
    "data.retention": (3600, 7200),
}
"""Path of a field to two values of it that differ."""

BESIDE = {
    "rollout.gates.min_sample": {"error_rate": {"below": 0.01}},
    "rollout.gates.query.query": {"below": 1},
}
"""What must stand beside a field for the object around it to be valid."""


def models_in(annotation):
    """The models in a type, also through Optional, tuples and constraints."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in get_args(annotation) for model in models_in(argument)]


def is_many(annotation):
    return getattr(annotation, "__origin__", None) is tuple or any(is_many(item) for item in get_args(annotation))


def leaves(model=Service, path=""):
    """The paths of all fields that hold no further fields."""
    for name, field in model.model_fields.items():
        inner = [found for found in models_in(field.annotation) if found.model_fields]
        if inner:
            yield from (leaf for found in inner for leaf in leaves(found, f"{path}{name}."))
        else:
            yield f"{path}{name}"


def holding(model, path, leaf, value):
    """The plain mapping of a model with one leaf, what is required beside it, and nothing else."""
    own = leaf.removeprefix(path).partition(".")[0]
    result = {}
    for name, field in model.model_fields.items():
        here = f"{path}{name}"
        inner = [found for found in models_in(field.annotation) if found.model_fields]
        if name == own and not inner:
            result = {**result, name: value, **BESIDE.get(leaf, {})}
        elif inner and (name == own or field.is_required()):
            content = holding(inner[0], f"{here}.", leaf if name == own else "", value)
            result[name] = [content] if is_many(field.annotation) else content
        elif field.is_required():
            result[name] = SAMPLES[here][0]
    return result


def outcome(target, on, foundation, leaf, value):
    """What a target makes of a service with this value: the fields it refuses, or its translation as plain values."""
    plain = {"on": on, "model": {"uri": SAMPLES["model.uri"][0]}, **top_level(leaf, value)}
    service = Service.parse(plain, leaf)
    pins = Pins(digests=dict.fromkeys(SAMPLES["model.uri"], DIGEST))
    config = StackConfig(owner="o", cost_centre="c", services={"ranker": service})
    traffic = traffic_of("ranker", service, None, pins)
    assert not isinstance(traffic, list), traffic
    labels = labels_of(config, "test", "ranker", "ranker", traffic.stable.version)
    try:
        result = target.translate(service, traffic, labels, foundation)
    except ConfigError as error:
        return [fault.path for fault in error.faults]
    if isinstance(result, Unsupported):
        return [refusal.field for refusal in result.refusals]
    front_door = inputs_of(result.front_door) if result.front_door is not None else None
    return {"endpoint": inputs_of(native_over(result, service)), "front_door": front_door}


def top_level(leaf, value):
    """The one field of a service that holds a leaf."""
    top = leaf.partition(".")[0]
    inner = models_in(Service.model_fields[top].annotation)
    if not inner:
        return {top: value}
    return {top: holding(inner[0], f"{top}.", leaf, value)}


def ignored(on, target):
    """The fields to which a target neither reacts nor objects."""
    found = []

    def program():
        foundation = targets.load(on).foundation(on, {})
        for leaf in leaves():
            if leaf not in EXEMPT:
                samples = NATIVE[on] if leaf == "native" else SAMPLES[leaf]
                first, second = (outcome(target, on, foundation, leaf, value) for value in samples)
                if not answered(leaf, first, second):
                    found.append(leaf)

    run_in_process(program)
    return found


def answered(leaf, first, second):
    refused = [field for result in (first, second) if isinstance(result, list) for field in result]
    if refused:
        return any(leaf == field or leaf.startswith(f"{field}.") for field in refused)
    return first != second


class Deaf:
    """A target that does not hear some fields: it translates the service as if they were left out."""

    def __init__(self, target, **without):
        self.target = target
        self.without = without

    def translate(self, service, traffic, labels, foundation):
        return self.target.translate(service.model_copy(update=self.without), traffic, labels, foundation)


class Constant:
    """A target that hears nothing at all."""

    def __init__(self, target):
        self.target = target
        self.first = None

    def translate(self, service, traffic, labels, foundation):
        if self.first is None:
            plain = Service.parse({"on": service.on, "model": {"uri": SAMPLES["model.uri"][0]}})
            self.first = self.target.translate(plain, traffic, labels, foundation)
        return self.first


@pytest.mark.parametrize("on", targets.TARGETS)
def test_every_field_is_honoured_or_refused_by_name(on):
    assert ignored(on, targets.load(on)) == []


def test_every_field_has_two_samples_or_a_reason():
    known = {*SAMPLES, *EXEMPT, "native"}
    assert sorted(set(leaves()) - known) == [], "give each new field two values in SAMPLES"
    assert sorted(known - set(leaves())) == [], "these are no fields any more"
    assert all(first != second for first, second in [*SAMPLES.values(), *NATIVE.values()])


@pytest.mark.parametrize("on", targets.TARGETS)
def test_a_target_has_samples_of_its_own_words(on):
    assert on in NATIVE


def test_an_ignored_field_is_found():
    local = targets.load("local")
    access = [leaf for leaf in leaves() if leaf.startswith("access.")]
    assert ignored("local", Deaf(local, access=Service.model_fields["access"].default)) == access
    assert ignored("local", Deaf(local, slo=None)) == ["slo.p50", "slo.p95", "slo.p99", "slo.availability"]
    assert ignored("local", Deaf(local, runtime="serving")) == ["runtime"]


def test_a_target_that_hears_nothing_is_found_in_every_field():
    # `native` is added to the translation by the stack, whatever the target does.
    expected = [leaf for leaf in leaves() if leaf not in {*EXEMPT, "native"}]
    assert ignored("local", Constant(targets.load("local"))) == expected


@pytest.mark.parametrize(
    ("leaf", "value"), [("size.cpu", 1000), ("size.memory_gib", 0.01), ("runtime", "no-such-runtime")]
)
@pytest.mark.parametrize("on", targets.TARGETS)
def test_a_value_beyond_a_target_is_refused_by_the_name_of_its_field(on, leaf, value):
    found = []

    def program():
        found.append(outcome(targets.load(on), on, targets.load(on).foundation(on, {}), leaf, value))

    run_in_process(program)
    assert found == [[leaf]]
