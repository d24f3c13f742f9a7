"""A RayService and a RayJob as plans: what is made, what they say of themselves."""

from pathlib import Path

import pulumi
import pytest
from components.kubernetes.ray.samples import ALL, INCREMENTAL, LEAST, MOST, RUN, objects, run
from inventory import assert_inventory

from modelberth.core.endpoint import ServingEndpoint
from modelberth.core.errors import ConfigError
from modelberth.kubernetes.backends import RoutedEndpoint
from modelberth.kubernetes.objects import token_of
from modelberth.kubernetes.ray import RayBatchJob, RayServiceEndpoint
from modelberth_policies.sources.program import run_in_process

HERE = Path(__file__).parent
SCENARIOS = {"defaults": LEAST, "max": MOST}


def planned(given=LEAST, name="ranker", then=lambda endpoint: None):
    def program():
        endpoint = RayServiceEndpoint(name, given)
        pulumi.export("url", endpoint.url)
        pulumi.export("resource_id", endpoint.resource_id)
        pulumi.export("versions", endpoint.versions)
        pulumi.export("signals", endpoint.metrics.apply(sorted))
        then(endpoint)

    return run_in_process(program, stack="prod")


def planned_run(given=RUN, name="scoring"):
    return run_in_process(lambda: pulumi.export("resource_id", RayBatchJob(name, given).resource_id), stack="prod")


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_inventory(scenario):
    assert_inventory(planned(SCENARIOS[scenario]), HERE / f"ray_service.{scenario}.inventory.yaml")


def test_inventory_of_a_job():
    assert_inventory(planned_run({**RUN, "foundation": ALL, "queue": "batch"}), HERE / "ray_job.queued.inventory.yaml")


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_it_makes_what_its_pure_functions_say(scenario):
    made = {(each.type, each.name) for each in planned(SCENARIOS[scenario]) if each.type.startswith("kubernetes:")}
    assert made == {(token_of(manifest), name) for name, manifest in objects(SCENARIOS[scenario]).items()}
    made = {(each.type, each.name) for each in planned_run() if each.type.startswith("kubernetes:")}
    assert made == {(token_of(manifest), name) for name, manifest in run().items()}


def test_it_is_a_serving_endpoint_before_which_a_route_can_stand():
    found = []
    planned(then=found.append)
    assert isinstance(found[0], ServingEndpoint)
    assert isinstance(found[0], RoutedEndpoint)
    [(version, backend)] = found[0].backends.items()
    assert (version, backend.service, backend.port, backend.weight) == ("1.4.0", "ranker-serve-svc", 8000, 100)


def test_what_it_says_of_itself():
    outputs = planned().outputs
    assert outputs["url"] == "http://ranker-serve-svc.models.svc:8000"
    assert outputs["resource_id"] == "models/ranker"
    assert outputs["versions"] == {"1.4.0": 100}
    assert outputs["signals"] == []


def test_with_an_incremental_upgrade_it_is_reached_through_kuberay_s_gateway_alone():
    found = []
    plan = planned(MOST, then=found.append)
    assert plan.outputs["url"] == INCREMENTAL["address"]
    assert found[0].backends == {}


def test_a_run_in_a_queue_is_let_go_by_kueue():
    plan = planned_run({**RUN, "foundation": ALL, "queue": "batch"})
    [made] = [each for each in plan if each.type.endswith(":RayJob")]
    assert list(made.options.ignore_changes) == ["spec.suspend"]
    assert made.options.delete_before_replace is True


@pytest.mark.parametrize(
    ("make", "given", "name", "told"),
    [
        (RayServiceEndpoint, LEAST, "r" * 48, "got 48 characters; KubeRay takes 47 at most"),
        (
            RayServiceEndpoint,
            LEAST,
            "1st",
            "got '1st'; KubeRay takes lower-case letters, digits and '-', a letter first",
        ),
        (
            RayBatchJob,
            RUN,
            "r" * 39,
            "got 39 characters; KubeRay, with the fingerprint of a run added, takes 38 at most",
        ),
    ],
)
def test_a_name_that_kuberay_would_refuse_later_is_refused_before_anything_is_made(make, given, name, told):
    with pytest.raises(ConfigError, match=told):
        make(name, given)
