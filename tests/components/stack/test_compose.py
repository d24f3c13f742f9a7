"""From the contents of an environment's files to what is created: `read`, `native_over`, `deploy`."""

import pulumi
import pytest

from modelberth.core.errors import ConfigError
from modelberth.core.service import Service, Translation
from modelberth.core.traffic import weights_of
from modelberth.local.config import LocalEndpointArgs
from modelberth.stack import targets
from modelberth.stack.compose import deploy, native_over, read
from modelberth.stack.config import labels_of, parse_stack, shared_labels
from modelberth.stack.record import RECORD_TYPE
from modelberth.stack.targets import load
from modelberth_policies.resources import Secret
from modelberth_policies.sources.program import run_in_process

DIGEST = "sha256:" + "a" * 64
PINS = {f"models:/{name}/{version}": DIGEST for name in ("iris", "ranker") for version in ("1.0.0", "1.1.0")}
ROLLOUTS = {"iris": {"generation": 2, "stable": "1.0.0", "candidate": "1.1.0", "weight": 25}}
STACK = {
    "profile": "dev",
    "edits": "free",
    "owner": "platform",
    "cost_centre": "0000",
    "services": {
        "iris": {"on": "local", "model": {"uri": "models:/iris"}, "access": {"keys": ["web"]}},
        "ranker": {"on": "local", "model": {"uri": "models:/ranker/1.0.0"}, "native": {"max_body_bytes": 2048}},
    },
}
LABELS = shared_labels(parse_stack(STACK, "test"), "test")
SERVER = "modelberth:index:LocalEndpoint$pulumi-python:dynamic/modelberth:ModelServer"


@pytest.fixture(scope="module")
def plan():
    return run_in_process(lambda: deploy(read("test", STACK, ROLLOUTS, PINS)) and None)


def test_what_is_read_is_pinned_and_hardened():
    environment = read("test", STACK, ROLLOUTS, PINS)
    assert environment.name == "test"
    assert environment.config.edits == "free"
    assert {name: weights_of(traffic) for name, traffic in environment.traffic.items()} == {
        "iris": {"1.0.0": 75, "1.1.0": 25},
        "ranker": {"1.0.0": 100},
    }
    assert environment.rollouts.services["iris"].generation == 2


def test_reading_is_pure():
    assert read("test", STACK, ROLLOUTS, PINS) == read("test", STACK, ROLLOUTS, PINS)


def test_reading_needs_no_engine_and_no_target(monkeypatch):
    # Listed, with no module of that name: reading would fail if it imported a target.
    monkeypatch.setattr(targets, "TARGETS", ("local", "moon:base"))
    elsewhere = {**STACK, "services": {"iris": {**STACK["services"]["iris"], "on": "moon:base"}}}
    assert read("test", elsewhere, ROLLOUTS, PINS).config.services["iris"].on == "moon:base"


def test_the_faults_of_all_services_are_in_one_message():
    with pytest.raises(ConfigError) as error:
        read("test", STACK, {}, {})
    assert str(error.value).splitlines() == [
        "Pulumi.test.yaml: 2 faults",
        "  services.iris.model.uri: names no version, and no rollouts file does; write models:/iris/1.0.0",
        "  services.ranker.model: models:/ranker/1.0.0 has no digest; run `modelberth pin`, or give model.digest",
    ]


def test_refusals_of_all_services_are_in_one_message():
    refused = {name: {**service, "slo": {"p95": "1s"}} for name, service in STACK["services"].items()}
    with pytest.raises(ConfigError) as error:
        run_in_process(lambda: deploy(read("test", {**STACK, "services": refused}, ROLLOUTS, PINS)) and None)
    assert str(error.value).splitlines() == [
        "Pulumi.test.yaml: 2 faults",
        "  local cannot honour",
        "    field                why                    write instead",
        "    services.iris.slo    no alarm is made here  leave it out",
        "    services.ranker.slo  no alarm is made here  leave it out",
    ]


def test_one_refusal_is_one_line():
    refused = {**STACK["services"], "ranker": {**STACK["services"]["ranker"], "slo": {"p95": "1s"}}}
    with pytest.raises(ConfigError) as error:
        run_in_process(lambda: deploy(read("test", {**STACK, "services": refused}, ROLLOUTS, PINS)) and None)
    assert str(error.value).splitlines() == [
        "Pulumi.test.yaml: 1 fault",
        "  services.ranker.slo: local cannot honour it: no alarm is made here; leave it out",
    ]


def test_nothing_is_created_where_one_service_is_refused():
    refused = {**STACK["services"], "ranker": {**STACK["services"]["ranker"], "slo": {"p95": "1s"}}}
    made = []

    def program():
        try:
            deploy(read("test", {**STACK, "services": refused}, ROLLOUTS, PINS))
        except ConfigError as error:
            made.append(str(error))

    plan = run_in_process(program)
    assert len(made) == 1
    assert plan.of_type("modelberth:index:LocalEndpoint") == ()


def over(native, **fields):
    """The endpoint's arguments with native words over them, made in a program because a foundation is a resource."""
    found = []

    def program():
        foundation = load("local").foundation("local", {}, LABELS)
        args = LocalEndpointArgs.parse(
            {"foundation": foundation, "traffic": {"stable": {"uri": "models:/iris/1.0.0", "digest": DIGEST}}, **fields}
        )
        plain = {"on": "local", "model": {"uri": "models:/iris"}, "native": native}
        found.append((args, native_over(Translation(args), Service.parse(plain)).endpoint))

    run_in_process(program)
    return found[0]


def test_native_words_add_what_the_translation_left_unset():
    before, after = over({"port": 9443, "max_body_bytes": 4096}, threads=2, memory_mib=512)
    assert (after.port, after.max_body_bytes, after.threads, after.memory_mib) == (9443, 4096, 2, 512)
    assert (after.foundation, after.traffic) == (before.foundation, before.traffic)
    assert (before.port, before.max_body_bytes) == (None, 1 << 20)


@pytest.mark.parametrize("value", [4, 2])
def test_a_native_word_never_overrides_even_with_the_same_value(value):
    with pytest.raises(ConfigError) as error:
        over({"threads": value, "memory_mib": 512, "port": 9443}, threads=2, memory_mib=512)
    assert [str(fault) for fault in error.value.faults] == [
        "native.threads: the service says it itself; write it there",
        "native.memory_mib: the service says it itself; write it there",
    ]


def test_a_service_leaves_two_words_of_a_machine_to_native():
    given = []

    def program():
        foundation = load("local").foundation("local", {}, LABELS)
        environment = read("test", STACK, ROLLOUTS, PINS)
        labels = labels_of(environment.config, "test", "iris", "iris", "1.0.0")
        service = environment.config.services["iris"]
        given.append(load("local").translate(service, environment.traffic["iris"], labels, foundation))

    run_in_process(program)
    assert LocalEndpointArgs.model_fields.keys() - given[0].endpoint.model_fields_set == {"port", "max_body_bytes"}


def test_a_foundation_that_no_service_uses_is_a_fault_beside_the_others():
    with pytest.raises(ConfigError) as error:
        read("test", {**STACK, "foundation": {"local": {}, "gcp": {}}}, ROLLOUTS, {})
    assert [fault.path for fault in error.value.faults] == [
        "foundation.gcp",
        "services.iris.model",
        "services.iris.model",
        "services.ranker.model",
    ]


def test_without_native_words_the_translation_is_as_it_was():
    before, after = over({}, threads=2)
    assert after == before
    assert after.model_fields_set == before.model_fields_set


def test_native_words_are_validated_and_all_faults_named():
    with pytest.raises(ConfigError) as error:
        over({"threads": 0, "prot": 1})
    assert [str(fault).partition(";")[0] for fault in error.value.faults] == [
        "native.threads: got 0, input should be greater than or equal to 1",
        "native.prot: no such word",
    ]


def test_native_words_reach_the_resource(plan):
    assert plan["modelberth:index:LocalEndpoint::ranker"].get("max_body_bytes") == 2048
    assert plan["modelberth:index:LocalEndpoint::iris"].get("max_body_bytes") == 1 << 20


def test_services_of_one_cloud_share_one_foundation(plan):
    assert [resource.name for resource in plan.of_type("modelberth:index:LocalFoundation")] == ["local"]
    for endpoint in plan.of_type("modelberth:index:LocalEndpoint"):
        assert endpoint.get("foundation") == "local"


def test_each_service_waits_for_its_record(plan):
    record = plan[f"{RECORD_TYPE}::iris-rollout"]
    assert (record.get("generation"), record.get("weight"), record.get("edits")) == (2, 25, "free")
    assert [found.name for found in plan.of_type(RECORD_TYPE)] == ["iris-rollout", "ranker-rollout"]
    for service in ("iris", "ranker"):
        own = plan[f"{RECORD_TYPE}::{service}-rollout"].urn
        assert own in plan[f"modelberth:index:LocalEndpoint::{service}"].dependencies
    # A child is registered when its parent is, and that when the record is: so nothing of the service comes before it.
    order = [resource.urn for resource in plan]
    servers = [plan[f"{SERVER}::iris-{version}"].urn for version in ("1.0.0", "1.1.0")]
    assert all(order.index(record.urn) < order.index(server) for server in servers)


def test_a_service_that_no_rollouts_file_names_is_recorded_at_generation_0(plan):
    inputs = plan[f"{RECORD_TYPE}::ranker-rollout"].inputs
    assert {name: value for name, value in inputs.items() if not name.startswith("__")} == {
        "service": "ranker", "edits": "free", "generation": 0, "stable": "1.0.0", "weight": 0, "mirror": 0,
    }  # fmt: skip


def test_the_stack_says_where_each_endpoint_is_and_hides_the_keys(plan):
    assert plan.outputs.keys() == {"endpoints", "api_keys"}
    assert isinstance(plan.outputs["api_keys"], Secret)
    assert plan.outputs["endpoints"]["iris"].keys() == {
        "target", "url", "protocols", "resource_id", "versions", "metrics", "traffic_control", "ca_certificate_file",
    }  # fmt: skip
    assert plan.outputs["endpoints"]["iris"]["versions"] == {"1.0.0": 75, "1.1.0": 25}


def test_the_endpoints_are_handed_back():
    made = {}

    def program():
        made.update(deploy(read("test", STACK, ROLLOUTS, PINS)))
        pulumi.export("urls", {name: endpoint.url for name, endpoint in made.items()})

    run_in_process(program)
    assert made.keys() == {"iris", "ranker"}
