"""A Rollout as a plan: what is made, what waits for what, what it says of itself."""

from pathlib import Path

import pulumi
import pytest
from components.kubernetes.rollouts.samples import ALL, ARGO, CANARY, LEAST, MOST, ROUTES, objects
from inventory import assert_inventory

from modelberth.core.endpoint import ServingEndpoint, for_version
from modelberth.kubernetes.backends import RoutedEndpoint
from modelberth.kubernetes.objects import token_of
from modelberth.kubernetes.rollouts import RolloutEndpoint
from modelberth_policies.sources.program import run_in_process

HERE = Path(__file__).parent
SCENARIOS = {
    "defaults": LEAST,
    "max": MOST,
    "blue_green": {**LEAST, "foundation": ALL, "rollout": {"blue_green": {"bake": "5m"}}},
}


def planned(given=LEAST, name="ranker", then=lambda endpoint: None):
    def program():
        endpoint = RolloutEndpoint(name, given)
        pulumi.export("url", endpoint.url)
        pulumi.export("resource_id", endpoint.resource_id)
        pulumi.export("versions", endpoint.versions)
        pulumi.export("signals", endpoint.metrics.apply(sorted))
        then(endpoint)

    return run_in_process(program, stack="prod")


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_inventory(scenario):
    assert_inventory(planned(SCENARIOS[scenario]), HERE / f"rollout.{scenario}.inventory.yaml")


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_it_makes_what_its_pure_functions_say(scenario):
    made = {(each.type, each.name) for each in planned(SCENARIOS[scenario]) if each.type.startswith("kubernetes:")}
    assert made == {(token_of(manifest), name) for name, manifest in objects(SCENARIOS[scenario]).items()}


def test_it_is_a_serving_endpoint_before_which_a_route_can_stand():
    found = []
    planned(then=found.append)
    assert isinstance(found[0], ServingEndpoint)
    assert isinstance(found[0], RoutedEndpoint)
    assert found[0].traffic_control == "service"


def test_what_it_says_of_itself():
    outputs = planned({**LEAST, "foundation": ALL}).outputs
    assert outputs["url"] == "http://ranker.models.svc:80"
    assert outputs["resource_id"] == "models/ranker"
    assert outputs["versions"] == {"1.4.0": 100}
    assert outputs["signals"] == ["error_rate", "p50", "p95", "p99", "requests", "saturation"]


def test_a_signal_can_be_asked_of_any_version():
    found = []
    planned({**LEAST, "foundation": ALL}, then=lambda endpoint: endpoint.metrics.apply(found.append))
    assert 'app_kubernetes_io_version="1.3.0"' in for_version(found[0]["p95"], "1.3.0")


def test_what_argo_needs_is_there_before_the_rollout():
    plan = planned({**LEAST, "foundation": ALL, "rollout": CANARY, "routes": ROUTES})
    [rollout] = [each for each in plan if each.type.endswith(":Rollout")]
    needed = {each.rpartition("::")[2] for each in rollout.dependencies}
    assert {"ranker", "ranker-canary", "ranker-account", "ranker-network"} <= needed


def test_selectors_are_left_to_argo():
    plan = planned({**LEAST, "foundation": ARGO, "rollout": {"blue_green": {}}})
    services = [each for each in plan if each.type == "kubernetes:core/v1:Service"]
    assert {each.name: list(each.options.ignore_changes) for each in services} == {
        "ranker": ["spec.selector"], "ranker-canary": ["spec.selector"],
    }  # fmt: skip
