"""`@remembered` gives the same plan for the same arguments, and never that of others."""

import pytest
from plans import MOST, remembered

from modelberth_policies.resources import Plan


def counted():
    made = []

    @remembered
    def planned(*args, **named):
        made.append((args, named))
        return Plan("p", str(len(made)), ())

    return planned, made


def test_the_same_arguments_give_the_same_plan():
    planned, made = counted()
    assert planned({"a": [1, None]}, b="x") is planned({"a": [1, None]}, b="x")
    assert len(made) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [(1, 1.0), (1, True), (1, "1"), (None, "None"), ([1], (1,)), ({"a": 1}, {"a": 2}), ({1: 0}, {"1": 0}), ([], {})],
    ids=repr,
)
def test_other_arguments_give_another_plan(one, other):
    planned, _ = counted()
    assert planned(one) is not planned(other)


def test_what_cannot_be_compared_is_planned_anew():
    planned, made = counted()
    value = object()
    assert planned(value) is not planned(value)
    assert len(made) == 2


def test_old_plans_are_given_up():
    planned, made = counted()
    for number in range(MOST + 1):
        planned(number)
    planned(0)
    assert len(made) == MOST + 2
