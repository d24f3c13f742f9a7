"""A report for programs, and for a later check as its baseline (`--baseline report.json`)."""

import json
from collections.abc import Mapping
from typing import Any

from modelberth_policies.bill import Bill, Line
from modelberth_policies.evaluate import Finding
from modelberth_policies.report.model import Exempted, Report, StackReport

FORMAT_VERSION = 1
"""Grows when a field changes its meaning or goes; new fields may come at any time."""


def render(report: Report) -> str:
    """The document, indented, in an order that is the same in every run."""
    return json.dumps(document(report), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def document(report: Report) -> dict[str, Any]:
    """The report as plain values."""
    return {
        "version": FORMAT_VERSION,
        "stacks": [_stack(stack) for stack in report.stacks],
        "exemptions": [each.model_dump(mode="json") for each in report.exemptions],
    }


def _stack(stack: StackReport) -> dict[str, Any]:
    return {
        "project": stack.project,
        "stack": stack.stack,
        "environment": stack.environment,
        "resources": stack.resources,
        "rules": len(stack.rules),
        "findings": [finding_document(finding) for finding in stack.findings],
        "exempted": [_exempted(each) for each in stack.exempted],
        "bill": bill_document(stack.bill),
        "difference": _difference(stack),
        "notes": list(stack.notes),
    }


def finding_document(finding: Finding) -> dict[str, Any]:
    """One finding as plain values."""
    return {
        "rule": finding.rule,
        "kind": finding.kind,
        "severity": finding.severity.name.lower(),
        "level": finding.level.value,
        "message": finding.message,
        "fix": finding.fix,
        "urn": finding.urn,
        "type": finding.type,
        "name": finding.name,
        "path": finding.path,
        "source": finding.source,
    }


def _exempted(each: Exempted) -> dict[str, Any]:
    exemption = each.exemption
    said = {"reason": exemption.reason, "owner": exemption.owner, "expires": exemption.expires.isoformat()}
    return {**finding_document(each.finding), "exemption": said}


def bill_document(bill: Bill) -> dict[str, Any]:
    """What it costs, as plain values; a worst case without a limit is the text `unbounded`."""
    return {
        "currency": "USD",
        "assumed_use": bill.environment,
        "total": bill.total.plain(),
        "services": [{"name": name, "usd": amount.plain()} for name, amount in bill.by_service().items()],
        "products": [{"name": name, "usd": amount.plain()} for name, amount in bill.by_product().items()],
        "lines": [_line(line) for line in bill.lines],
        "rollouts": [_line(line) for line in bill.rollouts],
        "unpriced": [
            {"urn": each.urn, "type": each.type, "what": each.what, "reason": each.reason} for each in bill.unpriced
        ],
    }


def _line(line: Line) -> dict[str, Any]:
    price = line.unit_price
    return {
        "urn": line.urn,
        "service": line.service,
        "product": line.product,
        "what": line.what,
        "formula": line.formula,
        "quantity": line.quantity.plain(),
        "unit": line.unit,
        "unit_usd": price.usd,
        "usd": line.usd.plain(),
        "source": price.source,
        "as_of": price.as_of,
        "derived": price.derived,
    }


def _difference(stack: StackReport) -> Mapping[str, Any] | None:
    if stack.past is None:
        return None
    return {
        "new": [finding_document(finding) for finding in stack.new],
        "gone": [{"rule": key[0], "urn": key[2], "message": message} for key, message in stack.gone],
        "before": stack.past.total.plain(),
        "services": [
            {"name": name, "before": before.plain(), "after": after.plain()} for name, before, after in stack.dearer
        ],
    }
