"""Amounts as Kubernetes writes them: what is read back is what was meant."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from modelberth.kubernetes.quantities import Resources, cores, duration, mebibytes, requirements

UNITS = {"Mi": 2**20, "m": 1e-3, "": 1}

STEADY = settings(derandomize=True, deadline=None)


def amount(quantity):
    """A quantity as a number, as the API reads it."""
    unit = next(unit for unit in UNITS if quantity.endswith(unit))
    return float(quantity.removesuffix(unit)) * UNITS[unit]


@STEADY
@given(st.floats(0.001, 1e6))
def test_cores_are_right_to_half_a_thousandth(cpu):
    assert abs(amount(cores(cpu)) - cpu) <= 0.0005 + cpu * 1e-9


@STEADY
@given(st.floats(0.001, 1e6))
def test_memory_is_right_to_half_a_mebibyte(gib):
    assert abs(amount(mebibytes(gib)) / 2**20 - gib * 1024) <= 0.5


@STEADY
@given(st.floats(min_value=1e-12, max_value=1e-6))
def test_nothing_becomes_nothing(small):
    assert amount(cores(small)) > 0
    assert amount(mebibytes(small)) > 0
    assert duration(small) == "1s"


@STEADY
@given(st.integers(1, 10_000))
def test_whole_cores_have_no_unit(cpu):
    assert cores(cpu) == str(cpu)


@pytest.mark.parametrize("cpu", [0, -1, float("nan"), float("inf")])
def test_no_cores_are_refused(cpu):
    with pytest.raises(ValidationError):
        Resources(cpu=cpu, memory_gib=1)


def test_memory_is_limited_and_cores_are_not():
    assert requirements(Resources(cpu=0.5, memory_gib=2)) == {
        "requests": {"cpu": "500m", "memory": "2048Mi"},
        "limits": {"memory": "2048Mi"},
    }


def test_devices_are_asked_for_and_limited_alike():
    made = requirements(Resources(cpu=1, memory_gib=1), {"nvidia.com/gpu": 2})
    assert made["requests"]["nvidia.com/gpu"] == made["limits"]["nvidia.com/gpu"] == "2"


def test_the_disk_of_a_node_is_asked_for_and_not_limited():
    made = requirements(Resources(cpu=1, memory_gib=1), disk_gib=5)
    assert made["requests"]["ephemeral-storage"] == "5120Mi"
    assert "ephemeral-storage" not in made["limits"]
