"""The resources of a stack under their parents, each with its findings and its cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from modelberth_policies.bill import Bill
from modelberth_policies.evaluate import Finding
from modelberth_policies.report.html.element import Html, joined, tag
from modelberth_policies.report.html.findings import Found, anchor
from modelberth_policies.report.model import Node, StackReport
from modelberth_policies.report.wording import counted, usd
from modelberth_policies.rule import Level

_MANY = 12
"""More siblings than this are folded up by type."""
_SMALL = 60
"""Up to so many resources, the way to what stops stands open."""


@dataclass(frozen=True, slots=True)
class _Tree:
    children: Mapping[str | None, Sequence[Node]]
    """URN of a parent → what stands under it; None for the stack itself."""
    findings: Mapping[str, Found]
    """URN → its findings, each with its place in the report."""
    costs: Mapping[str, float]
    """URN → the expected cost of it alone."""
    number: int
    """Of the stack."""


def tree_section(stack: StackReport, number: int) -> Html | None:
    """The tree; nothing where the report has none."""
    if not stack.tree:
        return None
    urns = {node.urn for node in stack.tree}
    children: dict[str | None, list[Node]] = {}
    for node in stack.tree:
        children.setdefault(node.parent if node.parent in urns else None, []).append(node)
    findings: dict[str, list[tuple[int, Finding]]] = {}
    for place, finding in enumerate(stack.findings):
        findings.setdefault(finding.urn, []).append((place, finding))
    tree = _Tree(children, findings, _costs(stack.bill), number)
    whole = [pair for urn, found in findings.items() if urn not in urns for pair in found]
    return joined(
        tag("div", _found(tree, whole) if whole else None, _branch(tree, children.get(None, ())), class_="tree"),
    )


def _costs(bill: Bill) -> Mapping[str, float]:
    costs: dict[str, float] = {}
    for line in bill.lines:
        costs[line.urn] = costs.get(line.urn, 0.0) + line.usd.expected
    return costs


def _branch(tree: _Tree, nodes: Sequence[Node]) -> Html:
    by_type: dict[str, list[Node]] = {}
    for node in nodes:
        by_type.setdefault(node.type, []).append(node)
    if len(nodes) <= _MANY or len(by_type) == 1:
        return tag("ul", [_node(tree, node) for node in nodes])
    groups = [_group(tree, type_, each) if len(each) > 1 else _node(tree, each[0]) for type_, each in by_type.items()]
    return tag("ul", groups)


def _group(tree: _Tree, type_: str, nodes: Sequence[Node]) -> Html:
    title = joined(tag("span", type_), f" \u00d7 {len(nodes)} ", _badges(tree, nodes))
    return _folded(title, _branch(tree, nodes), opened=_stops(tree, nodes))


def _node(tree: _Tree, node: Node) -> Html:
    children, found = tree.children.get(node.urn, ()), tree.findings.get(node.urn, ())
    title = joined(tag("b", node.name), " ", tag("span", node.type, class_="muted"), " ", _badges(tree, [node]))
    if not children and not found:
        return tag("li", title, title=node.urn)
    body = joined(_found(tree, found) if found else None, _branch(tree, children) if children else None)
    return _folded(title, body, opened=_stops(tree, [node]))


def _folded(title: Html, body: Html, *, opened: bool) -> Html:
    return tag("li", tag("details", tag("summary", title), body, open=opened))


def _found(tree: _Tree, found: Found) -> Html:
    links = [
        tag(
            "li",
            tag("span", finding.severity.name.lower(), class_=f"mark {finding.severity.name.lower()}"),
            " ",
            tag("a", finding.rule, href=f"#{anchor(tree.number, place)}"),
        )
        for place, finding in found
    ]
    return tag("ul", links, class_="found")


def _under(tree: _Tree, nodes: Sequence[Node]) -> list[Node]:
    """The nodes with all that stands under them."""
    every = list(nodes)
    for node in every:
        every += tree.children.get(node.urn, ())
    return every


def _stops(tree: _Tree, nodes: Sequence[Node]) -> bool:
    """Whether anything mandatory is broken in them, in a small tree."""
    if sum(map(len, tree.children.values())) > _SMALL:
        return False
    found = (finding for node in _under(tree, nodes) for _, finding in tree.findings.get(node.urn, ()))
    return any(finding.level is Level.MANDATORY for finding in found)


def _badges(tree: _Tree, nodes: Sequence[Node]) -> Html:
    every = _under(tree, nodes)
    found = [finding for node in every for _, finding in tree.findings.get(node.urn, ())]
    cost = sum(tree.costs.get(node.urn, 0.0) for node in every)
    worst = max((finding.severity for finding in found), default=None)
    mark = None
    if worst is not None:
        mark = tag("span", counted(len(found), "finding"), class_=f"mark {worst.name.lower()}")
    return joined(mark, " ", tag("span", f"{usd(cost)} USD", class_="muted") if cost else None)
