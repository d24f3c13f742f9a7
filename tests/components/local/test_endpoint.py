"""An endpoint on this machine as a plan: who belongs to whom, what each is told, and what stays secret."""

import pulumi
import pytest

from modelberth.core.endpoint import ServingEndpoint
from modelberth.core.errors import ConfigError
from modelberth.local.endpoint import LocalEndpoint
from modelberth.local.foundation import LocalFoundation
from modelberth_policies.resources import MISSING, UNKNOWN, Secret
from modelberth_policies.sources.program import run_in_process

STABLE = {"uri": "models:/iris/1.0.0", "digest": "sha256:" + "0" * 64}
CANDIDATE = {"uri": "models:/iris/1.1.0", "digest": "sha256:" + "1" * 64}
ENDPOINT = "modelberth:index:LocalEndpoint"
MACHINE = "pulumi-python:dynamic/modelberth"
GATEWAY = f"{ENDPOINT}${MACHINE}:Gateway::iris"


def planned(foundation=None, **fields):
    """The plan of one endpoint, with what it says of itself as outputs."""

    def program():
        base = LocalFoundation("local", foundation)
        endpoint = LocalEndpoint("iris", {"foundation": base, "traffic": {"stable": STABLE}, **fields})
        assert isinstance(endpoint, ServingEndpoint)
        pulumi.export("url", endpoint.url)
        pulumi.export("keys", endpoint.api_keys)
        pulumi.export("versions", endpoint.versions)
        pulumi.export("said", [list(endpoint.protocols), endpoint.traffic_control])

    return run_in_process(program)


def test_an_endpoint_is_keys_a_server_and_a_gateway():
    plan = planned()
    assert [child.key for child in plan.children(plan[f"{ENDPOINT}::iris"])] == [
        f"{ENDPOINT}${MACHINE}:ApiKeys::iris-keys",
        f"{ENDPOINT}${MACHINE}:ModelServer::iris-1.0.0",
        GATEWAY,
    ]


def test_a_candidate_has_a_server_of_its_own_also_at_weight_0():
    plan = planned(traffic={"stable": STABLE, "candidate": CANDIDATE})
    servers = plan.of_type(f"{MACHINE}:ModelServer")
    assert {server.get("version"): server.get("digest") for server in servers} == {
        "1.0.0": STABLE["digest"],
        "1.1.0": CANDIDATE["digest"],
    }
    assert plan[GATEWAY].get("weights") == {"1.0.0": 100, "1.1.0": 0}
    assert plan[GATEWAY].get("backends") == {"1.0.0": UNKNOWN, "1.1.0": UNKNOWN}


def test_weight_and_mirror_reach_the_gateway():
    plan = planned(traffic={"stable": STABLE, "candidate": CANDIDATE, "weight": 30, "mirror": 5})
    assert plan[GATEWAY].get("weights") == {"1.0.0": 70, "1.1.0": 30}
    assert plan[GATEWAY].get("mirror") == {"1.1.0": 5}
    assert plan.outputs["versions"] == {"1.0.0": 70, "1.1.0": 30}


def test_without_a_candidate_nothing_is_mirrored():
    assert planned()[GATEWAY].get("mirror") == {}


LABELS = {
    "owner": "search", "environment": "dev", "cost_centre": "4711", "service": "iris", "model": "iris",
    "version": "1.0.0", "data_classification": "internal", "extra": {"Team.Room": "B 5"},
}  # fmt: skip


def test_labels_reach_the_access_log_as_fields_and_outlast_a_version():
    fields = {"owner": "search", "environment": "dev", "cost_centre": "4711", "data_classification": "internal",
              "team_room": "B 5"}  # fmt: skip
    assert planned(labels=LABELS)[GATEWAY].get("labels") == fields
    newer = planned(labels=LABELS, traffic={"stable": CANDIDATE})
    assert newer[GATEWAY].get("labels") == fields


def test_without_labels_the_access_log_has_none():
    assert planned()[GATEWAY].get("labels") == {}


def test_the_gateway_is_told_hashes_and_never_keys():
    plan = planned(clients=["web"])
    gateway = plan[GATEWAY]
    assert gateway.get("key_hashes") is UNKNOWN
    assert gateway.get("keys") is MISSING
    assert plan[f"{ENDPOINT}${MACHINE}:ApiKeys::iris-keys"].urn in gateway.dependencies


def test_the_keys_of_an_endpoint_are_secret():
    plan = planned(clients=["web"])
    assert isinstance(plan.outputs["keys"], Secret)
    assert isinstance(plan[f"{ENDPOINT}::iris"].outputs["api_keys"], Secret)


def test_everything_waits_for_the_whole_foundation():
    plan = planned()
    foundation = plan.children(plan["modelberth:index:LocalFoundation::local"])
    needed = {child.urn for child in foundation if child.type.endswith((":Supervisor", ":Registry", ":Certificate"))}
    assert len(needed) == 3
    for resource in (plan[GATEWAY], plan[f"{ENDPOINT}${MACHINE}:ModelServer::iris-1.0.0"]):
        assert needed <= set(resource.dependencies)


def test_what_an_endpoint_says_of_itself():
    assert planned().outputs["said"] == [["rest-predict"], "stepped"]


def test_limits_reach_the_command_and_the_environment():
    server = planned(threads=3, memory_mib=512)[f"{ENDPOINT}${MACHINE}:ModelServer::iris-1.0.0"]
    assert server.get("environment.OMP_NUM_THREADS") == "3"
    assert {"3", "512"} <= set(server.get("command"))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"port": 80}, "got 80, input should be greater than or equal to 1024"),
        ({"threads": 0}, "got 0, input should be greater than or equal to 1"),
        ({"memory_mib": 32}, "got 32, input should be greater than or equal to 512"),
        ({"max_body_bytes": 1}, "got 1, input should be greater than or equal to 1024"),
        ({"thread": 1}, "no such field; allowed: foundation, traffic"),
    ],
)
def test_bad_arguments_are_refused_with_the_name_of_the_endpoint(fields, message):
    with pytest.raises(ConfigError) as error:
        planned(**fields)
    (field,) = fields
    assert f"  iris.{field}: " in str(error.value)
    assert message in str(error.value)


def test_a_foundation_is_a_directory_a_supervisor_a_registry_and_a_certificate():
    plan = planned({"directory": "/srv/models"})
    kinds = [child.type.rpartition(":")[2] for child in plan.children(plan["modelberth:index:LocalFoundation::local"])]
    assert kinds == ["RuntimeDirectory", "Supervisor", "Registry", "Certificate"]
    assert plan.of_type(f"{MACHINE}:RuntimeDirectory")[0].get("path") == "/srv/models"


def test_a_directory_left_out_is_that_of_the_stack():
    assert planned().of_type(f"{MACHINE}:RuntimeDirectory")[0].get("path").endswith("/.modelberth/s")


def test_a_registry_that_is_there_already_is_used_in_place_of_one_of_its_own():
    plan = planned({"registry": "sqlite:////srv/registry.db"})
    assert plan.of_type(f"{MACHINE}:Registry") == ()
    assert plan.of_type(f"{MACHINE}:ModelServer")[0].get("registry") == "sqlite:////srv/registry.db"
