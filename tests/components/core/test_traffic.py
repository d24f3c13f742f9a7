"""The arithmetic of traffic: shares become whole percents, steps grow to 100, weights always sum to 100."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelberth.core.errors import ConfigError
from modelberth.core.rollout import AllAtOnce, BlueGreen, Canary, Linear
from modelberth.core.traffic import WHOLE, Traffic, apportion, next_weight, steps_of, versions_of, weights_of

# The same samples at every run, and no clock: other people's work may slow the machine.
STEADY = settings(derandomize=True, deadline=None)
NAMES = st.text("abcdefgh", min_size=1, max_size=3)
SHARE = st.one_of(st.just(0), st.integers(1, 10**6), st.floats(0.001, 1000))
SHARES = st.dictionaries(NAMES, SHARE, min_size=1, max_size=8).filter(lambda shares: sum(shares.values()) > 0)
WHOLE_SHARES = st.dictionaries(NAMES, st.integers(0, 10**4), min_size=1, max_size=8).filter(lambda s: any(s.values()))
TOTAL = st.integers(0, 10**4)
STRATEGIES = st.one_of(
    st.builds(AllAtOnce),
    st.builds(BlueGreen),
    st.sets(st.integers(1, 99), min_size=1, max_size=10).map(lambda steps: Canary(steps=tuple(sorted(steps)))),
    st.integers(1, 100).map(lambda step: Linear(step=step, interval=60)),
)
DIGEST = "sha256:" + "0" * 64


def traffic(**fields):
    return Traffic.parse({"stable": {"uri": "models:/m/1.0.0", "digest": DIGEST}, **fields})


CANDIDATE = {"uri": "models:/m/1.1.0", "digest": DIGEST}


@STEADY
@given(SHARES, TOTAL)
def test_parts_sum_exactly_to_the_total(shares, total):
    parts = apportion(shares, total)
    assert sum(parts.values()) == total
    assert parts.keys() == shares.keys()


@STEADY
@given(SHARES, TOTAL)
def test_a_share_of_0_stays_0_and_no_part_is_off_by_one_or_more(shares, total):
    whole = sum(shares.values())
    for name, part in apportion(shares, total).items():
        assert part == 0 if shares[name] == 0 else abs(part - shares[name] * total / whole) < 1 + 1e-6


@STEADY
@given(WHOLE_SHARES, TOTAL, st.randoms(use_true_random=False))
def test_the_order_of_the_names_does_not_matter(shares, total, random):
    names = list(shares)
    random.shuffle(names)
    assert apportion({name: shares[name] for name in names}, total) == apportion(shares, total)


@STEADY
@given(WHOLE_SHARES, TOTAL, st.sampled_from([2, 4, 256, 0.5, 0.125]))
def test_only_the_proportion_of_the_shares_matters(shares, total, factor):
    # Powers of two: a scaled share is exact, so a tie stays a tie.
    assert apportion({name: share * factor for name, share in shares.items()}, total) == apportion(shares, total)


@STEADY
@given(WHOLE_SHARES)
def test_a_larger_share_never_gets_the_smaller_part(shares):
    parts = apportion(shares)
    ranked = sorted(shares, key=lambda name: (shares[name], parts[name]))
    assert [parts[name] for name in ranked] == sorted(parts.values())


@pytest.mark.parametrize(
    ("shares", "total", "parts"),
    [
        ({"a": 1, "b": 1, "c": 1}, 100, {"a": 34, "b": 33, "c": 33}),
        ({"c": 1, "b": 1, "a": 1}, 100, {"c": 33, "b": 33, "a": 34}),
        ({"a": 0, "b": 5}, 100, {"a": 0, "b": 100}),
        ({"a": 0.5, "b": 99.5}, 100, {"a": 1, "b": 99}),
        ({"a": 1}, 0, {"a": 0}),
    ],
)
def test_known_parts(shares, total, parts):
    assert apportion(shares, total) == parts


@pytest.mark.parametrize("shares", [{}, {"a": 0}, {"a": 2, "b": -1}])
def test_impossible_shares_are_refused(shares):
    with pytest.raises(ValueError) as error:
        apportion(shares)
    assert str(error.value) == f"shares are {shares}; none may be below 0 and one must be above"


@STEADY
@given(STRATEGIES)
def test_steps_grow_to_100(strategy):
    steps = steps_of(strategy)
    assert all(earlier < later for earlier, later in itertools.pairwise(steps))
    assert steps[0] > 0
    assert steps[-1] == WHOLE


@pytest.mark.parametrize(
    ("strategy", "steps"),
    [
        (AllAtOnce(), (100,)),
        (BlueGreen(), (100,)),
        (Canary(steps=(10, 50)), (10, 50, 100)),
        (Linear(step=30, interval=1), (30, 60, 90, 100)),
        (Linear(step=50, interval=1), (50, 100)),
        (Linear(step=100, interval=1), (100,)),
    ],
)
def test_known_steps(strategy, steps):
    assert steps_of(strategy) == steps


@STEADY
@given(STRATEGIES, st.integers(0, 100))
def test_the_next_weight_always_moves_forward_until_it_is_all_there(strategy, weight):
    steps = steps_of(strategy)
    visited = [weight]
    while (following := next_weight(steps, visited[-1])) is not None:
        assert following > visited[-1]
        visited.append(following)
    assert visited[-1] == WHOLE
    assert len(visited) <= len(steps) + 1


@STEADY
@given(STRATEGIES)
def test_after_a_rollback_to_0_the_walk_begins_anew(strategy):
    steps = steps_of(strategy)
    assert next_weight(steps, 0) == steps[0]


@STEADY
@given(st.integers(0, 100), st.integers(0, 100))
def test_weights_sum_to_100_and_every_version_that_is_up_has_one(weight, mirror):
    split = traffic(candidate=CANDIDATE, weight=weight, mirror=mirror)
    assert weights_of(split) == {"1.0.0": 100 - weight, "1.1.0": weight}
    assert weights_of(split).keys() == versions_of(split).keys()
    assert sum(weights_of(split).values()) == 100


def test_a_lone_version_gets_everything():
    assert weights_of(traffic()) == {"1.0.0": 100}
    assert list(versions_of(traffic())) == ["1.0.0"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"weight": 5}, "weight is 5 and mirror 0, but there is no candidate; name one"),
        ({"mirror": 5}, "weight is 0 and mirror 5, but there is no candidate; name one"),
        (
            {"candidate": {"uri": "models:/m/1.0.0", "digest": DIGEST}},
            "stable and candidate are both 1.0.0; they must differ",
        ),
        ({"candidate": CANDIDATE, "weight": 101}, "weight: got 101, input should be less than or equal to 100"),
        ({"candidate": CANDIDATE, "weight": -1}, "weight: got -1, input should be greater than or equal to 0"),
        (
            {"candidate": {"uri": "models:/m/latest", "digest": DIGEST}},
            "candidate.version: field required",
        ),
    ],
)
def test_traffic_that_cannot_be_is_refused(fields, message):
    with pytest.raises(ConfigError) as error:
        traffic(**fields)
    assert str(error.value) == f"configuration: 1 fault\n  {message}"
