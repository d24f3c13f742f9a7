"""A `Service` in Argo's words, or the fields that it cannot honour."""

from types import SimpleNamespace

import pytest
from components.kubernetes.deployment.samples import CANDIDATE, LABELS, STABLE
from components.kubernetes.rollouts.samples import ALL

from modelberth.core.labels import Labels
from modelberth.core.service import Service, Translation, Unsupported
from modelberth.core.traffic import Traffic
from modelberth.kubernetes.backends import Backend
from modelberth.kubernetes.foundation import Foundation, place_of
from modelberth.kubernetes.gateway.front_door import objects_of as door_objects
from modelberth.kubernetes.rollouts.endpoint import backends, objects_of
from modelberth.kubernetes.rollouts.portable import translate

LEAST = {"on": "kubernetes:rollouts", "model": {"uri": "models:/ranker/1.4.0"}}
KEYS = {"keys": ["web"]}
TOKENS = {"issuer": "https://login.example.com", "audiences": ["m"], "jwks": "https://login.example.com/keys"}
CANARY = {"canary": {"steps": [10]}}


def translated(traffic=None, without=(), **fields):
    shared = Foundation.parse({name: value for name, value in ALL.items() if name not in without})
    given = Traffic.parse(traffic or {"stable": STABLE})
    return translate(Service.parse({**LEAST, **fields}), given, Labels.parse(LABELS), SimpleNamespace(shared=shared))


def refused(**given):
    made = translated(**given)
    assert isinstance(made, Unsupported)
    return {refusal.field: f"{refusal.why}; {refusal.fix}" for refusal in made.refusals}


@pytest.mark.parametrize("access", [KEYS, {**KEYS, "jwt": TOKENS}], ids=["keys", "keys and tokens"])
def test_argo_moves_the_weights_of_the_routes_that_the_front_door_really_has(access):
    made = translated(access=access, rollout=CANARY)
    assert isinstance(made, Translation)
    behind = backends(made.endpoint, place_of(made.endpoint.foundation, "ranker", None))
    door = door_objects(made.front_door, behind, "ranker", {"web": "key"}).values()
    routes = [each for each in door if each["kind"] == "HTTPRoute"]
    assert sorted(made.endpoint.routes) == sorted(each["metadata"]["name"] for each in routes)
    services = {each["name"] for route in routes for rule in route["spec"]["rules"] for each in rule["backendRefs"]}
    canary = objects_of(made.endpoint, "ranker")["ranker-rollout"]["spec"]["strategy"]["canary"]
    assert services == {canary["stableService"], canary["canaryService"]}
    assert all(isinstance(each, Backend) for each in behind.values())


def test_without_a_door_a_share_is_a_number_of_pods():
    made = translated(rollout=CANARY, scale={"min": 10, "max": 10})
    assert isinstance(made, Translation)
    assert (made.endpoint.replicas, made.endpoint.routes, made.front_door) == (10, (), None)


def test_pods_of_all_versions_are_scaled_as_one():
    made = translated(scale={"min": 2, "max": 6, "on": {"concurrency": 4}})
    assert "version" not in made.endpoint.scaling.keda.triggers[0].prometheus.query


GATE = {"gates": [{"p95": {"below": "200ms"}}]}
REFUSED = {
    "no Argo Rollouts": (
        {"without": ["addons"]},
        {"on": "a Rollout needs argo-rollouts in the cluster; foundation.addons has none; install it and name it "
         "there; or take kubernetes:deployment"},
    ),
    "a candidate": (
        {"traffic": {"stable": STABLE, "candidate": CANDIDATE, "weight": 10}},
        {"rollout": "Argo moves the weights itself, and the rollouts file names a candidate; name the stable version "
         "only"},
    ),
    "less than a pod": (
        {"rollout": CANARY},
        {"rollout.canary": "10 % of 1 pods is no pod, and nobody is let in through a gateway, which splits; give keys "
         "or jwt, more pods, or a larger first step"},
    ),
    "gates while pods are replaced": (
        {"rollout": {"rolling": {}, **GATE}},
        {"rollout.gates": "nothing is judged while pods are replaced; take canary, linear or blue_green"},
    ),
    "gates without a Prometheus": (
        {"rollout": {**CANARY, **GATE}, "access": KEYS, "without": ["prometheus"]},
        {"rollout.gates": "there is no Prometheus to ask; name foundation.prometheus, or leave them out"},
    ),
    "a hurried gate": (
        {"rollout": {"canary": {"steps": [10], "bake": 30}, **GATE}, "access": KEYS},
        {"rollout.canary.bake": "gates are asked once a minute, and a step of 30 s is over before; write 1m or more, "
         "or leave rollout.gates out"},
    ),
    "a comparison with nobody": (
        {"rollout": {"blue_green": {}, "gates": [{"p95": {"times_stable": 2}}]}},
        {"rollout.gates.0.p95.times_stable": "with blue_green the version before gets no requests, so there is nothing "
         "to compare with; write below, or take canary"},
    ),
    "a step that is no step": (
        {"rollout": {"linear": {"step": 100, "interval": 60}}},
        {"rollout.linear.step": "100 % is no step but the end, before which nothing is watched; write less"},
    ),
    "copies": (
        {"rollout": {"shadow": {}}}, {"rollout.shadow": "Argo has no lasting split; take kubernetes:deployment"},
    ),
    "captured requests": (
        {"data": {"capture": {"sample": "1%", "expires": "14d"}}},
        {"data.capture": "requests are not kept here; take kubernetes:kserve"},
    ),
    "a version that no pod can carry": (
        {"traffic": {"stable": {**STABLE, "version": f"1.4.0-{'x' * 60}"}}},
        {"model.uri": f"'1.4.0-{'x' * 60}' cannot be a label, allowed are 63 letters, digits, '.', '_' and '-', a "
         "letter or digit at both ends; give it another version"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refused_by_name(case):
    given, told = REFUSED[case]
    assert refused(**given) == told
