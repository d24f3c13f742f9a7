"""Names: KServe and Knative append to them, and a label's value ends at 63 characters."""

import pytest
from components.kubernetes.kserve.samples import BOTH, KNATIVE, LEAST, STEP, faults, objects

LONG = "a-service-with-a-name-of-forty-characters"


@pytest.mark.parametrize(
    ("given", "name", "message"),
    [
        (
            LEAST,
            LONG + "-and-more",
            "name: KServe makes isvc.a-service-with-a-name-of-forty-characters-and-more--1-4-0-predictor of it, "
            "with 72 characters; at most 63 are allowed; shorten it by 9",
        ),
        (
            {**LEAST, "mode": KNATIVE},
            LONG,
            "name: KServe makes a-service-with-a-name-of-forty-characters-knative-predictor-00001-private of it, "
            "with 73 characters; at most 63 are allowed; shorten it by 10",
        ),
        (LEAST, "3d", "name: begins with a digit, and KServe wants a letter; put one before it"),
    ],
)
def test_a_name_that_kserve_could_not_carry_is_refused(given, name, message):
    assert faults(lambda: objects(given, name)) == [message]


def test_a_transformer_leaves_less_room_for_the_name():
    name = "a" * 40
    assert faults(lambda: objects({**LEAST, "traffic": BOTH}, name)) == []
    [fault] = faults(lambda: objects({**LEAST, "traffic": BOTH, "transformer": STEP}, name))
    assert fault.endswith("with 64 characters; at most 63 are allowed; shorten it by 1")
