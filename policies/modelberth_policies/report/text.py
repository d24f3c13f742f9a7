"""A report for a terminal: findings with their fix, exemptions, the bill, and what differs from the baseline."""

from collections.abc import Iterator

from modelberth_policies.bill import NOTHING, Range
from modelberth_policies.evaluate import Finding
from modelberth_policies.report.model import Report, StackReport
from modelberth_policies.report.wording import MARKS, change, resource_of, usd, verdict


def render(report: Report) -> str:
    """Plain text, without colours, so that it reads the same in a log."""
    parts = ["\n".join(_stack(stack)) for stack in report.stacks]
    return "\n\n".join([*parts, *_exemptions(report)]) + "\n"


def _stack(stack: StackReport) -> Iterator[str]:
    rules = len(stack.rules)
    yield f"{stack.project} {stack.stack} ({stack.environment}): {stack.resources} resources, {rules} rules"
    yield from (f"note: {note}" for note in stack.notes)
    yield from _findings(stack)
    yield from _exempted(stack)
    yield from _difference(stack)
    yield from _bill(stack)
    yield f"{stack.stack}: {verdict(stack)}"


def _findings(stack: StackReport) -> Iterator[str]:
    new = {id(finding) for finding in stack.new}
    for finding in stack.findings:
        yield ""
        yield f"{_head(finding)}{'  (new)' if id(finding) in new else ''}"
        yield f"  {finding.message}"
        if finding.source:
            yield f"  at {finding.source}{f' in {finding.path}' if finding.path else ''}"
        if finding.kind == "violation":
            yield f"  fix: {finding.fix}"


def _head(finding: Finding) -> str:
    return f"{finding.level.value} {finding.severity.name.lower()} {MARKS[finding.kind]}: {finding.rule}"


def _exempted(stack: StackReport) -> Iterator[str]:
    if stack.exempted:
        yield ""
        yield "exempted:"
    for each in stack.exempted:
        said = each.exemption
        yield f"  {each.finding.rule}: {each.finding.message}"
        yield f"    until {said.expires} by {said.owner}: {said.reason}"


def _difference(stack: StackReport) -> Iterator[str]:
    if stack.past is None:
        return
    yield ""
    yield f"against the baseline: {len(stack.new)} new, {len(stack.gone)} gone; a month {_delta(stack)}"
    for key, message in stack.gone:
        yield f"  gone: {key[0]}: {message}"
    for name, before, after in stack.dearer:
        yield f"  {name}: {usd(before.expected)} to {usd(after.expected)} USD"


def _delta(stack: StackReport) -> str:
    assert stack.past is not None
    delta = change(stack.past.total.expected, stack.bill.total.expected)
    return "costs the same" if delta == "same" else f"{delta} USD"


def _bill(stack: StackReport) -> Iterator[str]:
    bill = stack.bill
    yield ""
    yield f"{'USD a month':48}{'low':>14}{'expected':>14}{'worst':>14}"
    for name, amount in bill.by_service().items():
        yield _row(name, amount)
        for product, share in bill.of_service(name).items():
            yield _row(f"  {product}", share)
    yield _row("total", bill.total if bill.lines else NOTHING)
    for line in bill.rollouts:
        yield f"each rollout of {line.service}: {line.usd} ({line.formula})"
    for each in bill.unpriced:
        yield f"no price: {each.type} {resource_of(each.urn)}: {each.reason}"


def _row(name: str, amount: Range) -> str:
    low, expected, worst = (usd(part) for part in amount.triple)
    return f"{name[:47]:48}{low:>14}{expected:>14}{worst:>14}"


def _exemptions(report: Report) -> Iterator[str]:
    if report.exemptions:
        rows = [f"  {each.rule} until {each.expires} by {each.owner}: {each.resource}" for each in report.exemptions]
        yield "\n".join(["exemptions in force:", *rows])
