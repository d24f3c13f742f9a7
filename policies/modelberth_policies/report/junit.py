"""A report for a pipeline's test page: JUnit XML, one suite for each stack, one case for each rule that was asked.

A case fails by what is mandatory. What nobody can know yet and what is exempted skips it, with the reason. What is only
reported stands in its output.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as Xml

from modelberth_policies.bill import NOTHING
from modelberth_policies.evaluate import Finding
from modelberth_policies.report.model import Exempted, Report, StackReport
from modelberth_policies.report.wording import counted, verdict
from modelberth_policies.rule import Level

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report) -> str:
    """The document, indented, in an order that is the same in every run."""
    suites = Xml.Element("testsuites", name="modelberth check")
    for stack in report.stacks:
        suites.append(_suite(stack, report))
    for count in ("tests", "failures", "errors"):
        suites.set(count, str(sum(int(suite.get(count, "0")) for suite in suites)))
    Xml.indent(suites, " ")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{Xml.tostring(suites, encoding="unicode")}\n'


def _suite(stack: StackReport, report: Report) -> Xml.Element:
    suite = Xml.Element("testsuite", name=_text(f"{stack.project}/{stack.stack}"))
    properties = Xml.SubElement(suite, "properties")
    for name, value in _properties(stack, report):
        Xml.SubElement(properties, "property", name=name, value=_text(value))
    cases = [_case(asked, stack) for asked in _by_rule(stack)]
    suite.extend(cases)
    outcomes = [child.tag for case in cases for child in case]
    suite.set("tests", str(len(cases)))
    for count, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(count, str(outcomes.count(tag)))
    Xml.SubElement(suite, "system-out").text = _text(verdict(stack))
    return suite


def _properties(stack: StackReport, report: Report) -> Iterator[tuple[str, str]]:
    total = stack.bill.total if stack.bill.lines else NOTHING
    yield "environment", stack.environment
    yield "resources", str(stack.resources)
    yield from (
        (f"usd_per_month_{name}", str(value) if isinstance(value, str) else f"{value:.2f}")
        for name, value in total.plain().items()
    )
    yield from (("note", note) for note in stack.notes)
    for each in report.exemptions:
        said = f"{each.rule} of {each.resource} until {each.expires} by {each.owner}: {each.reason}"
        yield "exemption", said


@dataclass(frozen=True, slots=True)
class _Asked:
    """A rule and what it has to say of a stack."""

    rule: str
    area: str
    findings: Sequence[Finding]
    exempted: Sequence[Exempted]

    def of(self, *kinds: str, mandatory: bool) -> list[Finding]:
        """Its findings of some kinds, those that stop or those that do not."""
        return [f for f in self.findings if f.kind in kinds and (f.level is Level.MANDATORY) is mandatory]


def _by_rule(stack: StackReport) -> Iterator[_Asked]:
    for rule in stack.rules:
        yield _Asked(
            rule.id,
            rule.category.name.lower(),
            [finding for finding in stack.findings if finding.rule == rule.id],
            [each for each in stack.exempted if each.finding.rule == rule.id],
        )


def _case(asked: _Asked, stack: StackReport) -> Xml.Element:
    case = Xml.Element("testcase", name=asked.rule, classname=_text(f"{stack.project}.{stack.stack}.{asked.area}"))
    raised = asked.of("error", mandatory=True)
    stopping = asked.of("violation", "undeterminable", mandatory=True)
    reported = asked.of("violation", mandatory=False)
    skipping = [*map(_lines, asked.of("undeterminable", mandatory=False)), *map(_exempted, asked.exempted)]
    if raised:
        _outcome(case, "error", counted(len(raised), "fault"), map(_lines, [*raised, *stopping]))
    elif stopping:
        _outcome(case, "failure", counted(len(stopping), "finding"), map(_lines, stopping))
    elif skipping and not reported:
        _outcome(case, "skipped", skipping[0].partition("\n")[0], skipping)
        return case
    if reported or skipping:
        Xml.SubElement(case, "system-out").text = _text("\n\n".join([*map(_lines, reported), *skipping]))
    return case


def _outcome(case: Xml.Element, tag: str, message: str, texts: Iterator[str] | list[str]) -> None:
    Xml.SubElement(case, tag, message=_text(message)).text = _text("\n\n".join(texts))


def _lines(finding: Finding) -> str:
    place = f"\nat {finding.source}" if finding.source else ""
    fix = f"\nfix: {finding.fix}" if finding.kind == "violation" else ""
    head = f"{finding.level.value} {finding.severity.name.lower()}: {finding.message}"
    return f"{head}{place}{fix}\n{finding.urn}"


def _exempted(each: Exempted) -> str:
    said = each.exemption
    return f"exempted until {said.expires} by {said.owner}: {said.reason}\n{_lines(each.finding)}"


def _text(text: str) -> str:
    """Without the characters that XML cannot hold, not even escaped."""
    return _NOT_XML.sub("\ufffd", text)
