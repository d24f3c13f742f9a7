"""What the rules cost in process: all of them over plans of three sizes, beside as many bare look-ups."""

import gc
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from measure import in_turn, line

from modelberth_policies.bill import estimate
from modelberth_policies.evaluate import evaluate, in_force
from modelberth_policies.limits import Limits, load_limits
from modelberth_policies.resources import Plan
from modelberth_policies.rule import ANY, Rule, by_type
from modelberth_policies.rules import ALL
from modelberth_policies.sources.program import plan
from modelberth_policies.subject import canonical
from modelberth_policies.usage import load_usage

SERVICES = (5, 53, 263)
"""About 100, 1,000 and 5,000 resources: a service has 19."""
ROUNDS = 5
AIM = 1.0
"""Microseconds for each rule and resource."""


def rules_timed(project: Path) -> None:
    """Prints a row for each size of the stack that the project makes."""
    limits = load_limits(None).of_stack("prod")
    rules = in_force(ALL, limits)
    figures = ("us/rule·res.", "of the aim", "us/asked", "/ bare", "us/resource")
    line(f"{len(rules)} of {len(ALL)} rules, CPU time", *figures)
    for services in SERVICES:
        _row(plan(project, "prod", config={"services": services}, python=sys.executable), limits, rules)


def _row(stack: Plan, limits: Limits, rules: Sequence[Rule]) -> None:
    bill = estimate(stack, load_usage(None))
    asked = _asked(stack, rules)
    work = {
        "rules": partial(_seconds, lambda: evaluate(stack, ALL, limits, lambda: bill)),
        "bare": partial(_seconds, lambda: _bare(stack, asked)),
        "bill": partial(_seconds, lambda: estimate(stack, load_usage(None))),
    }
    found = {name: statistics.median(each) for name, each in in_turn(work, ROUNDS).items()}
    micro, pairs = found["rules"] * 1e6, sum(len(each) for each in asked)
    each = micro / len(stack) / len(rules)
    line(
        f"{len(stack)} resources", f"{each:.2f}", f"{each / AIM:.2f}", f"{micro / pairs:.1f}",
        f"{found['rules'] / found['bare']:.0f}", f"{micro / len(stack):.0f}",
    )  # fmt: skip
    line("   the bill", "", "", "", "", f"{found['bill'] * 1e6 / len(stack):.0f}")


def _seconds(work: Callable[[], object]) -> float:
    gc.collect()
    began = time.process_time()
    work()
    return time.process_time() - began


def _asked(stack: Plan, rules: Sequence[Rule]) -> list[list[str]]:
    """For each resource, the property that a bare function reads for each rule which is asked of it."""
    index = by_type(rules)
    return [
        [rule.id for rule in index.get(canonical(resource.type), ()) + index.get(ANY, ())] if resource.custom else []
        for resource in stack
    ]


def _bare(stack: Plan, asked: Sequence[Sequence[str]]) -> int:
    """The least that rules could do: a look-up each, already knowing which are asked."""
    return sum(name not in resource.inputs for resource, names in zip(stack, asked, strict=True) for name in names)
