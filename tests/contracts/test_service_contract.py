"""Every target answers every field of a `Service`: a change of it changes the translation, or the target refuses it.

A field that is silently ignored is a promise broken, so the fields are found by walking the model: a new one fails here
until it has a value in `tools/docs/samples.py`, and then fails for every target that does not answer it.
"""

import pytest

from docs.answers import answers_of, answers_to, leaves, meet
from docs.samples import AROUND, CONDITIONS, SAMPLES, SILENT, With
from docs.surroundings import OF_TARGET
from modelberth.core.errors import ConfigError
from modelberth.core.service import Service, Translation
from modelberth.stack import targets

OUTSIDE = {*SILENT, *CONDITIONS, "native"}
"""Fields of which a translation need not tell; `native` is added by the stack, whatever the target does."""

BEYOND = [
    ("size.cpu", 1000),
    ("size.memory_gib", 0.01),
    ("size.gpu.type", "no-such-type"),
    ("size.gpu.count", 1000),
]
"""Values that no target can honour."""

EXTREME = [
    *BEYOND,
    ("size.cpu", 1e-9),
    ("size.memory_gib", 1e6),
    ("scale.min", 0),
    ("scale.min", With(10**6, {"scale.max": 10**6})),
    ("scale.max", 10**9),
    ("scale.on.concurrency", 1e-9),
    ("scale.on.concurrency", 1e12),
    ("scale.on.requests_per_second", 1e-9),
    ("scale.on.requests_per_second", 1e12),
    ("scale.on.cpu", 0),
    ("scale.on.cpu", 1),
    *(("scale.schedule[].cron", cron) for cron in ("", "x", "61 * * * *", "0 0 1 * 1", "0 0 31 2 *", "* * * * *")),
    ("scale.schedule[].min", 0),
    ("scale.schedule[].max", 10**9),
    ("scale.schedule", [{"cron": "0 6 * * *", "min": 1, "max": 2}] * 2),
    ("scale.schedule", [{"cron": "0 6 * * *", "min": 1, "max": 1}]),
    ("scale.schedule", []),
    *((f"rollout.{field}", value) for field in ("blue_green.bake", "canary.bake") for value in (0, 0.5, 86400)),
    *(("rollout.canary.steps", steps) for steps in ([1], [50], [51], [99])),
    *(("rollout.linear.step", step) for step in (1, 9, 10, 33, 51, 100)),
    *(("rollout.linear.interval", interval) for interval in (0, 0.5, 86400)),
    ("rollout.rolling.surge", 1000),
    *((f"rollout.gates[].{signal}.below", 0) for signal in ("error_rate", "p50", "p95", "p99", "saturation")),
    *((f"rollout.gates[].{signal}.below", 1e9) for signal in ("p50", "p95", "p99")),
    ("rollout.gates[].min_sample", 10**12),
    ("rollout.gates", [{"p95": {"below": 1}}] * 2),
    ("rollout.gates", [{signal: {"below": 0.5}} for signal in ("error_rate", "p50", "p95", "p99", "saturation")]),
    ("access.keys", ["web", "web"]),
    ("access.jwt.issuer", ""),
    ("access.jwt.jwks", ""),
    ("access.rate.per_key", 1e-9),
    ("access.rate.per_key", 1e12),
    ("access.rate.burst", 10**12),
    ("access.public.rate_limit", 1e-9),
    ("access.public.rate_limit", 1e12),
    *((f"slo.{field}", value) for field in ("p50", "p95", "p99") for value in (0, 1e9)),
    *(("slo.availability", value) for value in (0, 1, 1 - 1e-15)),
    ("data.residency", ""),
    ("data.residency", "mars"),
    *(("data.capture.sample", value) for value in (0, 1e-9, 1)),
    *(("data.capture.expires", value) for value in (0, 0.5, 3600, 1e12)),
    *(("data.retention", value) for value in (0, 0.5, 1e12)),
]
"""Values at and beyond the edge of what a service may say."""


def ignored(on, target=None):
    """The fields to which a target neither reacts nor objects."""
    answers = answers_of(on, target)
    deaf = [answer.field for answer in answers if not answer.heard and not met(answer, answers)]
    return [field for field in dict.fromkeys(deaf) if field not in SILENT]


def met(answer, answers):
    """Whether a field is a condition that holds, and is refused where it does not."""
    refused = any(other.refusal for other in answers if other.field == answer.field)
    return answer.field in CONDITIONS and isinstance(answer.after, Translation) and refused


class Deaf:
    """A target that does not hear some fields: it translates the service as if they were left out."""

    def __init__(self, target, **without):
        self.target = target
        self.without = without

    def translate(self, service, traffic, labels, foundation):
        return self.target.translate(service.model_copy(update=self.without), traffic, labels, foundation)


class Constant:
    """A target that hears nothing at all: what it said first it says always."""

    def __init__(self, target):
        self.target = target
        self.first = None

    def translate(self, *given):
        if self.first is None:
            self.first = self.target.translate(*given)
        return self.first


@pytest.mark.parametrize("on", targets.TARGETS)
def test_every_field_is_honoured_or_refused_by_name(on):
    assert ignored(on) == []


@pytest.mark.parametrize("on", targets.TARGETS)
def test_what_is_refused_is_the_field_that_was_tried_and_nothing_around_it(on):
    beside = [
        (answer.field, refusal.field)
        for answer in answers_of(on)
        if not isinstance(answer.after, Translation)
        for refusal in answer.after
        if not meet(refusal.field, answer.field)
    ]
    assert beside == [], "what stands around a field must be acceptable; see tools/docs/surroundings.py"


@pytest.mark.parametrize("on", targets.TARGETS)
def test_every_refusal_says_why_and_what_to_write(on):
    refusals = {answer.refusal for answer in answers_of(on) if answer.refusal is not None}
    assert refusals
    assert [refusal for refusal in refusals if not (refusal.why and refusal.fix)] == []


def test_every_field_has_values_and_every_value_a_field():
    beyond = {field for own in OF_TARGET.values() for field in own.values}
    assert sorted(set(leaves()) - {*SAMPLES, "native"}) == [], "give each new field a value in tools/docs/samples.py"
    assert sorted({*SAMPLES, *SILENT, *CONDITIONS, *beyond} - set(leaves())) == [], "these are no fields any more"
    known = {f"{leaf}.".replace("[]", "") for leaf in leaves()}
    starts = [*AROUND, *(start for own in OF_TARGET.values() for start in own.around)]
    lost = [start for start in starts if not any(leaf.startswith(f"{start}.".replace("[]", "")) for leaf in known)]
    assert lost == [], "nothing begins like this any more"


def test_every_target_has_its_surroundings_and_words_of_its_own():
    assert OF_TARGET.keys() >= set(targets.TARGETS)
    assert all(own.values["native"] for own in OF_TARGET.values())


def test_an_ignored_field_is_found():
    local = targets.load("local")
    access = [leaf for leaf in leaves() if leaf.startswith("access.")]
    assert ignored("local", Deaf(local, access=Service.model_fields["access"].default)) == access
    assert ignored("local", Deaf(local, slo=None)) == ["slo.p50", "slo.p95", "slo.p99", "slo.availability"]
    assert ignored("local", Deaf(local, runtime="serving")) == ["runtime"]


def test_an_ignored_condition_is_found():
    on = "aws:sagemaker/realtime"
    data = [leaf for leaf in leaves() if leaf.startswith("data.") and leaf != "data.classification"]
    # The classification reaches the labels, which are not the target's to read.
    assert ignored(on, Deaf(targets.load(on), data=Service.model_fields["data"].default)) == data


@pytest.mark.parametrize("on", targets.TARGETS)
def test_a_target_that_hears_nothing_is_found_in_every_field(on):
    expected = [leaf for leaf in leaves() if leaf not in {*SILENT, "native"}]
    assert ignored(on, Constant(targets.load(on))) == expected


@pytest.mark.parametrize("on", targets.TARGETS)
def test_a_value_beyond_a_target_is_refused_by_the_name_of_its_field(on):
    assert [answer for answer in answers_to(on, BEYOND) if answer.refusal is None] == []


@pytest.mark.parametrize("on", targets.TARGETS)
def test_an_unknown_model_server_is_named(on):
    try:
        [answer] = answers_to(on, [("runtime", "no-such-runtime")])
        named = [refusal.field for refusal in answer.after]
    except ConfigError as error:
        named = [fault.path for fault in error.faults]
    assert named == ["runtime"]


@pytest.mark.parametrize("on", targets.TARGETS)
def test_what_cannot_be_said_in_the_words_of_a_target_is_refused_and_never_raised(on):
    answers = answers_to(on, EXTREME)
    assert len(answers) == len(EXTREME)
    assert all(isinstance(answer.after, Translation) or answer.after for answer in answers)


LIMITS = {
    ("aws:sagemaker/realtime", "scale.schedule[].min", 0): "scale.schedule.0.min",
    ("aws:sagemaker/serverless", "scale.schedule[].min", 0): "scale.schedule.0.min",
    ("aws:sagemaker/asynchronous", "scale.schedule[].min", 0): "scale.schedule.0.min",
    ("aws:sagemaker/serverless", "scale.schedule[].max", 10): "scale.schedule.0.max",
    ("aws:sagemaker/realtime", "scale.on.cpu", 0): "scale.on.cpu",
    **{
        (on, "scale.schedule[].cron", cron): "scale.schedule.0.cron"
        for on in targets.TARGETS
        if on.startswith("aws:")
        for cron in ("x", "0 0 1 * 1", "0 0 31 2 *")
    },
    ("aws:sagemaker/realtime", "rollout.canary.bake", 86400): "rollout.canary.bake",
    ("aws:sagemaker/realtime", "rollout.canary.bake", 1800): "rollout.canary",
    ("aws:sagemaker/asynchronous", "rollout.linear.interval", 3600): "rollout.linear",
    ("aws:sagemaker/realtime", "data.capture.sample", 0.005): "data.capture.sample",
    ("aws:sagemaker/realtime", "data.capture.expires", 3600): "data.capture.expires",
}
"""Target, field and value to the field that a refusal names, exactly."""


@pytest.mark.parametrize(("tried", "named"), LIMITS.items(), ids=lambda item: str(item))
def test_a_limit_is_refused_by_its_own_name_and_alone(tried, named):
    on, field, value = tried
    [answer] = answers_to(on, [(field, value)])
    assert not isinstance(answer.after, Translation)
    assert [refusal.field for refusal in answer.after] == [named]
