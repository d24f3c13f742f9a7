"""A report for code scanning: SARIF 2.1.0, one run for all stacks, each finding at the line that made its resource.

What is exempted is no result: GitHub shows results whether or not they are marked as suppressed. It stands in the run's
properties, with its reason, owner and last day.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from modelberth_policies.evaluate import Finding
from modelberth_policies.report.json import bill_document
from modelberth_policies.report.model import Key, Report, StackReport, key_of
from modelberth_policies.rule import Category, Level, Rule, Severity

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
ROOT = "%SRCROOT%"
"""Stands for the root of the repository, wherever that is checked out."""

SECURITY_SEVERITY = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "2.0"}
"""As GitHub divides scores: above 9.0 critical, from 7.0 high, from 4.0 medium, else low."""
SECURITY = (Category.SECURITY, Category.SUPPLY_CHAIN, Category.PRIVACY)
"""What GitHub shall count as security; it takes no notice of the score of others."""


def render(report: Report) -> str:
    """The log, indented, in an order that is the same in every run."""
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(report)]}
    return json.dumps(log, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


@dataclass(frozen=True, slots=True)
class _Places:
    """Where results point to."""

    project_file: str

    def of(self, source: str) -> dict[str, Any]:
        """The line that made the resource; the project's file for what no line made, since GitHub wants one."""
        path, _, line = source.rpartition(":")
        whole = str(PurePosixPath(self.project_file).parent / path) if path else self.project_file
        artifact = {"uri": quote(whole), "uriBaseId": ROOT}
        return {"physicalLocation": {"artifactLocation": artifact, "region": {"startLine": int(line) if path else 1}}}


def _run(report: Report) -> dict[str, Any]:
    rules = tuple({rule.id: rule for stack in report.stacks for rule in stack.rules}.values())
    index = {rule.id: position for position, rule in enumerate(rules)}
    driver = {"name": "modelberth", "version": report.version, "rules": [_rule(rule) for rule in rules]}
    folder = str(PurePosixPath(report.place).parent)
    findings = [finding for stack in report.stacks for finding in stack.findings]
    return {
        "tool": {"driver": {name: value for name, value in driver.items() if value != ""}},
        # A category of its own for each project of a repository, or their results would replace one another's.
        "automationDetails": {"id": f"modelberth/{'' if folder == '.' else folder + '/'}"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"description": {"text": "The root of the repository."}}},
        "invocations": [
            {
                "executionSuccessful": all(finding.kind != "error" for finding in findings),
                "toolExecutionNotifications": [
                    {"level": "note", "message": {"text": f"{stack.stack}: {note}"}}
                    for stack in report.stacks
                    for note in stack.notes
                ],
            }
        ],
        "results": list(_results(report, index)),
        "properties": {
            "stacks": [_stack(stack) for stack in report.stacks],
            "exempted": [each for stack in report.stacks for each in _exempted(stack)],
            "exemptions": [each.model_dump(mode="json") for each in report.exemptions],
        },
    }


def _rule(rule: Rule) -> dict[str, Any]:
    controls = f"\n\nControls: {', '.join(rule.frameworks)}." if rule.frameworks else ""
    tags = [rule.category.name.lower().replace("_", "-"), *rule.frameworks]
    return {
        "id": rule.id,
        "name": "".join(part.capitalize() for part in rule.id.split("-")),
        "shortDescription": {"text": rule.why},
        "fullDescription": {"text": f"{rule.why} {rule.fix}"},
        "help": {
            "text": f"{rule.why}\n\nFix: {rule.fix}{controls}",
            "markdown": f"{rule.why}\n\n**Fix:** {rule.fix}{controls}",
        },
        "defaultConfiguration": {"level": "error" if rule.severity >= Severity.HIGH else "warning"},
        "properties": {
            "severity": rule.severity.name.lower(),
            "security-severity": SECURITY_SEVERITY[rule.severity],
            "tags": list(dict.fromkeys((["security"] if rule.category in SECURITY else []) + tags)),
        },
    }


def _results(report: Report, index: dict[str, int]) -> Iterator[dict[str, Any]]:
    places = _Places(report.place)
    for stack in report.stacks:
        new = {id(finding) for finding in stack.new}
        for finding, number in _numbered(stack.findings):
            yield {
                "ruleId": finding.rule,
                **({"ruleIndex": index[finding.rule]} if finding.rule in index else {}),
                "level": _level(finding),
                "message": {"text": f"{stack.stack}: {finding.message}{_fix(finding)}"},
                "locations": [{**places.of(finding.source), "logicalLocations": [_logical(finding)]}],
                "partialFingerprints": _fingerprints(key_of(finding), number),
                **({} if stack.past is None else {"baselineState": "new" if id(finding) in new else "unchanged"}),
                "properties": {
                    "project": stack.project,
                    "stack": stack.stack,
                    "environment": stack.environment,
                    "kind": finding.kind,
                    "severity": finding.severity.name.lower(),
                    "type": finding.type,
                    "path": finding.path,
                },
            }


def _numbered(findings: Iterable[Finding]) -> Iterator[tuple[Finding, int]]:
    """Each with its number among those of the same key: a rule may say two things of one resource."""
    seen: Counter[Key] = Counter()
    for finding in findings:
        seen[key_of(finding)] += 1
        yield finding, seen[key_of(finding)]


def _fingerprints(key: Key, number: int) -> dict[str, str]:
    """The same for as long as a baseline calls it the same finding.

    GitHub knows results by `primaryLocationLineHash` alone; the hash of the line that it would use itself makes one
    alert of all resources that a loop makes. Its upload action warns that this is another one, and keeps it.
    """
    print_ = f"{hashlib.sha256(json.dumps(key).encode()).hexdigest()[:32]}:{number}"
    return {"modelberthFinding/v1": print_, "primaryLocationLineHash": print_}


def _level(finding: Finding) -> str:
    """What stops is an error, what is only reported a warning, and what cannot be known yet a note."""
    if finding.level is Level.MANDATORY:
        return "error"
    return "note" if finding.kind == "undeterminable" else "warning"


def _fix(finding: Finding) -> str:
    return f". Fix: {finding.fix}" if finding.kind == "violation" else "."


def _logical(finding: Finding) -> dict[str, str]:
    return {"name": finding.name, "fullyQualifiedName": finding.urn, "kind": "resource"}


def _stack(stack: StackReport) -> dict[str, Any]:
    bill = bill_document(stack.bill)
    return {
        "project": stack.project,
        "stack": stack.stack,
        "environment": stack.environment,
        "resources": stack.resources,
        "usdPerMonth": bill["total"],
        "usdPerMonthBefore": None if stack.past is None else stack.past.total.plain(),
        "gone": [{"rule": key[0], "urn": key[2], "message": message} for key, message in stack.gone],
    }


def _exempted(stack: StackReport) -> Iterator[dict[str, Any]]:
    for each in stack.exempted:
        finding, exemption = each.finding, each.exemption
        yield {
            "stack": stack.stack,
            "rule": finding.rule,
            "urn": finding.urn,
            "message": finding.message,
            "source": finding.source,
            "reason": exemption.reason,
            "owner": exemption.owner,
            "expires": exemption.expires.isoformat(),
        }
