"""Which versions a service runs: what the rollouts file says, pinned by digest, or the one fault that is in the way."""

import pytest

from modelberth.core.service import Service
from modelberth.core.traffic import versions_of, weights_of
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
