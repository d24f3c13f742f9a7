"""Every object of a Rollout, with every option, is accepted by a real API server, strictly, and so are its pods."""

import copy

import pytest
from cluster_fixtures import addons, api, cluster, namespace  # noqa: F401
from components.kubernetes.rollouts.samples import ALL, CANARY, GATES, LEAST, MOST, ROUTES, SIZE, objects

from cluster.admission import strictly_admitted

OPTIONS = {
    "the least": LEAST,
    "the most": MOST,
    "all at once": {"rollout": {"all_at_once": {}}},
    "pods by pods": {"rollout": {"rolling": {"surge": 2, "unavailable": 1}}, "replicas": 4},
    "pods by pods behind a route": {"rollout": {"rolling": {}}, "routes": ROUTES, "foundation": ALL},
    "a canary in pods": {"rollout": CANARY, "replicas": 10},
    "a canary in pods with gates": {"rollout": {**CANARY, "gates": GATES}, "replicas": 10, "foundation": ALL},
    "a canary behind routes": {"rollout": CANARY, "routes": ROUTES, "foundation": ALL},
    "a long canary": {"rollout": {"canary": {"steps": [1, 99], "bake": 10**8}}, "routes": ROUTES, "foundation": ALL},
    "equal steps": {"rollout": {"linear": {"step": 20, "interval": "5m"}}, "replicas": 5},
    "equal steps with gates": {
        "rollout": {"linear": {"step": 33, "interval": "1m"}, "gates": GATES[:1]}, "routes": ROUTES, "foundation": ALL,
    },
    "blue and green": {"rollout": {"blue_green": {"bake": "10m"}}},
    "blue and green with gates": {"rollout": {"blue_green": {}, "gates": GATES[1:3]}, "foundation": ALL},
    "blue and green behind a route": {"rollout": {"blue_green": {"bake": 0}}, "routes": ROUTES, "foundation": ALL},
    "scaled by the processor": {"scaling": {"max_replicas": 6, "cpu": "70%"}},
    "scaled to zero": {**MOST, "rollout": {}, "scaling": {**MOST["scaling"], "min_replicas": 0}},
    "slow to load": {"server": {"resources": SIZE, "load_seconds": "1d"}},
    "in a mesh": {"foundation": {**ALL, "mesh": "ambient", "addons": ["argo-rollouts", "istio"]}},
    "at a cloud": {"foundation": {**ALL, "identity": {"client_id": "00000000-0000-0000-0000-000000000000"}}},
}  # fmt: skip


@pytest.fixture
def ready(api, addons, namespace):  # noqa: F811
    addons("argo-rollouts", "keda", "prometheus-operator", "istio", "gateway-api")
    return namespace


@pytest.mark.parametrize("option", OPTIONS)
def test_it_is_admitted_with_its_pods(option, api, ready):  # noqa: F811
    made = objects(**{**LEAST, **OPTIONS[option]})
    refused = strictly_admitted(api, made.values(), ready)
    api.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "ranker", "namespace": ready}})
    template = copy.deepcopy(made["ranker-rollout"]["spec"]["template"])
    pod = {"apiVersion": "v1", "kind": "Pod", **template, "metadata": {**template["metadata"], "name": "ranker-1"}}
    refused += strictly_admitted(api, [pod], ready)
    assert [str(each) for each in refused] == []


def test_what_argo_writes_into_a_selector_survives_only_where_it_is_left_out(api, ready):  # noqa: F811
    service = objects()["ranker"]
    api.apply({**service, "metadata": {**service["metadata"], "namespace": ready}}, manager="modelberth")
    hashed = {"rollouts-pod-template-hash": "abc"}
    mine = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "ranker", "namespace": ready}}
    api.patch({**mine, "spec": {"selector": hashed}})
    assert hashed.items() <= api.get("v1", "Service", "ranker", ready)["spec"]["selector"].items()
    body = {name: value for name, value in service["spec"].items() if name != "selector"}
    kept = {**service, "metadata": {**service["metadata"], "namespace": ready}, "spec": body}
    assert hashed.items() <= api.apply(kept, manager="modelberth", force=True)["spec"]["selector"].items()
    whole = {**kept, "spec": service["spec"]}
    assert "rollouts-pod-template-hash" not in api.apply(whole, manager="modelberth", force=True)["spec"]["selector"]
