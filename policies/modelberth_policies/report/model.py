"""A report as data: what each stack's check found, what it costs, and what differs from a baseline."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from modelberth_policies.bill import NOTHING, Bill, Range
from modelberth_policies.evaluate import Finding
from modelberth_policies.exemptions import Exemption
from modelberth_policies.rule import Level, Rule, Severity

LEAST_DIFFERENCE_USD = 0.005
"""Half a cent: less is a rounding."""

Key: TypeAlias = tuple[str, str, str, str]
"""What makes a finding the same one as in a baseline: rule, kind, URN, place in the resource."""


def key_of(finding: Finding) -> Key:
    """The finding's own key; the message may change, and the line in the source, and it is still the same one."""
    return (finding.rule, finding.kind, finding.urn, finding.path)


@dataclass(frozen=True, slots=True)
class Exempted:
    """A finding, and who took it on themselves until when."""

    finding: Finding
    exemption: Exemption


@dataclass(frozen=True, slots=True)
class Past:
    """What a baseline says of one stack."""

    messages: Mapping[Key, str]
    """Its findings."""
    total: Range
    services: Mapping[str, Range]
    """Service → cost a month."""


@dataclass(frozen=True, slots=True)
class Node:
    """A resource as the tree of a report shows it: none of its values, for some are secrets."""

    urn: str
    parent: str | None
    """URN of its parent; of what stands at the top, the stack's own."""
    type: str
    name: str
    component: bool = False


@dataclass(frozen=True, slots=True)
class StackReport:
    """One stack's check."""

    project: str
    stack: str
    environment: str
    resources: int
    """How many resources a provider manages."""
    rules: tuple[Rule, ...]
    """Those that were asked."""
    findings: tuple[Finding, ...]
    """Those in force, the gravest first."""
    exempted: tuple[Exempted, ...]
    bill: Bill
    past: Past | None = None
    """The baseline, where there is one; a stack that it lacks has an empty one."""
    tree: tuple[Node, ...] = ()
    """All resources, parents first."""
    notes: tuple[str, ...] = ()
    """What could not be seen of the stack, and what of the usage file fits nothing."""

    @property
    def new(self) -> tuple[Finding, ...]:
        """Findings that the baseline lacks; none where there is no baseline."""
        return () if self.past is None else tuple(f for f in self.findings if key_of(f) not in self.past.messages)

    @property
    def gone(self) -> tuple[tuple[Key, str], ...]:
        """Findings of the baseline that are no more."""
        if self.past is None:
            return ()
        present = {key_of(finding) for finding in self.findings}
        return tuple((key, message) for key, message in self.past.messages.items() if key not in present)

    @property
    def dearer(self) -> tuple[tuple[str, Range, Range], ...]:
        """Services whose expected cost differs from the baseline's: name, before, after. New and gone ones too."""
        if self.past is None:
            return ()
        before, after = self.past.services, self.bill.by_service()
        names = dict.fromkeys([*after, *before])
        pairs = [(name, before.get(name, NOTHING), after.get(name, NOTHING)) for name in names]
        return tuple(pair for pair in pairs if abs(pair[2].expected - pair[1].expected) >= LEAST_DIFFERENCE_USD)


@dataclass(frozen=True, slots=True)
class Report:
    """All stacks' checks."""

    stacks: tuple[StackReport, ...]
    exemptions: tuple[Exemption, ...] = ()
    """Those in force, whether or not anything needs them."""
    place: str = "Pulumi.yaml"
    """The project's file, from the root of its repository: `examples/ranker/Pulumi.yaml`."""
    version: str = ""
    """Of what made the report."""


class FailOn(Enum):
    """From what on a report fails: `mandatory` (what an environment lets stop), or any finding of a severity."""

    MANDATORY = "mandatory"
    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NEVER = "never"


def failing(report: Report, fail_on: FailOn) -> tuple[Finding, ...]:
    """The findings for which the check fails. What is mandatory fails it at every setting but `never`."""
    return tuple(finding for stack in report.stacks for finding in stack.findings if _fails(finding, fail_on))


def _fails(finding: Finding, fail_on: FailOn) -> bool:
    if fail_on is FailOn.NEVER:
        return finding.kind == "error"
    if finding.level is Level.MANDATORY:
        return True
    return (
        fail_on is not FailOn.MANDATORY and finding.kind == "violation" and (finding.severity >= Severity[fail_on.name])
    )


def gravest_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Mandatory ones first, then by severity; else in the order in which they were found."""
    return tuple(sorted(findings, key=lambda found: (found.level is not Level.MANDATORY, -found.severity)))
