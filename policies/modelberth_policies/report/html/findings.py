"""The findings of the page by severity, and what hides some of them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from modelberth_policies.evaluate import Finding
from modelberth_policies.report.html.element import Html, joined, tag
from modelberth_policies.report.model import StackReport
from modelberth_policies.report.wording import MARKS, counted
from modelberth_policies.rule import Level, Severity

SEVERITIES = tuple(sorted(Severity, reverse=True))
_MANY = 4
"""More findings of one rule than this are folded up."""
Found: TypeAlias = Sequence[tuple[int, Finding]]
"""Findings, each with its place in the stack's report."""


def filters(findings: Sequence[Finding], compared: bool) -> Html:
    """One button a severity, two more, and a field for words. Without scripts all stays in sight, and this hidden."""
    number = Counter(finding.severity for finding in findings)
    shown = [severity for severity in SEVERITIES if number[severity]]
    return tag(
        "form",
        [_button(_name(each), f"{_name(each)} {number[each]}", "severity", True) for each in shown],
        _button("mandatory", "mandatory only", "only", False),
        _button("new", "new only", "only", False) if compared else None,
        tag("input", type="search", name="words", placeholder="rule, resource, file …", aria_label="Words to find"),
        tag("output", counted(len(findings), "finding"), name="shown", aria_live="polite"),
        id="filters",
        hidden=True,
        role="search",
    )


def _button(value: str, text: str, name: str, pressed: bool) -> Html:
    return tag(
        "button",
        text,
        type="button",
        name=name,
        value=value,
        class_=f"mark {value}",
        aria_pressed="true" if pressed else "false",
    )


def findings_section(stack: StackReport, number: int) -> Html:
    """All findings of a stack, in groups by severity, the gravest first."""
    by_severity: dict[Severity, list[tuple[int, Finding]]] = {severity: [] for severity in SEVERITIES}
    for place, finding in enumerate(stack.findings):
        by_severity[finding.severity].append((place, finding))
    new = frozenset(id(finding) for finding in stack.new)
    groups = [_group(severity, found, number, new) for severity, found in by_severity.items() if found]
    nothing = tag("p", f"None: {counted(len(stack.rules), 'rule')} asked, nothing found.", class_="clean")
    return joined(groups or nothing)


def _group(severity: Severity, found: Found, number: int, new: frozenset[int]) -> Html:
    by_rule: dict[tuple[str, str], list[Html]] = {}
    for place, finding in found:
        article = _article(finding, anchor(number, place), id(finding) in new)
        by_rule.setdefault((finding.rule, finding.fix), []).append(article)
    return tag(
        "section",
        tag("h4", tag("span", _name(severity), class_=f"mark {_name(severity)}"), f" {len(found)}"),
        [_of_rule(rule, fix, articles) for (rule, fix), articles in by_rule.items()],
        class_="group",
    )


def _of_rule(rule: str, fix: str, articles: Sequence[Html]) -> Html:
    if len(articles) <= _MANY:
        return joined(articles)
    title = tag("summary", tag("code", rule), f" \u00d7 {len(articles)} ", tag("span", fix, class_="muted"))
    return tag("details", title, articles, class_="group rule")


def anchor(stack: int, place: int) -> str:
    """Id of a finding on the page."""
    return f"finding-{stack}-{place}"


def _article(finding: Finding, identity: str, new: bool) -> Html:
    marks = [tag("span", text, class_=f"mark {kind}") for kind, text in _marks(finding, new)]
    place = joined(f"{finding.source} ", f"in {finding.path}" if finding.path else None) if finding.source else None
    return tag(
        "article",
        tag("p", tag("code", finding.rule), " ", [joined(mark, " ") for mark in marks], class_="head"),
        tag("p", finding.message),
        tag("p", tag("b", "Fix: "), finding.fix) if finding.kind == "violation" else None,
        tag("p", tag("code", place), class_="muted") if place else None,
        tag("p", finding.urn, class_="urn muted"),
        id=identity,
        class_=f"finding {_name(finding.severity)}",
        data_severity=_name(finding.severity),
        data_mandatory=finding.level is Level.MANDATORY,
        data_new=new,
    )


def _marks(finding: Finding, new: bool) -> Iterable[tuple[str, str]]:
    yield finding.level.value, finding.level.value
    if finding.kind != "violation":
        yield "unknown", MARKS[finding.kind]
    if new:
        yield "new", "new"


def _name(severity: Severity) -> str:
    return severity.name.lower()
