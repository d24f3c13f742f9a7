"""Ranges and bills add up, for any numbers."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelberth_policies.bill import UNBOUNDED, Bill, Line, Range
from modelberth_policies.bill.model import total
from modelberth_policies.prices import Price

AMOUNT = st.floats(0, 1e9, allow_nan=False)
RANGE = st.builds(lambda *parts: Range(*sorted(parts)), AMOUNT, AMOUNT, AMOUNT | st.just(UNBOUNDED))
LINE = st.builds(
    lambda service, product, quantity, usd: Line(
        "urn", service, product, "it", Price(usd, "hour", "it", "here", "a list", "2026"), quantity, ""
    ),
    st.sampled_from("ab"),
    st.sampled_from("xy"),
    RANGE,
    st.floats(1e-9, 1e3),
)


@given(RANGE, RANGE)
def test_a_sum_and_a_product_still_go_upwards(one, other):
    for made in (one + other, one * other, one * 0.5):
        assert made.low <= made.expected <= made.worst


@given(RANGE)
def test_what_has_no_limit_keeps_none(one):
    endless = Range(0, 1, UNBOUNDED)
    assert (one + endless).unbounded
    assert (one * endless).unbounded == (one.worst > 0)


@given(st.lists(LINE))
def test_services_and_products_each_add_up_to_the_total(lines):
    bill = Bill("s", "prod", tuple(lines))
    for shares in (bill.by_service(), bill.by_product()):
        for index in range(3):
            parts = [share.triple[index] for share in shares.values()]
            assert math.fsum(parts) == pytest.approx(bill.total.triple[index])
    assert total(reversed(lines)) == bill.total


def test_no_limit_shows_as_a_word_and_never_as_a_number():
    endless = Range(0.0, 1.5, UNBOUNDED)
    assert str(endless) == "0.00 to 1.50 to unbounded"
    assert json.loads(json.dumps(endless.plain(), allow_nan=False))["worst"] == "unbounded"


def test_a_range_that_goes_down_is_refused():
    with pytest.raises(ValueError, match="goes upwards from 0; got 2, 1, 3"):
        Range(2, 1, 3)
    with pytest.raises(ValueError, match="goes upwards"):
        Range(-1, 1, 3)


def test_an_empty_bill_costs_nothing():
    assert Bill("s", "prod").total.triple == (0, 0, 0)
