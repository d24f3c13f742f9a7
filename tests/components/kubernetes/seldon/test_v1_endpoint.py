"""A service on Seldon Core 1 as a plan: what is made, what it says of itself, and that it passes our own rules."""

from pathlib import Path

import pulumi
import pytest
from components.kubernetes.seldon.samples import (
    BOTH,
    CHAIN,
    COPIED,
    CREDENTIALS,
    DIGEST,
    EVERYTHING,
    EXPLAINER,
    FOUNDATION,
    LABELS,
    LEAST_V1,
    MOST_V1,
    ORCHESTRATOR,
    PREPACKAGED,
    SIZE,
    predictors,
    v1,
)
from inventory import assert_inventory

from modelberth.core.endpoint import ServingEndpoint
from modelberth.kubernetes.backends import Backend, RoutedEndpoint
from modelberth.kubernetes.objects import token_of
from modelberth.kubernetes.seldon import SeldonDeploymentEndpoint
from modelberth_policies.evaluate import evaluate
from modelberth_policies.limits import Limits
from modelberth_policies.rules.kubernetes import RULES
from modelberth_policies.sources.program import run_in_process

HERE = Path(__file__).parent
SCENARIOS = {"defaults": LEAST_V1, "prepackaged": PREPACKAGED, "max": MOST_V1}


def planned(given=LEAST_V1, then=lambda endpoint: None, **fields):
    def program():
        endpoint = SeldonDeploymentEndpoint("ranker", {**given, **fields})
        for name in ("url", "resource_id", "versions"):
            pulumi.export(name, getattr(endpoint, name))
        pulumi.export("signals", endpoint.metrics.apply(sorted))
        then(endpoint)

    return run_in_process(program, stack="prod")


def pod(given=LEAST_V1, **fields):
    [predictor] = predictors(given, **fields)
    return predictor["componentSpecs"][0]["spec"]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_inventory(scenario):
    assert_inventory(planned(SCENARIOS[scenario]), HERE / f"seldon_deployment.{scenario}.inventory.yaml")


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_it_makes_what_its_pure_functions_say(scenario):
    made = {(each.type, each.name) for each in planned(SCENARIOS[scenario]) if each.type.startswith("kubernetes:")}
    assert made == {(token_of(manifest), name) for name, manifest in v1(SCENARIOS[scenario]).items()}


def test_it_is_a_serving_endpoint_before_which_a_route_can_stand():
    found = []
    outputs = planned(then=found.append, foundation=EVERYTHING, traffic=BOTH).outputs
    assert isinstance(found[0], ServingEndpoint)
    assert isinstance(found[0], RoutedEndpoint)
    assert outputs["url"] == "http://ranker.models.svc:80"
    assert outputs["resource_id"] == "models/ranker"
    assert outputs["versions"] == {"1.4.0": 100, "1.5.0": 0}
    assert "p95" in outputs["signals"]


@pytest.mark.parametrize(
    ("given", "port"),
    [
        (LEAST_V1, 8080),
        (PREPACKAGED, 9000),
        ({**PREPACKAGED, "orchestrator": ORCHESTRATOR}, 8000),
    ],
)
def test_the_route_leads_to_seldons_service_of_each_version_at_the_port_of_what_is_first(given, port):
    found = []
    planned({**given, "foundation": EVERYTHING, "traffic": {**BOTH, "mirror": 20}}, then=found.append)
    assert found[0].backends == {
        "1.4.0": Backend(service="ranker-1-4-0", port=port, weight=90),
        "1.5.0": Backend(service="ranker-1-5-0", port=port, weight=10, mirror=20),
    }


@pytest.mark.parametrize("weight", [1, 10, 50, 100])
def test_each_version_has_its_share_and_together_they_are_100(weight):
    made = predictors(traffic={**BOTH, "weight": weight})
    assert [(each["name"], each["traffic"]) for each in made] == [("1-4-0", 100 - weight), ("1-5-0", weight)]
    assert not any("shadow" in each for each in made)


def test_what_only_gets_copies_is_a_shadow_and_counts_for_nothing_in_the_sum():
    stable, shadow = predictors(traffic=COPIED, foundation=EVERYTHING)
    assert ("shadow" not in stable, stable["traffic"]) == (True, 100)
    assert (shadow["shadow"], shadow["traffic"]) == (True, 20)


def test_a_server_of_seldons_gets_a_pinned_address_and_our_own_fetching_container_in_the_place_of_seldons():
    [predictor] = predictors(PREPACKAGED)
    address = f"s3://models/prod/ranker/1.4.0/{DIGEST.replace(':', '-')}"
    graph = predictor["graph"]
    assert graph == {"name": "ranker", "type": "MODEL", "implementation": "SKLEARN_SERVER", "modelUri": address}
    spec = predictor["componentSpecs"][0]["spec"]
    [fetch], [server] = spec["initContainers"], spec["containers"]
    assert (fetch["name"], server["name"]) == ("ranker-model-initializer", "ranker")
    assert fetch["args"] == ["--from", address, "--digest", DIGEST, "--to", "/mnt/models"]
    assert "image" not in server
    volume = {"name": "ranker-provision-location", "mountPath": "/mnt/models"}
    assert volume in fetch["volumeMounts"]
    assert {**volume, "readOnly": True} in server["volumeMounts"]
    assert spec["volumes"][0]["name"] == "ranker-provision-location"


def test_an_image_that_the_foundation_names_stands_in_place_of_seldons():
    images = {**FOUNDATION["images"], "seldon-v1-sklearn": FOUNDATION["images"]["mlserver"]}
    spec = pod(PREPACKAGED, foundation={**FOUNDATION, "images": images})
    assert spec["containers"][0]["image"] == images["seldon-v1-sklearn"]


@pytest.mark.parametrize("given", [LEAST_V1, PREPACKAGED, MOST_V1])
def test_every_container_says_itself_what_seldon_takes_from_the_pod(given):
    for predictor in predictors(given):
        spec = predictor["componentSpecs"][0]["spec"]
        for container in (*spec["initContainers"], *spec["containers"]):
            context = container["securityContext"]
            assert context["seccompProfile"] == {"type": "RuntimeDefault"}
            assert context["runAsUser"] >= 1000
            assert context["readOnlyRootFilesystem"] is True


def test_credentials_can_be_read_without_a_group_of_the_pod():
    keyed = {**FOUNDATION, "models": {"prefix": "s3://models/prod", "credentials": CREDENTIALS}}
    [secret] = [volume["secret"] for volume in pod(foundation=keyed)["volumes"] if "secret" in volume]
    assert secret["defaultMode"] == 0o444


def test_without_an_orchestrator_seldon_adds_none_and_with_one_it_has_its_size():
    [alone] = predictors()
    assert alone["annotations"] == {"seldon.io/no-engine": "true"}
    [led] = predictors(PREPACKAGED, orchestrator=ORCHESTRATOR)
    assert "annotations" not in led
    assert led["svcOrchSpec"]["resources"]["limits"] == {"memory": "512Mi"}


def test_a_graph_holds_the_model_under_its_name_and_the_parameters_in_seldons_types():
    [predictor] = predictors(server={"runtime": "mlserver", "resources": SIZE}, graph=CHAIN, orchestrator=ORCHESTRATOR)
    graph = predictor["graph"]
    assert graph["children"] == [{"name": "ranker", "type": "MODEL"}]
    assert [tuple(each.values()) for each in graph["parameters"]] == [
        ("bins", "3", "INT"),
        ("clip", "true", "BOOL"),
        ("mean", "0.5", "FLOAT"),
        ("unit", "m", "STRING"),
    ]
    assert [each["name"] for each in predictor["componentSpecs"][0]["spec"]["containers"]] == ["ranker", "scale"]


def test_by_chance_is_told_by_the_implementation_as_a_type_would_have_precedence():
    children = [{"name": "server"}, {"name": "other", "container": CHAIN["container"]}]
    chance = {"name": "choose", "type": "ROUTER", "first_share": "30%", "children": children}
    [predictor] = predictors(PREPACKAGED, graph=chance, orchestrator=ORCHESTRATOR)
    graph = predictor["graph"]
    assert (graph["implementation"], "type" in graph) == ("RANDOM_ABTEST", False)
    assert graph["parameters"] == [{"name": "ratioA", "value": "0.3", "type": "FLOAT"}]


def test_scaling_is_in_the_words_that_kubernetes_still_has_and_bounded():
    [predictor] = predictors(scaling={"min_replicas": 2, "max_replicas": 6, "cpu": "70%"})
    component = predictor["componentSpecs"][0]
    assert "replicas" not in component
    target = {"type": "Utilization", "averageUtilization": 70}
    metric = {"type": "Resource", "resource": {"name": "cpu", "target": target}}
    assert component["hpaSpec"] == {"minReplicas": 2, "maxReplicas": 6, "metricsv2": [metric]}


def test_an_explainer_is_under_the_service_s_policy_but_not_behind_its_service():
    made = v1(explainer=EXPLAINER)
    [predictor] = made["ranker"]["spec"]["predictors"]
    policy = made["ranker-network"]["spec"]["podSelector"]["matchLabels"]
    assert policy == predictor["labels"]
    chosen = made["ranker-stable"]["spec"]["selector"]
    assert chosen.items() <= predictor["componentSpecs"][0]["metadata"]["labels"].items()
    assert not chosen.items() <= predictor["labels"].items()
    assert made["ranker-explaining"]["spec"]["egress"][0]["ports"] == [{"protocol": "TCP", "port": 8080}]


PASSING = {
    "a container": {**LEAST_V1, "labels": LABELS, "replicas": 2},
    "a container, a candidate": {**LEAST_V1, "traffic": BOTH, "labels": LABELS, "replicas": 2},
    "Seldon's own": {**PREPACKAGED, "labels": LABELS, "replicas": 2},
    "most": MOST_V1,
}


@pytest.mark.parametrize("scenario", PASSING)
def test_it_passes_our_own_rules_in_production(scenario):
    assert [str(each) for each in evaluate(planned(PASSING[scenario]), RULES, Limits())] == []
