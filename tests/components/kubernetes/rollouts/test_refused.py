"""Rollouts that cannot be meant: each with its exact message."""

import pytest
from components.kubernetes.rollouts.samples import ALL, ARGO, CANARY, EVERYTHING, LEAST, ROUTES, SIZE, args, faults

from modelberth.core.errors import ConfigError
from modelberth.kubernetes.rollouts.endpoint import RolloutEndpoint

ADDONS = ", ".join(sorted(EVERYTHING["addons"]))
PLENTY = {"foundation": ALL, "replicas": 100}
SCALED = {"min_replicas": 0, "max_replicas": 3, "keda": {"triggers": [{"prometheus": {"query": "up", "per_pod": 1}}]}}


def gated(gate, rollout=CANARY, **fields):
    return {**PLENTY, "rollout": {**rollout, "gates": [gate]}, **fields}


REFUSED = {
    "no Argo Rollouts": (
        {"foundation": EVERYTHING},
        f"a Rollout needs argo-rollouts in the cluster; foundation.addons has {ADDONS}; install it and name it there",
    ),
    "a number and a scaler": (
        {"replicas": 2, "scaling": {"max_replicas": 3, "cpu": 0.5}},
        "replicas and scaling are both given, and would undo one another; leave replicas out",
    ),
    "KEDA without KEDA": (
        {"scaling": SCALED},
        "scaling.keda needs keda in the cluster; foundation.addons has argo-rollouts; install it and name it there",
    ),
    "routes without the Gateway API": (
        {"routes": ROUTES},
        "routes needs gateway-api in the cluster; foundation.addons has argo-rollouts; install it and name it there",
    ),
    "a version that no pod can carry": (
        {"model": {**LEAST["model"], "version": f"1.4.0-{'x' * 60}"}},
        f"model.version: '1.4.0-{'x' * 60}' cannot be a label, allowed are 63 letters, digits, '.', '_' and '-', a "
        "letter or digit at both ends; give it another version",
    ),
    "copies": (
        {"rollout": {"shadow": {}}}, "rollout.shadow: Argo has no lasting split; take kubernetes:deployment",
    ),
    "a test of two": (
        {"rollout": {"ab_test": {"variants": {"1.4.0": 50, "1.5.0": 50}}}},
        "rollout.ab_test: Argo has no lasting split; take kubernetes:deployment",
    ),
    "a step that is no step": (
        {"rollout": {"linear": {"step": 100, "interval": "10m"}}},
        "rollout.linear.step: 100 % is no step but the end, before which nothing is watched; write less",
    ),
    "longer than Argo counts": (
        {"rollout": {"blue_green": {"bake": 2**31}}},
        "rollout.blue_green.bake: 2.14748e+09 s are more than Argo counts (2147483527); write less",
    ),
    "less than a pod": (
        {"rollout": CANARY, "replicas": 4},
        "rollout: 10 % of 4 pods is no pod; give routes, or 10 pods, or a first step of 25",
    ),
    "a share of one pod": ({"rollout": CANARY}, "rollout: 10 % of 1 pods is no pod; give routes, or 10 pods"),
    "a share of no pod": (
        {"rollout": CANARY, "foundation": ALL, "scaling": SCALED},
        "rollout: 10 % of 0 pods is no pod; give routes, or 10 pods",
    ),
    "gates that nothing asks": (
        gated({"p95": {"below": 1}}, {"rolling": {}}),
        "rollout.gates: nothing is judged while pods are replaced; take canary, linear or blue_green",
    ),
    "gates without a Prometheus": (
        {"rollout": {**CANARY, "gates": [{"p95": {"below": 1}}]}, "replicas": 10},
        "rollout.gates: there is no Prometheus to ask; name foundation.prometheus, or leave them out",
    ),
    "a gate on what nobody measures": (
        gated({"prediction_drift": {"below": 0.2}}),
        "rollout.gates.0.prediction_drift: the metrics of serving do not tell it; leave it out, or give a query",
    ),
    "a gate of a server that tells nothing": (
        gated({"p95": {"below": 1}}, server={"runtime": "tensorflow-serving", "resources": SIZE}),
        "rollout.gates.0.p95: the metrics of tensorflow-serving do not tell it; leave it out, or give a query",
    ),
    "a sample that nobody counts": (
        gated({"query": {"query": "drift", "below": 1}}, server={"runtime": "tensorflow-serving", "resources": SIZE}),
        "rollout.gates.0.min_sample: tensorflow-serving does not count its requests; write 0",
    ),
    "a query that tells one version": (
        gated({"query": {"query": "drift", "times_stable": 1.2}}),
        "rollout.gates.0.query.times_stable: your query tells one version only; write below",
    ),
    "a comparison with nobody": (
        gated({"p95": {"times_stable": 1.2}}, {"blue_green": {}}),
        "rollout.gates.0.p95.times_stable: with blue_green the version before gets no requests, so there is nothing to "
        "compare with; write below, or take canary",
    ),
    "a step that is over before a gate is asked": (
        gated({"p95": {"below": 1}}, {"canary": {"steps": [10], "bake": "30s"}}),
        "rollout.canary.bake: gates are asked once a minute, and a step of 30 s is over before; write 1m or more, or "
        "leave rollout.gates out",
    ),
    "a route without a name": (
        {"foundation": ALL, "routes": ["Ranker"]},
        "routes.0: string should match pattern "
        "'^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$'",
    ),
    "no pod": ({"replicas": 0}, "replicas: got 0, input should be greater than or equal to 1"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_its_reason(case):
    given, told = REFUSED[case]
    assert faults(lambda: args(given={**LEAST, **given})) == [told]


def test_all_that_is_wrong_is_said_at_once():
    [told] = faults(lambda: args(rollout={"shadow": {}}, routes=ROUTES))
    assert told.count("; ") >= 2
    assert "rollout.shadow" in told
    assert "gateway-api" in told


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("r" * 57, "got 57 characters; a service of Argo Rollouts takes 56 at most"),
        ("1ranker", "got '1ranker'; a service of Argo Rollouts takes lower-case letters"),
        ("ranker-", "got 'ranker-'; a service of Argo Rollouts takes lower-case letters"),
    ],
)
def test_a_name_of_which_no_service_could_be_made_is_refused_before_anything_is(name, told):
    with pytest.raises(ConfigError, match=told):
        RolloutEndpoint(name, {**LEAST, "foundation": ARGO})
