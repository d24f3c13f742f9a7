"""A report as a comment on a pull request: the verdict, what is new, what it costs, and all else folded away."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from modelberth_policies.bill import NOTHING, Range
from modelberth_policies.evaluate import Finding
from modelberth_policies.exemptions import Exemption
from modelberth_policies.report.markdown_text import code, escaped, table
from modelberth_policies.report.model import Report, StackReport
from modelberth_policies.report.wording import change, counted, resource_of, stopping, usd, verdict
from modelberth_policies.rule import Level

LIMIT = 65_536
"""Characters that GitHub takes in a comment."""
MARKER = "<!-- modelberth-check -->"
"""Stands at the end of each comment, so that a pipeline finds its own one and writes it anew."""
_ROWS = (1_000_000, 300, 100, 40, 15, 5, 1, 0)
"""How many rows a table may have; the first number with which all fits is taken."""


def render(report: Report) -> str:
    """The comment, never longer than `LIMIT`; it says what was cut."""
    texts = (_document(report, rows) for rows in _ROWS)
    return next((text for text in texts if len(text) <= LIMIT), "") or _only_verdicts(report)


def _only_verdicts(report: Report) -> str:
    lines, end = [headline(report), ""], f"\nStacks that find no place here are left out.\n{MARKER}\n"
    for stack in report.stacks:
        line = f"- {code(stack.stack)}: {verdict(stack)}"
        if sum(map(len, lines)) + len(lines) + len(line) + len(end) < LIMIT:
            lines.append(line)
    return "\n".join([*lines, end])


def _document(report: Report, rows: int) -> str:
    parts = [headline(report), *(part for stack in report.stacks for part in _stack(stack, rows))]
    return "\n\n".join([*parts, *_exemptions(report, rows), MARKER]) + "\n"


def headline(report: Report) -> str:
    """The first line, which is all that some will read."""
    stopped = [stack for stack in report.stacks if stopping(stack.findings)]
    number = sum(stopping(stack.findings) for stack in stopped)
    if not stopped:
        said = "nothing stops this change"
    else:
        names = ", ".join(code(stack.stack) for stack in stopped[:5]) + (" and others" if len(stopped) > 5 else "")
        said = f"{counted(number, 'mandatory finding')} in {names}"
    return f"**modelberth check: {said}{_differences(report)}**"


def _differences(report: Report) -> str:
    compared = [stack for stack in report.stacks if stack.past is not None]
    if not compared:
        return ""
    before = sum(stack.past.total.expected for stack in compared if stack.past is not None)
    after = sum(stack.bill.total.expected for stack in compared)
    delta = change(before, after)
    cost = "costs the same" if delta == "same" else f"{delta} USD a month"
    return f"; {sum(len(s.new) for s in compared)} new, {sum(len(s.gone) for s in compared)} gone; {cost}"


def _stack(stack: StackReport, rows: int) -> Iterator[str]:
    yield f"### {escaped(stack.project)} {code(stack.stack)}"
    yield f"{verdict(stack)} · {counted(stack.resources, 'resource')} · {counted(len(stack.rules), 'rule')} · " + (
        f"limits of {code(stack.environment)}"
    )
    yield from (f"> {escaped(note)}" for note in stack.notes[: min(rows, 20)])
    yield from _findings(stack, rows)
    if stack.gone:
        gone = [(code(key[0]), escaped(message)) for key, message in stack.gone]
        yield _folded(f"{len(gone)} gone", _cut(("Rule", "What it was"), gone, rows))
    yield from _bill(stack, rows)
    if stack.exempted:
        exempted = [(code(each.finding.rule), escaped(each.finding.message)) for each in stack.exempted]
        yield _folded(f"{len(exempted)} exempted", _cut(("Rule", "What"), exempted, rows))


def _findings(stack: StackReport, rows: int) -> Iterator[str]:
    """In sight: what the change brings; without a baseline, what stops."""
    new = {id(finding) for finding in stack.new}
    compared = stack.past is not None
    wanted: Callable[[Finding], bool] = lambda finding: (  # noqa: E731
        id(finding) in new if compared else finding.level is Level.MANDATORY
    )
    shown = [finding for finding in stack.findings if wanted(finding)]
    folded = [finding for finding in stack.findings if not wanted(finding)]
    if shown:
        yield f"**{'New' if compared else 'Mandatory'}: {len(shown)}**"
        yield _of_findings(shown, rows)
    if folded:
        title = "that the baseline has too" if compared else "that only advise"
        yield _folded(f"{counted(len(folded), 'finding')} {title}", _of_findings(folded, rows))


def _of_findings(findings: Sequence[Finding], rows: int) -> str:
    return _cut(("Level", "Rule", "What, and what to do", "Where"), [_row(finding) for finding in findings], rows)


def _row(finding: Finding) -> tuple[str, ...]:
    what = escaped(finding.message)
    if finding.kind == "violation":
        what += f"<br>{escaped(finding.fix)}"
    level = f"{finding.level.value}, {finding.severity.name.lower()}"
    return level, code(finding.rule), what, code(finding.source) if finding.source else escaped(finding.name)


def _bill(stack: StackReport, rows: int) -> Iterator[str]:
    total = stack.bill.total if stack.bill.lines else NOTHING
    if stack.past is None:
        services = [(escaped(name), *_amounts(amount)) for name, amount in stack.bill.by_service().items()]
        head, last = ("USD a month", "Low", "Expected", "Worst"), [("**Total**", *_amounts(total))]
    else:
        services = [(escaped(name), *_compared(before, after)) for name, before, after in stack.dearer]
        head, last = ("USD a month", "Before", "After", "Change"), _totals(stack.past.total, total, len(services))
    yield _cut(head, services, rows, last, right=True)
    missing = [f"- No price: {escaped(resource_of(each.urn))}: {escaped(each.reason)}" for each in stack.bill.unpriced]
    rollouts = [f"- Each rollout of {escaped(line.service)}: {line.usd} USD" for line in stack.bill.rollouts]
    if missing or rollouts:
        yield "\n".join([*rollouts[:rows], *missing[:rows], *_left([*rollouts[rows:], *missing[rows:]])])


def _amounts(amount: Range) -> tuple[str, ...]:
    return tuple(usd(part) for part in amount.triple)


def _compared(before: Range, after: Range) -> tuple[str, str, str]:
    delta = change(before.expected, after.expected)
    return usd(before.expected), usd(after.expected), delta


def _totals(before: Range, after: Range, services: int) -> list[tuple[str, ...]]:
    same = [] if services else [("No service costs more or less", "", "", "")]
    names = ("Total, expected", "Total, low", "Total, worst case")
    pairs = [(before.expected, after.expected), (before.low, after.low), (before.worst, after.worst)]
    rows = [
        (f"**{name}**", usd(old), usd(new), change(old, new)) for name, (old, new) in zip(names, pairs, strict=True)
    ]
    return [*same, *rows]


def _exemptions(report: Report, rows: int) -> Iterator[str]:
    if report.exemptions:
        body = [_exemption(each) for each in report.exemptions]
        title = counted(len(body), "exemption") + " in force"
        yield _folded(title, _cut(("Rule", "Resources", "Until", "Owner", "Reason"), body, rows))


def _exemption(each: Exemption) -> tuple[str, ...]:
    return code(each.rule), code(each.resource), str(each.expires), escaped(each.owner), escaped(each.reason)


def _cut(
    head: Sequence[str],
    body: Sequence[Sequence[str]],
    rows: int,
    last: Iterable[Sequence[str]] = (),
    *,
    right: bool = False,
) -> str:
    return "\n".join([table(head, [*body[:rows], *last], right=right), *_left(body[rows:])])


def _left(rest: Sequence[Any]) -> list[str]:
    said = f"{counted(len(rest), 'row')} more found no place in this comment; `modelberth check` shows all."
    return [f"\n{said}"] if rest else []


def _folded(title: str, body: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"
