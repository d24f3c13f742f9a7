"""One stack's plan against its rules, its limits, its exemptions and its prices: `check(plan, …) -> StackReport`. Pure.

What a program or a state is made of comes from `sources/`; how a report looks, from `report/`.
"""

from collections.abc import Sequence
from functools import cache

from modelberth_policies.bill import Bill, UsageLike, estimate
from modelberth_policies.evaluate import evaluate, in_force
from modelberth_policies.exemptions import Exemptions
from modelberth_policies.limits import Limits
from modelberth_policies.report.model import Exempted, Node, Past, StackReport, gravest_first
from modelberth_policies.resources import Plan
from modelberth_policies.rule import Rule


def check(
    plan: Plan,
    rules: Sequence[Rule],
    limits: Limits,
    usage: UsageLike,
    exemptions: Exemptions,
    past: Past | None = None,
) -> StackReport:
    """Asks every rule that the environment wants, sets the exempted findings apart, and draws up the bill."""

    @cache
    def bill() -> Bill:
        return estimate(plan, usage)

    findings = evaluate(plan, rules, limits, bill, None if past is None else past.total)
    exempted = [
        Exempted(finding, exemption)
        for finding in findings
        if finding.kind == "violation" and (exemption := exemptions.of(finding.rule, finding.urn)) is not None
    ]
    apart = {id(each.finding) for each in exempted}
    return StackReport(
        plan.project,
        plan.stack,
        limits.environment,
        sum(resource.custom and not resource.external for resource in plan),
        tuple(in_force(rules, limits)),
        gravest_first(finding for finding in findings if id(finding) not in apart),
        tuple(exempted),
        bill(),
        past,
        tuple(Node(each.urn, each.parent, each.type, each.name, each.is_component) for each in plan),
        (*plan.notes, *(f"usage: {pattern} fits no resource of {plan.stack}" for pattern in bill().unused_overrides)),
    )
