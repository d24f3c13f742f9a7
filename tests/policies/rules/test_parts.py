"""An unknown part hides nothing of the others, and numbers are numbers however they are written."""

import pytest

from modelberth_policies.limits import Limits
from modelberth_policies.resources import UNKNOWN, Partial, Resource
from modelberth_policies.rules.counts import above, count, never_zero
from modelberth_policies.rules.parts import known, of_each
from modelberth_policies.subject import Subject, Undeterminable


def subject(inputs, **rest):
    return Subject(Resource("urn:pulumi:s::p::t::n", "t", "n", inputs=inputs, **rest), Limits())


def test_what_is_known_is_said_before_what_is_not():
    parts = subject({"members": ["a", UNKNOWN, "b"]}).each("members")
    said = []
    with pytest.raises(Undeterminable) as unknown:
        said.extend(of_each(parts, lambda part: said.append(part.text("")) or ()))
    assert said == ["a", "b"]
    assert unknown.value.path == "members[1]"


def test_what_another_resource_gives_is_no_word_that_rules_know():
    assert known(subject({"a": UNKNOWN}, property_dependencies={"a": ("urn:b",)}), "a") == ""
    assert known(subject({"a": Partial("x-\ue000")}, property_dependencies={"a": ("urn:b",)}), "a") == "x-\ue000"
    with pytest.raises(Undeterminable):
        known(subject({"a": UNKNOWN}), "a")


@pytest.mark.parametrize(("written", "number"), [(3, 3), (2.5, 2.5), ("10", 10), ("1e3", 1000), (0, 0)])
def test_a_number_is_read_however_it_is_written(written, number):
    assert count(subject({"a": written}), "a") == number


@pytest.mark.parametrize("junk", ["many", "", True, [], [1], {}, None, "nan", float("inf"), "9" * 400, 10**400])
def test_anything_else_is_no_number(junk):
    assert count(subject({"a": junk}), "a") is None
    assert list(above(subject({"a": junk}), "a", 20))


def test_the_bound_itself_is_allowed():
    assert list(above(subject({"a": 20}), "a", 20)) == []
    assert list(above(subject({"a": 21}), "a", 20)) == ["may grow to 21 (a); the most is 20"]
    assert list(above(subject({"a": 7}), "a", 20, times=3)) == ["may grow to 21 (3 times a); the most is 20"]


@pytest.mark.parametrize(("inputs", "is_said"), [({}, False), ({"a": 0}, False), ({"a": 1}, True), ({"a": "x"}, True)])
def test_a_minimum_above_zero_is_said(inputs, is_said):
    assert bool(list(never_zero(subject(inputs), "a"))) is is_said
