"""What a stack costs, against what it may cost."""

import math
from collections.abc import Iterator, Mapping

from modelberth_policies.clock import today
from modelberth_policies.prices import age_days
from modelberth_policies.rule import Category, Severity, stack_rule
from modelberth_policies.subject import Stack, Subject, Undeterminable

MAX_CATALOGUE_DAYS = 90
CLOUDS: Mapping[str, str] = {"aws": "aws", "gcp": "gcp", "azure-native": "azure"}
"""Package → cloud of the catalogue."""

Found = Iterator[tuple[Subject | None, str]]


@stack_rule(
    "stack-monthly-budget",
    Severity.HIGH,
    Category.COST,
    frameworks=("FinOps",),
    why="What nobody set a limit for is noticed when the invoice comes.",
    fix="Use fewer, smaller or less busy resources, or raise budget.monthly_usd of the environment.",
    applies=lambda limits: limits.budget.monthly_usd is not None,
)
def stack_monthly_budget(stack: Stack) -> Found:
    limit, expected = stack.limits.budget.monthly_usd, stack.bill.total.expected
    if limit is not None and expected > limit:
        yield None, f"is expected to cost {expected:,.2f} USD a month; the budget is {limit:,.2f}"
    else:
        _need_all_prices(stack)


def _need_all_prices(stack: Stack) -> None:
    """What will cost something, and nobody knows yet how much, could still break a budget."""
    later = next((each for each in stack.bill.unpriced if each.later), None)
    if later is not None:
        raise Undeterminable(f"the price of {later.urn.rpartition('::')[2]}")


@stack_rule(
    "stack-worst-case-cost",
    Severity.HIGH,
    Category.COST,
    frameworks=("FinOps",),
    why="An autoscaler under attack, or in a loop, spends what its maximum allows.",
    fix="Lower the maximum of the autoscalers, or raise budget.worst_case_usd of the environment.",
    applies=lambda limits: limits.budget.worst_case_usd is not None,
)
def stack_worst_case_cost(stack: Stack) -> Found:
    limit, worst = stack.limits.budget.worst_case_usd, stack.bill.total.worst
    if limit is not None and worst > limit:
        cost = "without limit" if math.isinf(worst) else f"{worst:,.2f} USD a month"
        yield None, f"can cost {cost} with every autoscaler at its maximum; the cap is {limit:,.2f}"
    else:
        _need_all_prices(stack)


@stack_rule(
    "pr-cost-delta",
    Severity.MEDIUM,
    Category.COST,
    frameworks=("FinOps",),
    why="A change that doubles the bill deserves a second pair of eyes.",
    fix="Have the change approved and raise budget.delta_usd or delta_percent, or make it cheaper.",
    applies=lambda limits: limits.budget.delta_usd is not None or limits.budget.delta_percent is not None,
)
def pr_cost_delta(stack: Stack) -> Found:
    """Without a baseline there is nothing to compare with."""
    if stack.before is None:
        return
    before, budget = stack.before.expected, stack.limits.budget
    delta = stack.bill.total.expected - before
    if budget.delta_usd is not None and delta > budget.delta_usd:
        yield None, f"gets {delta:,.2f} USD a month dearer; a change may add {budget.delta_usd:,.2f}"
    elif budget.delta_percent is not None and delta > before * budget.delta_percent / 100:
        share = f"{delta / before:.0%}" if before else "from nothing"
        yield None, f"gets {delta:,.2f} USD a month ({share}) dearer; a change may add {budget.delta_percent:g} %"
    else:
        _need_all_prices(stack)


@stack_rule(
    "unpriced-billable-resource",
    Severity.LOW,
    Category.COST,
    frameworks=("FinOps",),
    why="What has no price is missing from the bill, and a missing line looks like a cheap stack.",
    fix="Add a sourced price to the catalogue, state the missing value in the program, or keep the cost in mind.",
)
def unpriced_billable_resource(stack: Stack) -> Found:
    for each in stack.bill.unpriced:
        resource = stack.plan.get(each.urn)
        subject = None if resource is None else Subject(resource, stack.limits)
        yield subject, f"has no price{f' for {each.what}' if each.what else ''}: {each.reason}"


@stack_rule(
    "price-catalogue-age",
    Severity.LOW,
    Category.COST,
    frameworks=("FinOps",),
    why="List prices change; an old catalogue gives a wrong bill with two decimals.",
    fix="Update modelberth, or import newer prices (tools/prices).",
)
def price_catalogue_age(stack: Stack) -> Found:
    packages = {subject.type.partition(":")[0] for subject in stack.subjects}
    for package, cloud in CLOUDS.items():
        days = age_days(cloud, today()) if package in packages else 0
        if days > MAX_CATALOGUE_DAYS:
            yield (
                None,
                f"is priced by a catalogue for {cloud} that is {days} days old; the most is {MAX_CATALOGUE_DAYS}",
            )


RULES = (
    stack_monthly_budget,
    stack_worst_case_cost,
    pr_cost_delta,
    unpriced_billable_resource,
    price_catalogue_age,
)
