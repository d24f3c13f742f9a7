"""What Seldon Core 1 would ignore, or its webhook refuse, is refused before: each wrong configuration, its message."""

import pytest
from components.kubernetes.seldon.samples import (
    ADDONS,
    BOTH,
    CHAIN,
    COPIED,
    EVERYTHING,
    EXPLAINER,
    FOUNDATION,
    ORCHESTRATOR,
    PREPACKAGED,
    SIZE,
    STABLE,
    UNIT,
    faults,
    v1,
)

WITHOUT = {**FOUNDATION, "addons": ["keda"]}
MLFLOW = {**FOUNDATION, "models": {"mlflow": "http://mlflow.ml"}}
OCI = {**FOUNDATION, "models": {"oci": "ghcr.io/acme/models"}}
OWN = PREPACKAGED["server"]
FETCHES = "and Seldon's own servers fetch from an object store only; give a prefix"
A, B = {"name": "a", "container": UNIT}, {"name": "b", "container": UNIT}
S = {"name": "server"}


def graph(unit, **fields):
    return {"graph": unit, "orchestrator": ORCHESTRATOR, "server": OWN, **fields}


REFUSED = {
    "no Seldon": (
        {"foundation": WITHOUT},
        "a SeldonDeployment needs seldon-core-1 in the cluster; foundation.addons has keda; install it and name "
        "it there",
    ),
    "a shadow that nobody copies to": (
        {"traffic": COPIED},
        "traffic.mirror is 20, and without foundation.gateway there is no route that copies requests; give one, or "
        "split_by istio",
    ),
    "a shadow by an Istio that is not there": (
        {"traffic": COPIED, "split_by": "istio"},
        f"a split by Seldon itself needs istio in the cluster; foundation.addons has {', '.join(sorted(ADDONS))}; "
        "install it and name it there",
    ),
    "a shadow with a share, by Istio": (
        {
            "foundation": {**EVERYTHING, "addons": [*ADDONS, "istio"]},
            "traffic": {**BOTH, "mirror": 20},
            "split_by": "istio",
        },
        "traffic has weight 10 and mirror 20, and for Seldon a predictor is a shadow or has a share; set one of them "
        "to 0, or take the route",
    ),
    "replicas and scaling": (
        {"replicas": 2, "scaling": {"max_replicas": 3, "cpu": 0.5}},
        "replicas and scaling are both given, and would undo one another; leave replicas out",
    ),
    "scaling by nothing": ({"scaling": {"max_replicas": 3}}, "scaling: nothing decides; give cpu or memory"),
    "scaling upside down": (
        {"scaling": {"min_replicas": 4, "max_replicas": 3, "cpu": 0.5}},
        "scaling: min_replicas is 4, above max_replicas 3; lower it",
    ),
    "scaling to none": (
        {"scaling": {"min_replicas": 0, "max_replicas": 3, "cpu": 0.5}},
        "scaling.min_replicas: got 0, input should be greater than or equal to 1",
    ),
    "scaling without an end": ({"scaling": {"cpu": 0.5}}, "scaling.max_replicas: field required"),
    "a store of MLflow": (
        {"foundation": MLFLOW, "server": OWN},
        f"foundation.models is of mlflow, {FETCHES}",
    ),
    "a store of images": ({"foundation": OCI, "server": OWN}, f"foundation.models is of oci, {FETCHES}"),
    "an explainer from a store of images": (
        {"foundation": OCI, "explainer": EXPLAINER},
        f"foundation.models is of oci, {FETCHES}",
    ),
    "a server of the other Seldon": (
        {"server": {"prepackaged": "seldon-v2-mlserver", "resources": SIZE}},
        "server: prepackaged: seldon-v2-mlserver is no server of seldon-core-1; take one whose name begins with "
        "seldon-v1-",
    ),
    "a container by the name of a server of Seldon's": (
        {"server": {"prepackaged": "mlserver", "resources": SIZE}},
        "server: prepackaged: mlserver is no server of seldon-core-1; take one whose name begins with seldon-v1-",
    ),
    "an objective that nothing shows": (
        {"server": OWN, "slo": {"p95": "200ms"}},
        "slo is given, and what Seldon's own containers show of one service is not documented; leave it out",
    ),
    "a graph that nobody leads through": (
        {"server": OWN, "graph": CHAIN},
        "graph has 2 units, and without orchestrator Seldon runs one only; give it",
    ),
    "an orchestrator before another protocol": (
        {"orchestrator": ORCHESTRATOR},
        "orchestrator asks by the Open Inference Protocol, and serving speaks rest-predict; leave it out, or take a "
        "server that does",
    ),
    "two units of one name": (
        graph({"name": "mean", "type": "COMBINER", "container": UNIT, "children": [S, A, A]}),
        "graph: a is the name of more than one unit; rename them",
    ),
    "a graph without the model": (
        graph({"name": "a", "type": "TRANSFORMER", "container": UNIT, "children": [B]}),
        "graph: got a, b, and none of them is server, the model of the service; add it",
    ),
    "a type that there is not": (
        graph({"name": "server", "type": "SPLITTER"}),
        "graph.type: input should be 'MODEL', 'TRANSFORMER', 'OUTPUT_TRANSFORMER', 'ROUTER' or 'COMBINER'",
    ),
    "a unit that runs nothing": (
        graph({"name": "a", "type": "TRANSFORMER", "children": [S]}),
        "graph: a has no container, so nothing runs; give one",
    ),
    "a container for the model": (
        graph({"name": "server", "container": UNIT}),
        "graph: server is the model of the service, which the endpoint's own server says; leave container out",
    ),
    "a model that routes": (
        graph({"name": "server", "type": "ROUTER", "children": [A, B]}),
        "graph: server has the type ROUTER, and it is the model of the service; write MODEL",
    ),
    "a transformer of two": (
        graph({"name": "a", "type": "TRANSFORMER", "container": UNIT, "children": [S, B]}),
        "graph: a is a TRANSFORMER with 2 children; allowed are 1",
    ),
    "a router to one": (
        graph({"name": "a", "type": "ROUTER", "container": UNIT, "children": [S]}),
        "graph: a is a ROUTER with 1 children; allowed are 2 to 100",
    ),
    "chance between three": (
        graph({"name": "a", "type": "ROUTER", "first_share": 0.5, "children": [S, B, {**B, "name": "c"}]}),
        "graph: a has first_share and 3 children; it chooses between 2",
    ),
    "chance in a model": (
        graph({"name": "a", "first_share": 0.5, "children": [S]}),
        "graph: a has first_share, which is for a ROUTER without a container; leave one of them out",
    ),
    "an explainer that there is not": (
        {"explainer": {**EXPLAINER, "type": "anchor_tabular"}},
        "explainer.type: input should be 'ALE', 'AnchorImages', 'AnchorTabular', 'AnchorText', 'Contrastive', "
        "'Counterfactuals', 'IntegratedGradients', 'KernelShap' or 'TreeShap'",
    ),
    "root": (
        {"server": {**OWN, "user": 0}},
        "server: user: got 0, input should be greater than or equal to 1000",
    ),
    "an image with a tag": (
        {"server": {**OWN, "image": "seldonio/sklearnserver:1.18.0"}},
        "server: image: has no digest, so that it could change under the model; write "
        "<registry>/<repository>@sha256:<64 hexadecimal digits>",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_in_one_sentence(case):
    fields, message = REFUSED[case]
    assert faults(lambda: v1(**fields)) == [message]


NAMED = {"traffic": {"stable": {**STABLE, "uri": "models:/My_Ranker/1.4.0"}}}


def test_the_orchestrator_asks_by_the_name_of_a_container_which_not_every_model_can_have():
    in_a_container = {"server": {"runtime": "mlserver", "resources": SIZE}, "orchestrator": ORCHESTRATOR}
    told = "the model is called My_Ranker, and the orchestrator asks for it by the name of a container"
    fix = "rename it, my-ranker for one, or leave the orchestrator out"
    assert faults(lambda: v1(**in_a_container, **NAMED)) == [f"orchestrator: {told}; {fix}"]


def test_a_server_of_seldons_calls_the_model_by_whatever_its_container_is_called():
    [predictor] = v1(PREPACKAGED, **NAMED)["ranker"]["spec"]["predictors"]
    assert predictor["graph"]["name"] == "my-ranker"


def test_a_unit_may_not_be_called_like_the_model():
    unit = {"name": "ranker", "type": "TRANSFORMER", "container": UNIT, "children": [S]}
    told = "graph: ranker is a unit, and the model of the service is called so, too; rename the unit"
    assert faults(lambda: v1(**graph(unit))) == [told]


def test_a_name_of_which_seldon_would_make_a_hash_is_refused():
    long = {"stable": {**BOTH["stable"], "version": "1.4.0-rc.1"}}
    assert faults(lambda: v1(name="r" * 36, traffic=long)) == []
    [told] = faults(lambda: v1(name="r" * 37, traffic=long))
    assert told.endswith("has 54 characters, allowed are 53; shorten the service's name or the version")
