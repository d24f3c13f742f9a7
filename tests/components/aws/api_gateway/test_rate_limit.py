"""How fast callers may be: usage plans, the limit of all together, the firewall's count of one address."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelberth.aws.api_gateway.callers import Callers, Plan
from modelberth.aws.api_gateway.rate_limit import (
    LEAST_PER_WINDOW,
    WINDOW_SECONDS,
    burst_of,
    per_second,
    plans_of,
    usage,
    window_limit,
)

STEADY = settings(derandomize=True, deadline=None)
NAMES = st.lists(st.sampled_from(["web", "batch", "mobile", "audit", "fair"]), min_size=1, unique=True)


def test_a_plan_in_the_providers_words():
    plan = Plan.parse({"rate": {"per_key": "100/s", "burst": 200}, "quota": {"requests": 10_000, "per": "day"}})
    assert usage(plan) == {
        "throttle_settings": {"rate_limit": 100.0, "burst_limit": 200},
        "quota_settings": {"limit": 10_000, "period": "DAY"},
    }


def test_what_a_plan_leaves_out_is_not_limited():
    assert usage(Plan()) == {"throttle_settings": None, "quota_settings": None}


@STEADY
@given(NAMES, NAMES)
def test_every_caller_is_in_exactly_one_plan(keys, own):
    plans = {name: {"quota": {"requests": 1, "per": "month"}} for name in own if name in keys}
    made = plans_of(Callers.parse({"keys": keys, "plans": plans}))
    clients = [client for _, members in made.values() for client in members]
    assert sorted(clients) == sorted(keys)
    assert all(members for _, members in made.values()), "a plan without a key limits nobody"


def test_callers_share_a_plan_unless_one_is_their_own():
    own = {"rate": {"per_key": 1, "burst": 1}}
    made = plans_of(Callers.parse({"keys": ["web", "batch", "fair"], "plans": {"fair": own}}))
    assert {role: clients for role, (_, clients) in made.items()} == {"": ("web", "batch"), "fair": ("fair",)}


@STEADY
@given(st.floats(min_value=1e-3, max_value=1e6))
def test_the_firewalls_window_holds_the_rate_and_its_own_least(rate):
    limit = window_limit(rate)
    assert limit >= LEAST_PER_WINDOW
    assert limit >= rate * WINDOW_SECONDS
    assert limit == LEAST_PER_WINDOW or limit - 1 < rate * WINDOW_SECONDS


@STEADY
@given(st.floats(min_value=1e-3, max_value=1e6))
def test_a_burst_is_what_comes_in_a_second_and_never_nothing(rate):
    assert burst_of(rate) == max(1, math.ceil(rate))


@pytest.mark.parametrize(("rate", "text"), [(100.0, "100/s"), (0.5, "0.5/s"), (1 / 6, "0.166667/s")])
def test_a_rate_is_written_as_people_write_it(rate, text):
    assert per_second(rate) == text
