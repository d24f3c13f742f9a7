"""What a pack says while the engine works: of each resource before it is made, of the stack once all are known.

Knows neither engine nor protocol. Safe to use from several threads.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING

from modelberth_policies.evaluate import Finding, evaluate, in_force, of_resource, rules_of
from modelberth_policies.exemptions import Exemption, Exemptions
from modelberth_policies.limits import Limits
from modelberth_policies.resources import Plan, Resource
from modelberth_policies.rule import Rule, by_type
from modelberth_policies.subject import Subject

if TYPE_CHECKING:
    from modelberth_policies.bill import Bill


class Analysis:
    """One run of the engine."""

    def __init__(
        self,
        rules: Sequence[Rule],
        limits: Limits,
        exemptions: Exemptions,
        *,
        preview: bool,
        bill: "Callable[[Plan], Bill] | None" = None,
    ) -> None:
        asked = in_force(rules, limits)
        self._rules = {rule.id: rule for rule in asked}
        self._index = by_type(rule for rule in asked if rule.scope == "resource")
        self._late = [rule for rule in asked if rule.scope != "resource"]
        self._limits, self._exemptions, self._preview, self._bill = limits, exemptions, preview, bill
        self._seen: dict[str, Resource] = {}
        self._found: dict[str, list[Finding]] = {}
        self._spared: dict[Finding, Exemption] = {}
        self._lock = Lock()

    def of_resource(self, resource: Resource) -> list[Finding]:
        """What the rules on one resource find in its inputs. It is remembered for `of_stack`.

        In a preview, what is undeterminable waits until then: what a value comes from is not known before.
        """
        subject = Subject(resource, self._limits)
        rules = rules_of(subject, self._index) if resource.custom else ()
        found = [finding for rule in rules for finding in of_resource(rule, subject)]
        with self._lock:
            self._seen[resource.urn] = resource
            self._found[resource.urn] = found
        return list(self._not_exempt(finding for finding in found if not self._waits(finding)))

    def of_stack(self, project: str, stack: str, last: Iterable[Resource]) -> list[Finding]:
        """What is left to say once every resource is known; `last` has the outputs and dependencies of each.

        Raises `ConfigurationError` for an exemption that fits nothing.
        """
        plan = Plan(project, stack, tuple(self._joined(last)))
        self._exemptions.check_used({stack}, (resource.urn for resource in plan))
        bill = self._bill
        drawn = None if bill is None else lambda: bill(plan)
        return list(self._not_exempt([*self._asked_again(plan), *evaluate(plan, self._late, self._limits, drawn)]))

    def exemptions_of(self, stack: str) -> list[tuple[Exemption, int]]:
        """The exemptions in force in a stack, and how many findings each has spared it."""
        with self._lock:
            spared = list(self._spared.values())
        return [(each, spared.count(each)) for each in self._exemptions.entries if each.concerns(stack)]

    def _waits(self, finding: Finding) -> bool:
        return self._preview and finding.kind == "undeterminable"

    def _not_exempt(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        for finding in findings:
            exemption = self._exemptions.of(finding.rule, finding.urn) if finding.kind == "violation" else None
            if exemption is None:
                yield finding
            else:
                with self._lock:
                    self._spared[finding] = exemption

    def _joined(self, last: Iterable[Resource]) -> Iterator[Resource]:
        """The resources in the order in which they were made; those that were never analysed are only read."""
        ends = {resource.urn: resource for resource in last}
        with self._lock:
            seen = dict(self._seen)
        for urn, resource in seen.items():
            end = ends.pop(urn, None)
            if end is not None:
                yield replace(
                    resource,
                    parent=end.parent,
                    outputs=end.outputs,
                    dependencies=end.dependencies,
                    property_dependencies=end.property_dependencies,
                )
        for end in ends.values():
            yield replace(end, external=True, inputs=end.outputs)

    def _asked_again(self, plan: Plan) -> Iterator[Finding]:
        """The rules that met an unknown in the preview; what they said then is not said twice."""
        for resource in plan:
            found = self._found.get(resource.urn, [])
            subject = Subject(resource, self._limits)
            for rule in dict.fromkeys(finding.rule for finding in found if self._waits(finding)):
                again = of_resource(self._rules[rule], subject)
                yield from (finding for finding in again if self._waits(finding) or finding not in found)
