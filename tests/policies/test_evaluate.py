"""Rules are asked one by one: what they say, what they cannot know, and what they break on, are findings."""

import pytest

from modelberth_policies.evaluate import evaluate
from modelberth_policies.limits import Limits
from modelberth_policies.resources import UNKNOWN, Plan, Resource, Secret
from modelberth_policies.rule import ANY, Category, Level, Severity, graph_rule, resource_rule, stack_rule

URN = "urn:pulumi:prod::p::t::"
SAYS = {"why": "W.", "fix": "F."}


def plan(*resources):
    return Plan("p", "prod", resources)


def made(name, inputs, type_="t", **rest):
    return Resource(URN + name, type_, name, inputs=inputs, source="__main__.py:3", **rest)


@resource_rule("no-b", Severity.HIGH, Category.SECURITY, "t", over="list", **SAYS)
def no_b(part):
    if part.value("x") == "b":
        yield f"has {part.show('x')}"


def test_one_unknown_hides_nothing_of_the_others():
    findings = evaluate(plan(made("n", {"list": [{"x": UNKNOWN}, {"x": "b"}, {"x": "a"}]})), [no_b], Limits())
    assert [(each.kind, each.path, each.level) for each in findings] == [
        ("undeterminable", "list[0].x", Level.ADVISORY),
        ("violation", "list[1]", Level.MANDATORY),
    ]
    assert findings[1].message == "n has 'b'"
    assert findings[1].source == "__main__.py:3"


def test_undeterminable_can_be_made_to_stop():
    limits = Limits(undeterminable=Level.MANDATORY)
    assert evaluate(plan(made("n", {"list": UNKNOWN})), [no_b], limits)[0].level is Level.MANDATORY


def test_a_rule_that_raises_is_a_finding_without_its_text():
    @resource_rule("raises", Severity.LOW, Category.SECURITY, ANY, **SAYS)
    def raises(part):
        raise ValueError(f"hunter2 in {part.name}")

    (finding,) = evaluate(plan(made("n", {})), [raises], Limits())
    assert (finding.kind, finding.level) == ("error", Level.MANDATORY)
    assert finding.message.startswith("n cannot be judged: raises raised ValueError at test_evaluate.py:")
    assert "hunter2" not in finding.message


def test_a_secret_never_reaches_a_message():
    @resource_rule("leaks", Severity.LOW, Category.SECURITY, "t", **SAYS)
    def leaks(part):
        yield f"has {part.value('password')} and {part.value('pins')[0]['pin']}"

    inputs = {"password": Secret("hunter2"), "pins": [{"pin": Secret(123456)}]}
    (finding,) = evaluate(plan(made("n", inputs)), [leaks], Limits())
    assert finding.message == "n has a secret and Secret(…)"


def test_what_is_only_read_and_components_are_not_asked():
    @resource_rule("any", Severity.LOW, Category.SECURITY, ANY, **SAYS)
    def any_(part):
        yield "is there"

    component = made("component", {}, custom=False)
    findings = evaluate(plan(made("n", {}), made("read", {}, external=True), component), [any_], Limits())
    assert [each.name for each in findings] == ["n"]


def test_rules_of_the_graph_and_of_the_stack():
    @graph_rule("alone", Severity.LOW, Category.RELIABILITY, "t", **SAYS)
    def alone(part, stack):
        if len(stack.of_type("t")) == 1:
            yield "is alone"

    @stack_rule("empty", Severity.LOW, Category.GOVERNANCE, **SAYS)
    def empty(stack):
        if not stack.of_type("other"):
            yield None, "has no other"

    findings = evaluate(plan(made("n", {})), [alone, empty], Limits())
    assert [each.message for each in findings] == ["n is alone", "prod has no other"]
    assert findings[1].urn == "urn:pulumi:prod::p::pulumi:pulumi:Stack::p-prod"


@pytest.mark.parametrize(
    ("limits", "count"),
    [
        (Limits(), 1),
        (Limits(production=False), 0),
        (Limits(levels={"production-only": Level.DISABLED}), 0),
    ],
)
def test_an_environment_is_asked_only_what_it_wants(limits, count):
    @resource_rule(
        "production-only", Severity.LOW, Category.SECURITY, "t", applies=lambda limits: limits.production, **SAYS
    )
    def production_only(part):
        yield "is there"

    assert len(evaluate(plan(made("n", {})), [production_only], limits)) == count


def test_api_versions_do_not_hide_a_resource():
    rule = resource_rule("any", Severity.LOW, Category.SECURITY, "azure-native:app:ContainerApp", **SAYS)(
        lambda part: ["is there"]
    )
    assert evaluate(plan(made("n", {}, "azure-native:app/v20240301:ContainerApp")), [rule], Limits())
