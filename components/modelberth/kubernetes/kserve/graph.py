"""Several InferenceServices as one: in a row, side by side, by a condition, by chance (InferenceGraph).

What KServe's webhook refuses is refused here (kserve/kserve@v0.16.0:pkg/apis/serving/v1alpha1/
inference_graph_validation.go), and what its router would only find out when a request comes: names without a node,
nodes that nothing leads to, circles.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from modelberth.core.config import Config
from modelberth.kubernetes.names import DnsLabel

ROOT = "root"
"""The node at which every request begins."""

Kind = Literal["Sequence", "Switch", "Ensemble", "Splitter"]
"""Whether the steps of a node come one after another, one of them by a condition, all at once, or one by chance."""


class GraphStep(Config):
    """Where a request goes: another node, an InferenceService, an address. Exactly one of the three."""

    name: DnsLabel | None = None
    """Its name, unlike that of any other step of the node. Left out: it has none."""

    node: DnsLabel | None = None
    """Another node of this graph."""

    service: DnsLabel | None = None
    """An InferenceService of the namespace."""

    url: Annotated[str, StringConstraints(pattern=r"^https?://\S+$")] | None = None
    """Any other address."""

    data: Annotated[str, StringConstraints(pattern=r"^\$(request|response)(\.\S+)?$")] | None = None
    """What of the step before it gets: `$request`, `$response.predictions`. Left out: the request."""

    weight: Annotated[int, Field(ge=0, le=100)] | None = None
    """Its share of requests; of a Splitter, and only there."""

    condition: Annotated[str, StringConstraints(min_length=1)] | None = None
    """When it is taken, as GJSON: `instances.#(kind=="a")`; of a Switch, and of a Sequence, which else stops there."""

    dependency: Literal["Soft", "Hard"] | None = None
    """Hard: if it fails, all fails. Left out: soft, what it answers is then its error."""

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        given = [field for field in ("node", "service", "url") if getattr(self, field) is not None]
        if len(given) != 1:
            raise ValueError(f"got {' and '.join(given) or 'none'} of node, service, url; give exactly one")
        return self


class GraphNode(Config):
    """One node: what it does with its steps."""

    kind: Kind
    """What."""

    steps: tuple[GraphStep, ...]
    """Its steps, in order; one at least."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        found = "; ".join(_node_faults(self))
        if found:
            raise ValueError(found)
        return self


def _node_faults(node: GraphNode) -> Iterator[str]:
    if not node.steps:
        yield "steps is empty, so requests end here; give one at least"
        return
    names = [step.name for step in node.steps if step.name is not None]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        yield f"steps has {', '.join(twice)} twice; each name is of one step"
    weights = [step.weight for step in node.steps]
    if node.kind == "Splitter":
        yield from _split_faults(weights)
    elif any(weight is not None for weight in weights):
        yield f"steps have weights, and a {node.kind} does not heed them; leave them out, or take Splitter"
    conditions = [step.condition for step in node.steps]
    if node.kind == "Switch" and None in conditions:
        yield f"step {conditions.index(None)} has no condition, and a Switch never takes it; give one"
    elif node.kind in ("Ensemble", "Splitter") and any(conditions):
        yield f"steps have conditions, and a {node.kind} does not heed them; leave them out, or take Switch"
    if node.kind != "Sequence" and any(step.data is not None for step in node.steps):
        yield f"steps have data, and in a {node.kind} none comes before another; leave it out, or take Sequence"


def _split_faults(weights: list[int | None]) -> Iterator[str]:
    if None in weights:
        yield f"step {weights.index(None)} has no weight, and a Splitter goes by it; give one"
    elif (whole := sum(weight or 0 for weight in weights)) != 100:
        yield f"weights are together {whole}, and must be 100"


def graph_faults(nodes: Mapping[str, GraphNode]) -> Iterator[str]:
    """One clause for each thing that cannot be among nodes. Pure."""
    if ROOT not in nodes:
        yield f"there is no node {ROOT}, at which requests begin, only {', '.join(nodes)}; name one so"
        return
    lost = {(name, to) for name in nodes for to in next_of(nodes, name) if to not in nodes}
    for name, to in sorted(lost):
        yield f"{name} leads to {to}, and there are only {', '.join(nodes)}; add it, or take one of these"
    if lost:
        return
    circle = circle_of(nodes)
    if circle:
        yield f"{' leads to '.join(circle)}, so a request would never end; break the circle"
        return
    unseen = sorted(nodes.keys() - _reached(nodes))
    if unseen:
        yield f"nothing leads to {', '.join(unseen)}; lead there, or leave it out"


def next_of(nodes: Mapping[str, GraphNode], name: str) -> list[str]:
    """The nodes to which one leads."""
    return [step.node for step in nodes[name].steps if step.node is not None]


def _reached(nodes: Mapping[str, GraphNode]) -> set[str]:
    seen: set[str] = set()
    waiting = [ROOT]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting.extend(next_of(nodes, name))
    return seen


def circle_of(nodes: Mapping[str, GraphNode]) -> list[str]:
    """Nodes that lead back to where they began, the first also last; empty where there are none. Pure."""
    done: set[str] = set()
    for start in nodes:
        path: list[tuple[str, Iterator[str]]] = [(start, iter(next_of(nodes, start)))]
        while path:
            on_the_way = [name for name, _ in path]
            to = next((each for each in path[-1][1] if each not in done), None)
            if to is None:
                done.add(path.pop()[0])
            elif to in on_the_way:
                return [*on_the_way[on_the_way.index(to) :], to]
            else:
                path.append((to, iter(next_of(nodes, to))))
    return []
