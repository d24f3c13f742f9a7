"""Whatever a program writes where a rule looks: no rule breaks on it, and none passes because it cannot know."""

import math
from collections.abc import Iterator
from dataclasses import replace

import pytest
import rule_samples as source
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelberth_policies.bill import estimate
from modelberth_policies.evaluate import evaluate
from modelberth_policies.limits import Limits
from modelberth_policies.resources import MISSING, UNKNOWN, Plan, Secret
from modelberth_policies.rules import ALL

RULES = {rule.id: rule for rule in ALL}
SAMPLES = source.samples()
JUNK = [
    None,
    True,
    0,
    -1,
    3.5,
    math.inf,
    math.nan,
    "",
    "x",
    "*",
    "{",
    [],
    {},
    [None],
    [[]],
    [{}],
    {"x": None},
    Secret(1),
]


def plan_of(sample) -> Plan:
    return source.plan_of(sample.content, (*RULES[sample.rule].types, "")[0])


def judging(sample):
    """What the sample's rule says of a plan, under the sample's limits."""
    rules, limits = [RULES[sample.rule]], Limits(**sample.content.get("$limits", {}))
    return lambda plan: evaluate(plan, rules, limits, lambda: estimate(plan))


def places(value, path=()) -> Iterator[tuple]:
    """Every place in the inputs, those of lists and mappings too."""
    if path:
        yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from places(item, (*path, index))


def changed(value, path, new):
    """The inputs with `new` at a place."""
    if not path:
        return new
    key, rest = path[0], path[1:]
    if isinstance(value, dict):
        return {**value, key: changed(value[key], rest, new)}
    return [changed(item, rest, new) if index == key else item for index, item in enumerate(value)]


def variations(plan, new) -> Iterator[tuple[str, Plan]]:
    """The plan with `new` in each place of each resource, one at a time."""
    for number, resource in enumerate(plan.resources):
        for path in places(dict(resource.inputs)):
            made = replace(resource, inputs=changed(resource.inputs, path, new))
            resources = (*plan.resources[:number], made, *plan.resources[number + 1 :])
            where = f"{resource.name} {'.'.join(map(str, path))}"
            yield where, Plan(plan.project, plan.stack, resources, default_providers=plan.default_providers)


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_no_value_breaks_a_rule(sample):
    plan, findings = plan_of(sample), judging(sample)
    for junk in JUNK:
        for where, variation in variations(plan, junk):
            broken = [found.message for found in findings(variation) if found.kind == "error"]
            assert not broken, f"{junk!r} at {where}"


DENIED = [each for each in SAMPLES if each.kind == "denied" and each.rule not in source.never_unknown()]


@pytest.mark.parametrize("sample", DENIED, ids=str)
def test_an_unknown_value_is_no_way_past_a_rule(sample):
    findings = judging(sample)
    silent = [where for where, variation in variations(plan_of(sample), UNKNOWN) if not findings(variation)]
    assert silent == []


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from([UNKNOWN, MISSING, Secret("s")]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from([each for each in SAMPLES if each.content.get("resources") != {}]), st.data())
def test_no_random_value_breaks_a_rule(sample, data):
    plan = plan_of(sample)
    resource = data.draw(st.sampled_from(plan.resources))
    inputs = dict(resource.inputs)
    for _ in range(data.draw(st.integers(1, 3))):
        found = list(places(inputs))
        if found:
            inputs = changed(inputs, data.draw(st.sampled_from(found)), data.draw(VALUES))
    resources = tuple(replace(each, inputs=inputs) if each is resource else each for each in plan.resources)
    changed_plan = Plan(plan.project, plan.stack, resources, default_providers=plan.default_providers)
    assert [each.message for each in judging(sample)(changed_plan) if each.kind == "error"] == []
