"""Graphs of InferenceServices: what cannot be, and what KServe gets."""

from itertools import pairwise

import pytest
from components.kubernetes.kserve.samples import FOUNDATION, LABELS, faults
from hypothesis import given
from hypothesis import strategies as st

from cluster.admission import strictly_admitted
from modelberth.kubernetes.kserve.graph import GraphNode, circle_of, graph_faults
from modelberth.kubernetes.kserve.graph_endpoint import InferenceGraph, InferenceGraphArgs, graph_objects
from modelberth_policies.sources.program import run_in_process

A, B = {"service": "a"}, {"service": "b"}
SEQUENCE = {"kind": "Sequence", "steps": [A]}


def split(*weights):
    return {"kind": "Splitter", "steps": [{**A, "weight": weight} for weight in weights]}


def graph(**nodes):
    return InferenceGraphArgs.parse({"foundation": FOUNDATION, "nodes": nodes})


WRONG = {
    "no root": (
        {"start": SEQUENCE},
        "there is no node root, at which requests begin, only start; name one so",
    ),
    "weights": ({"root": split(20, 70)}, "nodes.root: weights are together 90, and must be 100"),
    "a weight left out": (
        {"root": {"kind": "Splitter", "steps": [{**A, "weight": 100}, B]}},
        "nodes.root: step 1 has no weight, and a Splitter goes by it; give one",
    ),
    "a weight too many": (
        {"root": {"kind": "Sequence", "steps": [{**A, "weight": 100}]}},
        "nodes.root: steps have weights, and a Sequence does not heed them; leave them out, or take Splitter",
    ),
    "no condition": (
        {"root": {"kind": "Switch", "steps": [A]}},
        "nodes.root: step 0 has no condition, and a Switch never takes it; give one",
    ),
    "a condition too many": (
        {"root": {"kind": "Ensemble", "steps": [{**A, "condition": "x"}]}},
        "nodes.root: steps have conditions, and a Ensemble does not heed them; leave them out, or take Switch",
    ),
    "data of nobody": (
        {"root": {"kind": "Ensemble", "steps": [{**A, "data": "$response"}]}},
        "nodes.root: steps have data, and in a Ensemble none comes before another; leave it out, or take Sequence",
    ),
    "no step": (
        {"root": {"kind": "Ensemble", "steps": []}},
        "nodes.root: steps is empty, so requests end here; give one at least",
    ),
    "two targets": (
        {"root": {"kind": "Sequence", "steps": [{**A, "node": "x"}]}},
        "nodes.root.steps.0: got node and service of node, service, url; give exactly one",
    ),
    "no target": (
        {"root": {"kind": "Sequence", "steps": [{"name": "x"}]}},
        "nodes.root.steps.0: got none of node, service, url; give exactly one",
    ),
    "a name twice": (
        {"root": {"kind": "Sequence", "steps": [{**A, "name": "x"}, {**B, "name": "x"}]}},
        "nodes.root: steps has x twice; each name is of one step",
    ),
    "a lost name": (
        {"root": {"kind": "Sequence", "steps": [{"node": "brach"}]}, "branch": SEQUENCE},
        "root leads to brach, and there are only root, branch; add it, or take one of these",
    ),
    "a circle": (
        {
            "root": {"kind": "Sequence", "steps": [{"node": "x"}]},
            "x": {"kind": "Sequence", "steps": [A, {"node": "y"}]},
            "y": {"kind": "Sequence", "steps": [{"node": "x"}]},
        },
        "x leads to y leads to x, so a request would never end; break the circle",
    ),
    "itself": (
        {"root": {"kind": "Sequence", "steps": [{"node": "root"}]}},
        "root leads to root, so a request would never end; break the circle",
    ),
    "an island": (
        {"root": SEQUENCE, "island": SEQUENCE},
        "nothing leads to island; lead there, or leave it out",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_graph_that_cannot_be_is_refused(case):
    nodes, message = WRONG[case]
    assert faults(lambda: graph(**nodes)) == [message]


WHOLE = {
    "root": {"kind": "Sequence", "steps": [
        {"service": "features", "name": "first", "dependency": "Hard"},
        {"node": "choice", "data": "$response.predictions"},
        {"url": "http://judge.models.svc/v1", "data": "$request", "condition": "predictions.0"},
    ]},
    "choice": {"kind": "Switch", "steps": [{"node": "both", "condition": "a"}, {"node": "chance", "condition": "b"}]},
    "both": {"kind": "Ensemble", "steps": [{**A, "name": "a"}, {**B, "name": "b", "dependency": "Soft"}]},
    "chance": split(0, 100),
}  # fmt: skip


def whole():
    given = {"foundation": FOUNDATION, "nodes": WHOLE, "labels": LABELS, "max_replicas": 3, "timeout_seconds": 30}
    return InferenceGraphArgs.parse(given)


def test_kserve_gets_the_nodes_in_its_own_words():
    spec = graph_objects(whole(), "journey")["journey"]["spec"]
    assert spec["nodes"]["root"] == {"routerType": "Sequence", "steps": [
        {"name": "first", "serviceName": "features", "dependency": "Hard"},
        {"nodeName": "choice", "data": "$response.predictions"},
        {"serviceUrl": "http://judge.models.svc/v1", "data": "$request", "condition": "predictions.0"},
    ]}  # fmt: skip
    assert [step["weight"] for step in spec["nodes"]["chance"]["steps"]] == [0, 100]
    assert (spec["minReplicas"], spec["maxReplicas"], spec["timeout"]) == (1, 3, 30)


@pytest.mark.server
def test_its_objects_are_admitted(api, namespace, addons):
    addons("kserve")
    assert [str(each) for each in strictly_admitted(api, graph_objects(whole(), "journey").values(), namespace)] == []


def test_it_is_reached_in_the_cluster():
    def program():
        import pulumi

        made = InferenceGraph("journey", whole())
        pulumi.export("url", made.url)

    plan = run_in_process(program)
    assert plan.outputs["url"] == "http://journey.models.svc"
    assert sorted(each.name for each in plan if each.type.startswith("kubernetes:")) == [
        "journey", "journey-account", "journey-network",
    ]  # fmt: skip


NAMES = ("root", "a", "b", "c", "d")
GRAPHS = st.fixed_dictionaries({name: st.lists(st.sampled_from(NAMES), max_size=3) for name in NAMES})


def nodes_of(edges):
    return {
        name: GraphNode.parse({"kind": "Sequence", "steps": [A, *({"node": to} for to in targets)]})
        for name, targets in edges.items()
    }


def is_acyclic(edges):
    left = dict(edges)
    while free := [name for name, targets in left.items() if not set(targets) & left.keys()]:
        left = {name: targets for name, targets in left.items() if name not in free}
    return not left


@given(GRAPHS)
def test_a_circle_is_found_exactly_where_there_is_one(edges):
    circle = circle_of(nodes_of(edges))
    assert bool(circle) is not is_acyclic(edges)
    assert all(to in edges[start] for start, to in pairwise(circle))
    if circle:
        assert circle[0] == circle[-1]
        assert any("circle" in fault for fault in graph_faults(nodes_of(edges)))


@given(st.lists(st.integers(0, 100), min_size=1, max_size=6))
def test_weights_are_taken_exactly_where_they_are_together_100(weights):
    refused = faults(lambda: GraphNode.parse(split(*weights)))
    assert (refused == []) is (sum(weights) == 100)
