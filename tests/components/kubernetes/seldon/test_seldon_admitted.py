"""Every object for Seldon, with every option, is accepted by a real API server, strictly.

Seldon's own definitions cannot be had: those here are written from its public documentation (tools/cluster/seldon).
"""

import pytest
from components.kubernetes.seldon.samples import (
    BOTH,
    CHAIN,
    COPIED,
    CREDENTIALS,
    EVERYTHING,
    EXPERIMENT,
    EXPLAINER,
    FOUNDATION,
    L4,
    MOST_OF_A_PIPELINE,
    MOST_V1,
    MOST_V2,
    ORCHESTRATOR,
    PIPELINE,
    PREPACKAGED,
    SERVER,
    SHAPE,
    SIZE,
    UNIT,
    pods_of,
    v1,
    v2,
)

from cluster.admission import strictly_admitted
from cluster.api import Refused
from modelberth.kubernetes.seldon import SeldonExperimentArgs, SeldonPipelineEndpointArgs, SeldonServerArgs
from modelberth.kubernetes.seldon.v2.experiment import experiment_objects
from modelberth.kubernetes.seldon.v2.pipeline_endpoint import pipeline_objects
from modelberth.kubernetes.seldon.v2.server import server_objects

pytestmark = pytest.mark.server

KEYED = {**FOUNDATION, "models": {"prefix": "s3://models/prod", "credentials": CREDENTIALS}}
MESHED = {**EVERYTHING, "mesh": "sidecar", "addons": [*EVERYTHING["addons"], "istio"]}
ROUTED = {
    "name": "choose",
    "type": "ROUTER",
    "container": UNIT,
    "children": [{"name": "server"}, {"name": "other", "container": UNIT}],
}
BY_CHANCE = {**ROUTED, "container": None, "first_share": "30%"}
COMBINED = {**ROUTED, "name": "mean", "type": "COMBINER"}
OUTWARDS = {"name": "round", "type": "OUTPUT_TRANSFORMER", "container": UNIT, "children": [COMBINED]}


def graph(of):
    return v1(server={"runtime": "mlserver", "resources": SIZE}, graph=of, orchestrator=ORCHESTRATOR)


def server(**shape):
    return v2(server={"resources": SIZE, **shape})


def pipeline(given=PIPELINE, **fields):
    return pipeline_objects(SeldonPipelineEndpointArgs.parse({**given, **fields}), "fraud")


def experiment(**fields):
    return experiment_objects(SeldonExperimentArgs.parse({**EXPERIMENT, **fields}), "try")


def own_server(**fields):
    return server_objects(SeldonServerArgs.parse({**SERVER, **fields}), "big")


ACCEPTED = {
    "1: least": lambda: v1(),
    "1: most": lambda: v1(MOST_V1),
    **{
        f"1: {name}": lambda name=name: v1(server={"prepackaged": f"seldon-v1-{name}", "resources": SIZE})
        for name in ("sklearn", "xgboost", "mlflow", "triton")
    },
    **{
        f"1: {name} in a container": lambda name=name: v1(server={"runtime": name, "resources": SIZE})
        for name in ("serving", "mlserver", "triton", "torchserve")
    },
    "1: credentials": lambda: v1(foundation=KEYED),
    "1: credentials, prepackaged": lambda: v1(PREPACKAGED, foundation=KEYED),
    "1: an OCI model": lambda: v1(foundation={**FOUNDATION, "models": {"oci": "ghcr.io/acme/models"}}),
    "1: an MLflow model": lambda: v1(foundation={**FOUNDATION, "models": {"mlflow": "http://mlflow.ml"}}),
    "1: GPUs": lambda: v1(server={"resources": SIZE, "devices": {"accelerator": L4, "count": 2}}),
    "1: a candidate": lambda: v1(traffic=BOTH),
    "1: a shadow": lambda: v1(traffic=COPIED, foundation=EVERYTHING),
    "1: a shadow by Istio": lambda: v1(traffic=COPIED, foundation=MESHED, split_by="istio"),
    "1: replicas": lambda: v1(replicas=3),
    "1: by cores": lambda: v1(scaling={"max_replicas": 4, "cpu": 0.7}),
    "1: by memory": lambda: v1(scaling={"max_replicas": 4, "memory": 0.7}),
    "1: an explainer": lambda: v1(explainer={**EXPLAINER, "model": None}),
    "1: an orchestrator": lambda: v1(PREPACKAGED, orchestrator=ORCHESTRATOR),
    "1: a transformer": lambda: graph(CHAIN),
    "1: a router": lambda: graph(ROUTED),
    "1: by chance": lambda: graph(BY_CHANCE),
    "1: a combiner and an output transformer": lambda: graph(OUTWARDS),
    "1: an objective": lambda: v1(foundation=EVERYTHING, slo={"availability": "99.9%"}),
    "1: a mesh": lambda: v1(foundation=MESHED),
    "2: least": lambda: v2(),
    "2: most": lambda: v2(MOST_V2),
    "2: a candidate": lambda: v2(traffic=BOTH),
    "2: a mirror": lambda: v2(traffic=COPIED),
    "2: Triton": lambda: v2(runtime="seldon-v2-triton"),
    "2: bounds": lambda: v2(replicas=2, max_replicas=5),
    "2: an explainer": lambda: v2(explainer=MOST_V2["explainer"]),
    "2: a server": lambda: server(),
    "2: a server with capabilities": lambda: server(capabilities=["ranking"]),
    "2: a server with GPUs": lambda: server(devices={"accelerator": L4}),
    "2: a server of its own": lambda: own_server(),
    "2: a server of its own, most": lambda: own_server(
        runtime="seldon-v2-triton", shape=SHAPE, replicas=2, max_replicas=4
    ),
    "2: an experiment": lambda: experiment(),
    "2: an experiment, most": lambda: experiment(of="pipeline", default="a", mirror={"name": "c", "percent": 50}),
    "2: a pipeline": lambda: pipeline(),
    "2: a pipeline, most": lambda: pipeline(MOST_OF_A_PIPELINE),
}


@pytest.fixture
def ready(api, addons, namespace):
    addons("seldon", "prometheus-operator", "istio", "grafana-operator")
    return namespace


def named(made, namespace):
    return [{**each, "metadata": {**each["metadata"], "namespace": namespace}} for each in made.values()]


@pytest.mark.parametrize("option", ACCEPTED)
def test_it_is_admitted_with_its_pods(option, api, ready):
    made = ACCEPTED[option]()
    refused = strictly_admitted(api, made.values(), ready)
    # A pod is asked for its service account, which must really be there.
    account = {"name": "ranker", "namespace": ready}
    api.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account})
    refused += [each for each in strictly_admitted(api, pods_of(made, ready), ready) if not off(option, each)]
    assert [str(each) for each in refused] == []


def off(option, refused):
    """An image volume, before Kubernetes 1.35, where its feature is off and the API server drops the field."""
    return option == "1: an OCI model" and "must specify a volume type" in refused.message


def test_what_is_not_of_the_schema_is_refused(api, ready):
    made = v1()["ranker"]
    wrong = {**made, "spec": {**made["spec"], "shadow": True}}
    [refused] = strictly_admitted(api, [wrong], ready)
    assert 'unknown field "spec.shadow"' in refused.message


def test_a_server_without_our_hardening_would_be_refused(api, ready):
    [pod] = pods_of({"soft": v2(server={"resources": SIZE})["ranker--1-4-0-server"]}, ready)
    pod["spec"]["containers"][0].pop("securityContext")
    with pytest.raises(Refused, match="violates PodSecurity"):
        api.create(pod, dry_run=True)
