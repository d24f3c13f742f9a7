"""Every rule has samples: what it allows, what it denies and nothing else can, and what it cannot know."""

from dataclasses import replace

import pytest
import rule_samples as source

from modelberth_policies.rule import ANY
from modelberth_policies.rules import ALL

RULES = {rule.id: rule for rule in ALL}
SAMPLES = source.samples()


def findings(sample, rules):
    return source.findings_in(sample.content, rules, (*RULES[sample.rule].types, "")[0])


def test_no_two_rules_share_an_id():
    assert len(RULES) == len(ALL)


def test_every_sample_is_of_a_rule():
    assert {sample.rule for sample in SAMPLES} <= set(RULES)


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.id)
def test_a_rule_has_allowed_denied_and_unknown_samples(rule):
    kinds = {sample.kind for sample in SAMPLES if sample.rule == rule.id}
    kinds |= {"unknown"} if rule.id in source.never_unknown() else set()
    assert kinds >= {"allowed", "denied", "unknown"}, f"{rule.id} has only {sorted(kinds)}"


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.id)
def test_a_rule_says_what_it_is_for(rule):
    assert rule.why.endswith(".") and rule.fix.endswith(".") and "\n" not in rule.why + rule.fix
    assert rule.types or rule.scope == "stack"


@pytest.mark.parametrize("sample", [each for each in SAMPLES if each.kind == "allowed"], ids=str)
def test_allowed(sample):
    assert [found.message for found in findings(sample, [RULES[sample.rule]])] == []


@pytest.mark.parametrize("sample", [each for each in SAMPLES if each.kind == "denied"], ids=str)
def test_denied(sample):
    found = findings(sample, [RULES[sample.rule]])
    assert {each.kind for each in found} == {"violation"}, [each.message for each in found]
    others = [replace(rule, check=lambda *_: ()) if rule.id == sample.rule else rule for rule in ALL]
    assert sample.rule not in {each.rule for each in findings(sample, others)}


@pytest.mark.parametrize("sample", [each for each in SAMPLES if each.kind == "unknown"], ids=str)
def test_unknown_is_never_silent(sample):
    found = findings(sample, [RULES[sample.rule]])
    assert {each.kind for each in found} == {"undeterminable"}, [each.message for each in found]


# A rule on more types than these reads all of them alike.
MANY = 8


@pytest.mark.parametrize(
    "rule", [rule for rule in ALL if ANY not in rule.types and len(rule.types) <= MANY], ids=lambda rule: rule.id
)
def test_every_type_of_a_rule_has_a_sample(rule):
    seen = {
        resource.type
        for sample in SAMPLES
        if sample.rule == rule.id
        for resource in source.plan_of(sample.content, rule.types[0] if rule.types else "")
    }
    assert set(rule.types) <= seen, f"{rule.id} has no sample of {sorted(set(rule.types) - seen)}"
