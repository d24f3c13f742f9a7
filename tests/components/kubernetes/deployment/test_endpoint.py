"""A service in plain Kubernetes as a plan: what is made, what waits for what, what it says of itself."""

from pathlib import Path

import pulumi
import pytest
from components.kubernetes.deployment.samples import CANDIDATE, EVERYTHING, LEAST, MOST, STABLE, objects
from inventory import assert_inventory

from modelberth.core.endpoint import ServingEndpoint, for_version
from modelberth.kubernetes.backends import RoutedEndpoint
from modelberth.kubernetes.deployment.endpoint import DeploymentEndpoint
from modelberth.kubernetes.objects import scaled_in, token_of
from modelberth_policies.sources.program import run_in_process

HERE = Path(__file__).parent
BOTH = {"stable": STABLE, "candidate": CANDIDATE, "weight": 10}
SCENARIOS = {
    "defaults": LEAST,
    "max": MOST,
    "in_place": {**LEAST, "replace": "in_place", "rolling": {"surge": 2}},
}


def planned(given=LEAST, name="ranker", then=lambda endpoint: None):
    def program():
        endpoint = DeploymentEndpoint(name, given)
        pulumi.export("url", endpoint.url)
        pulumi.export("resource_id", endpoint.resource_id)
        pulumi.export("versions", endpoint.versions)
        pulumi.export("signals", endpoint.metrics.apply(sorted))
        then(endpoint)

    return run_in_process(program, stack="prod")


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_inventory(scenario):
    assert_inventory(planned(SCENARIOS[scenario]), HERE / f"deployment.{scenario}.inventory.yaml")


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_it_makes_what_its_pure_functions_say(scenario):
    made = {(each.type, each.name) for each in planned(SCENARIOS[scenario]) if each.type.startswith("kubernetes:")}
    said = objects(SCENARIOS[scenario])
    assert made == {(token_of(manifest), name) for name, manifest in said.items()}


def test_it_is_a_serving_endpoint_before_which_a_route_can_stand():
    found = []
    planned(then=found.append)
    assert isinstance(found[0], ServingEndpoint)
    assert isinstance(found[0], RoutedEndpoint)


def test_what_it_says_of_itself():
    outputs = planned({**LEAST, "foundation": EVERYTHING, "traffic": BOTH}).outputs
    assert outputs["url"] == "http://ranker.models.svc:80"
    assert outputs["resource_id"] == "models/ranker"
    assert outputs["versions"] == {"1.4.0": 100, "1.5.0-rc.1": 0}
    assert outputs["signals"] == ["error_rate", "p50", "p95", "p99", "requests", "saturation"]


def test_a_signal_can_be_asked_of_either_version():
    found = []
    planned({**LEAST, "foundation": EVERYTHING}, then=lambda endpoint: endpoint.metrics.apply(found.append))
    assert 'app_kubernetes_io_version="1.5.0-rc.1"' in for_version(found[0]["p95"], "1.5.0-rc.1")


def test_a_version_has_a_service_of_its_own_and_its_share():
    found = []
    planned({**LEAST, "traffic": {**BOTH, "mirror": 50}}, then=found.append)
    backends = {version: backend.model_dump() for version, backend in found[0].backends.items()}
    stable = {"service": "ranker--1-4-0", "port": 80, "protocol": "http", "weight": 90, "mirror": 0}
    assert backends["1.4.0"].items() >= stable.items()
    candidate = backends["1.5.0-rc.1"]
    assert (candidate["weight"], candidate["mirror"]) == (10, 50)
    assert objects(traffic=BOTH)[f"{candidate['service']}-service"]["metadata"]["name"] == candidate["service"]


def test_each_service_finds_the_pods_of_its_version_and_no_others():
    made = objects(traffic=BOTH)
    for name, manifest in made.items():
        if manifest["kind"] == "Deployment":
            labels = manifest["spec"]["template"]["metadata"]["labels"]
            found = made[f"{name}-service"]["spec"]["selector"]
            assert labels.items() >= found.items()
            assert found == manifest["spec"]["selector"]["matchLabels"]
    assert made["ranker"]["spec"]["selector"] == made["ranker--1-4-0-service"]["spec"]["selector"]


def test_the_stable_address_moves_once_the_version_is_ready_and_pods_come_once_their_network_is_closed():
    plan = planned({**LEAST, "traffic": BOTH})
    by_name = {(each.type, each.name): each for each in plan}
    stable = by_name["kubernetes:core/v1:Service", "ranker"]
    workloads = [each for each in plan if each.type == "kubernetes:apps/v1:Deployment"]
    assert {each.urn for each in workloads} <= set(stable.dependencies)
    policy = by_name["kubernetes:networking.k8s.io/v1:NetworkPolicy", "ranker-network"]
    assert all(policy.urn in workload.dependencies for workload in workloads)


def test_what_is_scaled_starts_with_the_floor_and_is_then_left_alone():
    scaled = objects(scaling={"min_replicas": 2, "max_replicas": 3, "cpu": "70%"})
    assert scaled["ranker--1-4-0"]["spec"]["replicas"] == 2
    assert scaled_in(scaled) == {("Deployment", "ranker--1-4-0")}
    assert scaled_in(objects(replicas=3)) == set()
    assert scaled["ranker--1-4-0-scaling"]["spec"]["scaleTargetRef"]["name"] == "ranker--1-4-0"
    assert objects(replicas=3)["ranker--1-4-0"]["spec"]["replicas"] == 3


def test_in_place_another_version_goes_through_one_workload():
    before, after = (
        objects(traffic={"stable": model}, replace="in_place") for model in (STABLE, {**CANDIDATE, "version": "1.5.0"})
    )
    assert before.keys() == after.keys()
    one, other = (made["ranker-pods"] for made in (before, after))
    assert one["metadata"]["name"] == other["metadata"]["name"] == "ranker"
    assert one["spec"]["selector"] == other["spec"]["selector"]
    assert one["spec"]["template"] != other["spec"]["template"]
    assert before["ranker"]["spec"]["selector"] == {"app.kubernetes.io/instance": "ranker"}


def test_promotion_starts_nothing_anew():
    before = objects(traffic=BOTH)
    after = objects(traffic={"stable": CANDIDATE})
    [candidate] = [name for name in before if name.startswith("ranker--1-5-0") and before[name]["kind"] == "Deployment"]
    assert after[candidate] == before[candidate]
