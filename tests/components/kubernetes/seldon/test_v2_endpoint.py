"""A service on Seldon Core 2 as a plan: what is made, what it says of itself, and that it passes our own rules."""

from pathlib import Path

import pulumi
import pytest
from components.kubernetes.seldon.samples import (
    BOTH,
    COPIED,
    DIGEST,
    EVERYTHING,
    EXPERIMENT,
    LABELS,
    LEAST_V2,
    MOST_OF_A_PIPELINE,
    MOST_V2,
    SERVER,
    SIZE,
    v2,
)
from inventory import assert_inventory

from modelberth.core.endpoint import ServingEndpoint
from modelberth.kubernetes.backends import RoutedEndpoint
from modelberth.kubernetes.objects import token_of
from modelberth.kubernetes.seldon import (
    SeldonExperiment,
    SeldonModelEndpoint,
    SeldonPipelineEndpoint,
    SeldonServer,
)
from modelberth_policies.evaluate import evaluate
from modelberth_policies.limits import Limits
from modelberth_policies.rules.kubernetes import RULES
from modelberth_policies.sources.program import run_in_process

HERE = Path(__file__).parent
SCENARIOS = {
    "model.defaults": (SeldonModelEndpoint, "ranker", LEAST_V2),
    "model.max": (SeldonModelEndpoint, "ranker", MOST_V2),
    "server": (SeldonServer, "big", SERVER),
    "experiment": (SeldonExperiment, "try", EXPERIMENT),
    "pipeline": (SeldonPipelineEndpoint, "fraud", MOST_OF_A_PIPELINE),
}


def planned(kind=SeldonModelEndpoint, name="ranker", given=LEAST_V2, then=lambda made: None):
    def program():
        made = kind(name, given)
        for output in ("url", "resource_id", "versions"):
            if hasattr(made, output):
                pulumi.export(output, getattr(made, output))
        then(made)

    return run_in_process(program, stack="prod")


def endpoint(**fields):
    found = []
    planned(given={**LEAST_V2, **fields}, then=found.append)
    return found[0]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_inventory(scenario):
    assert_inventory(planned(*SCENARIOS[scenario]), HERE / f"seldon_{scenario}.inventory.yaml")


@pytest.mark.parametrize("given", [LEAST_V2, MOST_V2])
def test_it_makes_what_its_pure_functions_say(given):
    made = {(each.type, each.name) for each in planned(given=given) if each.type.startswith("kubernetes:")}
    assert made == {(token_of(manifest), name) for name, manifest in v2(given).items()}


def test_it_is_a_serving_endpoint_before_which_a_route_can_stand():
    made = endpoint(traffic=BOTH)
    assert isinstance(made, ServingEndpoint)
    assert isinstance(made, RoutedEndpoint)
    assert made.headers == {"Seldon-Model": "ranker.experiment"}
    outputs = planned(given={**LEAST_V2, "traffic": BOTH}).outputs
    assert outputs["url"] == "http://seldon-mesh.models.svc:80"
    assert outputs["versions"] == {"1.4.0": 90, "1.5.0": 10}


def test_a_pipeline_is_a_serving_endpoint_too():
    found = []
    planned(SeldonPipelineEndpoint, "fraud", MOST_OF_A_PIPELINE, found.append)
    assert isinstance(found[0], ServingEndpoint)
    assert isinstance(found[0], RoutedEndpoint)
    assert found[0].headers == {"Seldon-Model": "fraud.pipeline"}
    assert found[0].backends["1.0.0"].headers == found[0].headers


def asked(backends):
    return {version: (each.weight, each.mirror, each.headers["Seldon-Model"]) for version, each in backends.items()}


def test_a_route_splits_by_itself_and_asks_for_each_version_by_its_name():
    backends = endpoint(traffic=BOTH).backends
    assert asked(backends) == {"1.4.0": (90, 0, "ranker--1-4-0"), "1.5.0": (10, 0, "ranker--1-5-0")}
    assert {(each.service, each.port, each.protocol) for each in backends.values()} == {("seldon-mesh", 80, "http")}


def test_copies_are_made_by_the_experiment_as_a_route_could_not_say_for_whom_they_are():
    backends = endpoint(traffic=COPIED).backends
    assert asked(backends) == {"1.4.0": (100, 0, "ranker.experiment"), "1.5.0": (0, 0, "ranker--1-5-0")}
    spec = v2(traffic=COPIED)["ranker"]["spec"]
    assert spec["candidates"] == [{"name": "ranker--1-4-0", "weight": 100}]
    assert spec["mirror"] == {"name": "ranker--1-5-0", "percent": 20}


@pytest.mark.parametrize(
    ("weight", "candidates"),
    [(0, {"ranker--1-4-0": 100}), (10, {"ranker--1-4-0": 90, "ranker--1-5-0": 10}), (100, {"ranker--1-5-0": 100})],
)
def test_the_experiment_splits_by_the_weights_and_leaves_out_who_gets_nothing(weight, candidates):
    spec = v2(traffic={**BOTH, "weight": weight})["ranker"]["spec"]
    assert {each["name"]: each["weight"] for each in spec["candidates"]} == candidates
    assert spec["resourceType"] == "model"


def test_a_model_is_pinned_and_asks_for_its_server_first():
    made = v2(loading={"requirements": ["sklearn", "mlserver"]})["ranker--1-4-0"]
    assert made["spec"] == {
        "storageUri": f"s3://models/prod/ranker/1.4.0/{DIGEST.replace(':', '-')}",
        "requirements": ["mlserver", "sklearn"],
        "replicas": 1,
    }


def test_each_version_has_a_server_of_its_own_which_its_model_names():
    made = v2(server={"resources": SIZE}, traffic=BOTH, replicas=3)
    for name in ("ranker--1-4-0", "ranker--1-5-0"):
        server = made[f"{name}-server"]
        assert (made[name]["spec"]["server"], server["metadata"]["name"]) == (name, name)
        assert server["spec"]["replicas"] == 3


def test_of_a_server_every_container_is_hardened_and_only_seldons_own_roots_are_writable():
    spec = v2(server={"resources": SIZE})["ranker--1-4-0-server"]["spec"]["podSpec"]
    assert [each["name"] for each in spec["containers"]] == ["mlserver", "agent", "rclone"]
    for each in spec["containers"]:
        context = each["securityContext"]
        assert (context["allowPrivilegeEscalation"], context["capabilities"]) == (False, {"drop": ["ALL"]})
        assert "readOnlyRootFilesystem" not in context


def test_who_may_ask_is_said_at_the_one_address():
    policy = v2(foundation=EVERYTHING, callers={"namespaces": ["shop"]})["ranker-mesh"]["spec"]
    assert policy["podSelector"]["matchLabels"] == {"app.kubernetes.io/name": "seldon-envoy"}
    own, asked_by, watched = policy["ingress"]
    assert own == {"from": [{"podSelector": {}}]}
    names = [peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"] for peer in asked_by["from"]]
    assert (names, asked_by["ports"]) == (["envoy-gateway-system", "shop"], [{"protocol": "TCP", "port": 9000}])
    assert watched["ports"] == [{"protocol": "TCP", "port": 9003}]


PASSING = {
    "a model": {**LEAST_V2, "labels": LABELS, "replicas": 2},
    "a candidate": {**LEAST_V2, "traffic": BOTH, "labels": LABELS, "replicas": 2},
    "most": MOST_V2,
    "a server": {**LEAST_V2, "labels": LABELS, "server": {"resources": SIZE}, "replicas": 2},
}


@pytest.mark.parametrize("scenario", PASSING)
def test_it_passes_our_own_rules_in_production(scenario):
    assert [str(each) for each in evaluate(planned(given=PASSING[scenario]), RULES, Limits())] == []


@pytest.mark.parametrize("scenario", ["server", "experiment", "pipeline"])
def test_what_stands_alone_passes_our_own_rules_in_production(scenario):
    kind, name, given = SCENARIOS[scenario]
    found = evaluate(planned(kind, name, {**given, "labels": LABELS}), RULES, Limits())
    assert [str(each) for each in found] == []
