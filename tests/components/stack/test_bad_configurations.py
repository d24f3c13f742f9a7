"""Bad configurations of an environment: each is refused with one message that says where, what and how to mend it."""

import pytest

from modelberth.core.errors import ModelberthError
from modelberth.stack.compose import deploy, read
from modelberth.stack.targets import TARGETS
from modelberth_policies.sources.program import run_in_process

DIGEST = "sha256:" + "a" * 64
SERVICE = {"on": "local", "model": {"uri": "models:/iris/1.0.0", "digest": DIGEST}}
STACK = {"owner": "platform", "cost_centre": "0000", "services": {"iris": SERVICE}}
OPEN = {"model": {"uri": "models:/iris"}}
PINS = {"models:/iris/1.0.0": DIGEST, "models:/iris/1.1.0": DIGEST}
ROLLOUT = {"generation": 1, "stable": "1.0.0"}

HEAD = "Pulumi.dev.yaml: 1 fault\n  "
AT = f"{HEAD}modelberth:stack.services.iris."
THERE = ", ".join(TARGETS)
LOCAL = f"{HEAD}services.iris."
NO_NAME = "that are no name; write lower-case letters, digits and single hyphens, a letter first, 40 characters at most"
STACK_FIELDS = "profile, edits, owner, cost_centre, foundation, services"
SERVICE_FIELDS = "on, model, runtime, size, scale, rollout, access, slo, data, native"


def stack(**fields):
    return {**STACK, **fields}


def iris(**fields):
    return {**STACK, "services": {"iris": {**SERVICE, **fields}}}


def message_of(given, rollouts=None, pins=None):
    """What a program says to these files, whichever step refuses them."""
    with pytest.raises(ModelberthError) as error:
        run_in_process(lambda: deploy(read("dev", given, rollouts or {}, pins or {})) and None)
    return str(error.value)


def test_the_good_configuration_of_these_tests_is_good():
    environment = read("dev", STACK, {}, {})
    assert environment.config.profile == "dev"
    assert len(run_in_process(lambda: deploy(environment) and None)) > 0


BAD_STACKS = {
    "none at all": (None, f"{HEAD}modelberth:stack: is missing; write it; see docs/how-to/environments.md"),
    "no mapping": ("iris", f"{HEAD}modelberth:stack: input should be a valid dictionary or instance of StackConfig"),
    "nothing required": (
        {},
        "Pulumi.dev.yaml: 3 faults\n  modelberth:stack.owner: field required\n"
        "  modelberth:stack.cost_centre: field required\n  modelberth:stack.services: field required",
    ),
    "unknown field": (
        stack(ownr="x"),
        f"{HEAD}modelberth:stack.ownr: no such field; allowed: {STACK_FIELDS}; did you mean 'owner'?",
    ),
    "unknown profile": (
        stack(profile="prd"),
        f"{HEAD}profile: got 'prd'; allowed: dev, staging, prod; did you mean 'prod'?",
    ),
    "unknown way of editing": (stack(edits="x"), f"{HEAD}modelberth:stack.edits: input should be 'numbered' or 'free'"),
    "a number for a team": (
        stack(cost_centre=0), f"{HEAD}modelberth:stack.cost_centre: got 0, input should be a valid string"
    ),
    "no service": (
        stack(services={}),
        f"{HEAD}modelberth:stack.services: dictionary should have at least 1 item after validation, not 0",
    ),
    "a list of services": (
        stack(services=[SERVICE]), f"{HEAD}modelberth:stack.services: input should be a valid dictionary"
    ),
    "a name with capitals": (
        stack(services={"Iris": SERVICE}),
        f"{HEAD}modelberth:stack.services.Iris.[key]: got 4 characters {NO_NAME}",
    ),
    "a bad foundation": (
        stack(foundation={"local": 3}),
        f"{HEAD}modelberth:stack.foundation.local: got 3, input should be a valid dictionary",
    ),
    "unknown field of a service": (
        iris(scael={}), f"{AT}scael: no such field; allowed: {SERVICE_FIELDS}; did you mean 'scale'?"
    ),
    "unknown field deep down": (
        iris(scale={"mni": 1}), f"{AT}scale.mni: no such field; allowed: min, max, on, schedule; did you mean 'min'?"
    ),
    "no model": (stack(services={"iris": {"on": "local"}}), f"{AT}model: field required"),
    "no digest in the field for one": (
        iris(model={"uri": "models:/iris/1.0.0", "digest": "abc"}),
        f"{AT}model.digest: not a digest; write sha256: and 64 hexadecimal digits, or run `modelberth pin`",
    ),
    "a caller without a name": (iris(access={"keys": ["a b"]}), f"{AT}access.keys.0: got 3 characters {NO_NAME}"),
    "a rate without a unit": (
        iris(access={"rate": {"per_key": "100", "burst": 1}}),
        f"{AT}access.rate.per_key: not an amount with one of the units /s, /m, /h; write for example '100/s'",
    ),
    "an instance without memory": (
        iris(size={"memory_gib": 0}), f"{AT}size.memory_gib: got 0, input should be greater than 0"
    ),
    "a fractional count": (
        iris(scale={"min": 1.5}),
        f"{AT}scale.min: got 1.5, input should be a valid integer, got a number with a fractional part",
    ),
    "two strategies": (
        iris(rollout={"canary": {"steps": [10]}, "rolling": {}}),
        f"{AT}rollout: got canary and rolling; a service has one strategy",
    ),
    "an unknown classification": (
        iris(data={"classification": "hush"}),
        f"{AT}data.classification: input should be 'public', 'internal', 'confidential' or 'restricted'",
    ),
    "an s3 address": (
        iris(model={"uri": "s3://bucket/iris"}),
        f"{LOCAL}model.uri: no address in a registry; write models:/<name>/<version>",
    ),
    "an alias for a version": (
        iris(model={"uri": "models:/iris/latest"}),
        f"{LOCAL}model.uri: 'latest' is no semantic version; write three numbers: models:/iris/1.4.0",
    ),
    "no version anywhere": (
        iris(**OPEN),
        f"{LOCAL}model.uri: names no version, and no rollouts file does; write models:/iris/1.0.0",
    ),
    "no digest anywhere": (
        iris(model={"uri": "models:/iris/1.0.0"}),
        f"{LOCAL}model: models:/iris/1.0.0 has no digest; run `modelberth pin`, or give model.digest",
    ),
    "unknown target": (iris(on="gcp:cloud-run"), f"{LOCAL}on: 'gcp:cloud-run' is no target; there are: {THERE}"),
    "a target's unknown kind": (iris(on="local:fast"), f"{LOCAL}on: 'local:fast' is no target; there are: {THERE}"),
    "a module for a target": (iris(on="local.gateway"), f"{LOCAL}on: 'local.gateway' is no target; there are: {THERE}"),
    "a field that the target refuses": (
        iris(scale={"max": 2}),
        f"{LOCAL}scale.max: local cannot honour it: got 2; a version runs as one process here; write 1",
    ),
    "an unknown native word": (
        iris(native={"prot": 8443}),
        f"{LOCAL}native.prot: no such word; allowed: port, max_body_bytes; did you mean 'port'?",
    ),
    "a native word that the service says": (
        iris(native={"threads": 4, "port": 9443, "labels": {}}),
        "Pulumi.dev.yaml: 2 faults\n  services.iris.native.threads: the service says it itself; write it there\n"
        "  services.iris.native.labels: the service says it itself; write it there",
    ),
    "a native word for what it does not say": (
        iris(native={"jwt": {"issuer": "i", "audiences": ["a"], "jwks": "/k"}}),
        f"{LOCAL}native.jwt: the service says it itself; write it there",
    ),
    "a native word past the rollouts file": (
        iris(native={"traffic": {"stable": {"uri": "models:/iris/9.9.9", "digest": DIGEST}}}),
        f"{LOCAL}native.traffic: the service says it itself; write it there",
    ),
    "a foundation that no service uses": (
        stack(foundation={"aws": {"region": "eu-west-1"}}),
        f"{HEAD}foundation.aws: no service is on it; the services are on local; remove it",
    ),
    "a bad native value": (
        iris(native={"port": 80}),
        f"{LOCAL}native.port: got 80, input should be greater than or equal to 1024",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("given", "message"), BAD_STACKS.values(), ids=BAD_STACKS)
def test_a_bad_stack_is_refused_in_one_message(given, message):
    assert message_of(given) == message


def test_a_version_is_named_in_one_place_only():
    assert message_of(STACK, {"iris": ROLLOUT}) == (
        f"{LOCAL}model.uri: names version 1.0.0, but the rollouts file decides which versions of iris run; "
        "write models:/iris"
    )


def test_a_bad_pin_is_refused():
    assert message_of(STACK, {}, {"models:/iris/1.0.0": "latest"}) == (
        "pins.dev.yaml: 1 fault\n  models:/iris/1.0.0: not a digest; "
        "write sha256: and 64 hexadecimal digits, or run `modelberth pin`"
    )


def test_all_faults_of_a_file_stand_in_one_message():
    given = {
        "edits": "maybe",
        "owner": "o",
        "ownr": "p",
        "cost_centre": "c",
        "foundation": {"local": 3},
        "services": {
            "iris": {**SERVICE, "size": {"cpu": 0}, "access": {"keys": ["a b"]}},
            "ranker": {"on": "local", "model": {}, "slo": {"p95": "soon"}},
        },
    }
    assert message_of(given).splitlines() == [
        "Pulumi.dev.yaml: 7 faults",
        "  modelberth:stack.edits: input should be 'numbered' or 'free'",
        "  modelberth:stack.foundation.local: got 3, input should be a valid dictionary",
        "  modelberth:stack.services.iris.size.cpu: got 0, input should be greater than 0",
        f"  modelberth:stack.services.iris.access.keys.0: got 3 characters {NO_NAME}",
        "  modelberth:stack.services.ranker.model.uri: field required",
        "  modelberth:stack.services.ranker.slo.p95: not an amount with one of the units ms, s, m, h, d; "
        "write for example '200ms'",
        "  modelberth:stack.ownr: no such field; allowed: profile, edits, owner, cost_centre, foundation, services; "
        "did you mean 'owner'?",
    ]


def test_a_secret_in_the_wrong_place_is_not_repeated():
    secret = "hunter2-hunter2"
    everywhere = dict.fromkeys(("edits", "foundation"), secret) | {
        "owner": 1,
        "cost_centre": [secret],
        "services": {"iris": dict.fromkeys(SERVICE_FIELDS.split(", "), secret)},
    }
    assert secret not in message_of(everywhere)


@pytest.mark.parametrize(
    "fields",
    [{"on": "nowhere"}, {"model": {"uri": "s3://x"}}, {"native": {"prot": 1}}, {"runtime": "none"}],
    ids=["on", "model.uri", "native", "runtime"],
)
def test_each_fault_of_each_service_is_in_the_one_message_with_its_path(fields):
    given = stack(services={"one": {**SERVICE, **fields}, "two": {**SERVICE, **fields}})
    message = message_of(given)
    assert message.startswith("Pulumi.dev.yaml: 2 faults\n")
    assert "services.one." in message and "services.two." in message
