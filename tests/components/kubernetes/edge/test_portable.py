"""Every field of a `Service` is honoured on a small box, or refused by its name."""

from types import SimpleNamespace

import pytest
from components.kubernetes.edge.samples import FOUNDATION, LABELS, MODEL

from docs import answers
from docs.answers import Answer, answers_of, leaves, meet
from docs.samples import CONDITIONS, SILENT
from docs.surroundings import FOUNDATIONS, KUBERNETES_AROUND, KUBERNETES_VALUES, OF_TARGET, Surroundings
from modelberth.core.labels import Labels
from modelberth.core.service import Service, Translation, Unsupported
from modelberth.core.traffic import Traffic
from modelberth.kubernetes.edge.portable import translate
from modelberth.kubernetes.foundation import Foundation
from modelberth.stack import targets

ON = "kubernetes:edge"
AROUND = {start: around for start, around in KUBERNETES_AROUND.items() if not start.startswith("scale")}
SURROUNDINGS = Surroundings(
    around={**AROUND, "scale": {}},
    values={
        **KUBERNETES_VALUES,
        "scale.min": (0,),
        "scale.max": (3,),
        "native": ({"callers": {"namespaces": ["shop"]}}, {"files": "image"}),
    },
)
KUBERNETES = {**FOUNDATIONS["kubernetes"], "models": {"oci": "ghcr.io/modelberth/models"}}


@pytest.fixture(scope="module")
def answered():
    """What the target answers to every value of every field."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(targets, "TARGETS", (*targets.TARGETS, ON))
        patch.setattr(answers, "FOUNDATIONS", {**FOUNDATIONS, "kubernetes": KUBERNETES})
        patch.setattr(answers, "OF_TARGET", {**OF_TARGET, ON: SURROUNDINGS})
        yield answers_of(ON)


def met(answer: Answer, answered: list[Answer]) -> bool:
    refused = any(other.refusal for other in answered if other.field == answer.field)
    return answer.field in CONDITIONS and isinstance(answer.after, Translation) and refused


def test_every_field_is_honoured_or_refused_by_name(answered):
    assert {answer.field for answer in answered} == set(leaves())
    deaf = [answer.field for answer in answered if not answer.heard and not met(answer, answered)]
    assert [field for field in dict.fromkeys(deaf) if field not in SILENT] == []


def test_what_is_refused_is_the_field_that_was_tried_and_nothing_around_it(answered):
    beside = [
        (answer.field, refusal.field)
        for answer in answered
        if not isinstance(answer.after, Translation)
        for refusal in answer.after
        if not meet(refusal.field, answer.field)
    ]
    assert beside == []


def translated(foundation=None, traffic=None, **service):
    shared = Foundation.parse({**FOUNDATION, **(foundation or {})})
    wanted = Service.parse({"on": ON, "model": {"uri": "models:/ranker"}, **service})
    return translate(
        wanted, Traffic.parse(traffic or {"stable": MODEL}), Labels.parse(LABELS), SimpleNamespace(shared=shared)
    )


REFUSED = {
    "a model that would be fetched": ({"foundation": {"models": {"prefix": "s3://models"}}}, "on"),
    "images that would be pulled": ({"foundation": {"pull_secrets": ["registry"]}}, "on"),
    "a second version": (
        {"traffic": {"stable": MODEL, "candidate": {"uri": "models:/ranker/1.5.0", "digest": MODEL["digest"]}}},
        "rollout",
    ),
    "no pod at all": ({"scale": {"min": 0, "max": 1}}, "scale.min"),
    "two pods": ({"scale": {"min": 1, "max": 2}}, "scale.max"),
    "a canary": ({"rollout": {"canary": {"steps": [10], "bake": "10m"}}}, "rollout.canary"),
    "replacing pods one by one": ({"rollout": {"rolling": {}}}, "rollout.rolling"),
    "an objective": ({"slo": {"p95": "1s"}}, "slo"),
    "requests that are kept": ({"data": {"capture": {"sample": "1%", "expires": "1d"}}}, "data.capture"),
    "logs that are kept": ({"data": {"retention": "1d"}}, "data.retention"),
    "another continent": ({"data": {"residency": "us"}}, "data.residency"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_one_pod_without_a_network_cannot_do_is_refused_and_says_why(case):
    given, field = REFUSED[case]
    answer = translated(**given)
    assert isinstance(answer, Unsupported)
    assert [refusal.field for refusal in answer.refusals] == [field]
    assert all(refusal.why and refusal.fix for refusal in answer.refusals)


def test_what_it_can_do_it_does():
    made = translated(size={"cpu": 1, "memory_gib": 1})
    assert isinstance(made, Translation)
    assert made.front_door is None
    assert made.endpoint.server.resources.memory_gib == 1
    assert made.endpoint.model.version == "1.4.0"
