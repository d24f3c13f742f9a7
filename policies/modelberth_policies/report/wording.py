"""What the formats for people say alike: the verdict on a stack, how often, how much dearer."""

from collections.abc import Iterable

from modelberth_policies.evaluate import Finding
from modelberth_policies.report.model import StackReport
from modelberth_policies.rule import Level

MARKS = {"violation": "broken", "undeterminable": "unknown", "error": "error"}
"""Kind of finding → in a word."""


def verdict(stack: StackReport) -> str:
    """How many findings there are, and how many of them stop: `3 findings, 1 undeterminable; 2 mandatory`."""
    if not stack.findings:
        return "no findings"
    stops = f"{stopping(stack.findings):,}" if stopping(stack.findings) else "none"
    kinds = [finding.kind for finding in stack.findings]
    counts = {
        counted(kinds.count("violation"), "finding"): True,
        f"{kinds.count('undeterminable')} undeterminable": "undeterminable" in kinds,
        counted(kinds.count("error"), "broken rule"): "error" in kinds,
    }
    return f"{', '.join(text for text, shown in counts.items() if shown)}; {stops} mandatory"


def stopping(findings: Iterable[Finding]) -> int:
    """How many are mandatory."""
    return sum(finding.level is Level.MANDATORY for finding in findings)


def counted(number: int, noun: str) -> str:
    """`1 finding`, `2 findings`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def usd(amount: float) -> str:
    """`1,234.50`; a worst case without a limit is `unbounded`."""
    return "unbounded" if amount == float("inf") else f"{amount:,.2f}"


def change(before: float, after: float) -> str:
    """`+12.50`, `-3.00`, `same`; where one of the two has no limit, in words."""
    if before == after:
        return "same"
    if float("inf") in (before, after):
        return "now unbounded" if after > before else "now bounded"
    delta = f"{after - before:+,.2f}"
    return "same" if delta in ("+0.00", "-0.00") else delta


def resource_of(urn: str) -> str:
    """The name at the end of a URN."""
    return urn.rpartition("::")[2]
