"""Which versions a service runs: what the rollouts file says, pinned by digest, or the one fault that is in the way."""

import pytest

from modelberth.core.errors import ConfigError
from modelberth.core.service import Service
from modelberth.core.traffic import versions_of, weights_of
from modelberth.stack.compose import read
from modelberth.stack.config import Pins
from modelberth.stack.rollouts import Rollouts, ServiceRollout, parse_rollouts, traffic_of

FIRST, SECOND = ("sha256:" + digit * 64 for digit in "12")
PINS = Pins(digests={"models:/iris/1.0.0": FIRST, "models:/iris/1.1.0": SECOND})


def service(uri, digest=None):
    return Service.parse({"on": "local", "model": {"uri": uri, "digest": digest}})


def faults(*arguments):
    result = traffic_of("iris", *arguments)
    assert isinstance(result, list)
    return [str(fault) for fault in result]


def test_a_version_in_the_address_gets_everything():
    traffic = traffic_of("iris", service("models:/iris/1.0.0"), None, PINS)
    assert weights_of(traffic) == {"1.0.0": 100}
    assert traffic.stable.digest == FIRST


def test_the_rollouts_file_names_both_versions_and_each_has_its_digest():
    rollout = ServiceRollout(generation=3, stable="1.0.0", candidate="1.1.0", weight=10, mirror=5)
    traffic = traffic_of("iris", service("models:/iris"), rollout, PINS)
    assert weights_of(traffic) == {"1.0.0": 90, "1.1.0": 10}
    assert traffic.mirror == 5
    assert {name: (model.uri, model.digest) for name, model in versions_of(traffic).items()} == {
        "1.0.0": ("models:/iris/1.0.0", FIRST),
        "1.1.0": ("models:/iris/1.1.0", SECOND),
    }


def test_a_digest_in_the_service_stands_before_the_pinned_one():
    assert traffic_of("iris", service("models:/iris/1.0.0", SECOND), None, PINS).stable.digest == SECOND
    assert traffic_of("iris", service("models:/iris/1.0.0", SECOND), None, Pins()).stable.digest == SECOND


@pytest.mark.parametrize(
    ("uri", "rollout", "pins", "message"),
    [
        (
            "models:/iris",
            None,
            PINS,
            "services.iris.model.uri: names no version, and no rollouts file does; write models:/iris/1.0.0",
        ),
        (
            "models:/iris/1.0.0",
            {"stable": "1.0.0"},
            PINS,
            "services.iris.model.uri: names version 1.0.0, but the rollouts file decides which versions of iris run; "
            "write models:/iris",
        ),
        (
            "models:/iris/1.2.0",
            None,
            PINS,
            "services.iris.model: models:/iris/1.2.0 has no digest; run `modelberth pin`, or give model.digest",
        ),
        (
            "models:/other",
            {"stable": "1.0.0"},
            PINS,
            "services.iris.model: models:/other/1.0.0 has no digest; run `modelberth pin`, or give model.digest",
        ),
    ],
)
def test_what_is_in_the_way(uri, rollout, pins, message):
    wanted = ServiceRollout.parse({"generation": 1, **rollout}) if rollout else None
    assert faults(service(uri), wanted, pins) == [message]


def test_each_version_without_a_digest_is_named():
    rollout = ServiceRollout(generation=1, stable="2.0.0", candidate="2.1.0")
    missing = faults(service("models:/iris"), rollout, PINS)
    assert [text.split()[1] for text in missing] == ["models:/iris/2.0.0", "models:/iris/2.1.0"]


def test_a_digest_in_the_service_is_not_taken_for_the_candidate():
    rollout = ServiceRollout(generation=1, stable="1.0.0", candidate="1.1.0")
    assert faults(service("models:/iris", FIRST), rollout, Pins()) == [
        "services.iris.model: models:/iris/1.1.0 has no digest; run `modelberth pin`, or give model.digest"
    ]


@pytest.mark.parametrize("empty", [None, {}])
def test_no_file_and_an_empty_one_are_the_same(empty):
    assert parse_rollouts(empty, "rollouts.dev.yaml", {}) == Rollouts()


ROLLOUT = {"generation": 1, "stable": "1.0.0"}
OPEN = {"on": "local", "model": {"uri": "models:/iris"}}


def message_of(rollouts):
    """What is said to a rollouts file, of an environment with a service for each name in it that is known."""
    services = {name: OPEN for name in ("iris", "lily") if name == "iris" or name in rollouts}
    with pytest.raises(ConfigError) as error:
        read("dev", {"owner": "o", "cost_centre": "c", "services": services}, rollouts, PINS.digests)
    return str(error.value)


BAD_ROLLOUTS = {
    "an unknown service": (
        {"irs": ROLLOUT, "iris": ROLLOUT},
        "rollouts.dev.yaml: 1 fault\n  irs: no such service; there are: iris; remove it",
    ),
    "no generation": (
        {"iris": {"stable": "1.0.0"}},
        "rollouts.dev.yaml: 1 fault\n  iris.generation: field required",
    ),
    "two bad fields": (
        {"iris": {"generation": 0, "stable": "1.0"}},
        "rollouts.dev.yaml: 2 faults\n  iris.generation: got 0, input should be greater than or equal to 1\n"
        "  iris.stable: '1.0' is no semantic version; write three numbers: 1.4.0",
    ),
    "a number for a version": (
        {"iris": {"generation": 1, "stable": 1.0}},
        "rollouts.dev.yaml: 1 fault\n  iris.stable: got 1.0, input should be a valid string",
    ),
    "an unknown field": (
        {"iris": {**ROLLOUT, "wieght": 5}},
        "rollouts.dev.yaml: 1 fault\n  iris.wieght: no such field; "
        "allowed: generation, stable, candidate, weight, mirror; did you mean 'weight'?",
    ),
    "more than everything": (
        {"iris": {**ROLLOUT, "candidate": "1.1.0", "weight": 101}},
        "rollouts.dev.yaml: 1 fault\n  iris.weight: got 101, input should be less than or equal to 100",
    ),
    "a weight for nobody": (
        {"iris": {**ROLLOUT, "weight": 5}},
        "rollouts.dev.yaml: 1 fault\n  iris: weight is 5 and mirror 0, but there is no candidate; name one",
    ),
    "one version twice": (
        {"iris": {**ROLLOUT, "candidate": "1.0.0"}},
        "rollouts.dev.yaml: 1 fault\n  iris: stable and candidate are both 1.0.0; they must differ",
    ),
    "a candidate without a digest": (
        {"iris": {**ROLLOUT, "candidate": "1.9.0"}},
        "Pulumi.dev.yaml: 1 fault\n  services.iris.model: models:/iris/1.9.0 has no digest; "
        "run `modelberth pin`, or give model.digest",
    ),
    "no mapping": (
        {"iris": "1.0.0"},
        "rollouts.dev.yaml: 1 fault\n  iris: input should be a valid dictionary or instance of ServiceRollout",
    ),
}


@pytest.mark.parametrize(("rollouts", "message"), BAD_ROLLOUTS.values(), ids=BAD_ROLLOUTS)
def test_a_bad_rollouts_file_is_refused_in_one_message(rollouts, message):
    assert message_of(rollouts) == message


def test_impossible_traffic_of_two_services_is_in_one_message():
    message = message_of({name: {**ROLLOUT, "weight": 5} for name in ("iris", "lily")})
    assert message.startswith("rollouts.dev.yaml: 2 faults\n")


def test_the_path_of_a_fault_is_that_in_the_rollouts_file():
    message = message_of({"iris": {"generation": 1}})
    assert message == "rollouts.dev.yaml: 1 fault\n  iris.stable: field required"
