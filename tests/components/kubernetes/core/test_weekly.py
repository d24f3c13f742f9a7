"""Windows between times of the week: what KEDA makes of them is what "from then on" means."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelberth.kubernetes.weekly import DAY_MINUTES, in_turn, normal, parse

WEEK = 7 * DAY_MINUTES

STEADY = settings(derandomize=True, deadline=None)


def coming(times, now):
    """Minutes until the next of some times after now."""
    return min((time - now - 1) % WEEK + 1 for time in times)


def open_in_keda(start, end, now):
    """As pkg/scalers/cron_scaler.go of KEDA 2.18 decides it: the end comes sooner than the next start."""
    return coming(parse(end), now) < coming(parse(start), now)


def last(crons, now):
    """The entry that came last."""
    return min(range(len(crons)), key=lambda index: min((now - time) % WEEK for time in parse(crons[index])))


days = st.sampled_from(["*", "1-5", "0", "6,7", "MON,WED", "*/2"])
time_of_day = st.tuples(st.integers(0, 59), st.integers(0, 23))


@st.composite
def schedules(draw):
    several = draw(st.lists(st.tuples(time_of_day, days), min_size=2, max_size=4))
    same = draw(st.booleans())
    return [f"{minute} {hour} * * {several[0][1] if same else day}" for (minute, hour), day in several]


@STEADY
@given(schedules(), st.lists(st.integers(0, WEEK - 1), min_size=1, max_size=20))
def test_in_a_schedule_that_comes_in_turn_keda_opens_the_window_of_the_entry_that_came_last(crons, moments):
    order = in_turn(crons)
    if order is None:
        return
    for now in moments:
        opened = [
            index
            for place, index in enumerate(order)
            if open_in_keda(crons[index], crons[order[(place + 1) % len(order)]], now)
        ]
        assert opened == [last(crons, now)]


@STEADY
@given(time_of_day, time_of_day, days)
def test_two_times_on_the_same_days_come_in_turn(one, other, day):
    crons = [f"{minute} {hour} * * {day}" for minute, hour in (one, other)]
    assert (in_turn(crons) is None) == (one == other)


def test_the_order_is_that_of_the_week_and_not_of_the_list():
    assert in_turn(["0 20 * * *", "0 6 * * *"]) == [1, 0]


@pytest.mark.parametrize(
    "crons",
    [
        [],
        ["0 6 * * *", "0 6 * * *"],
        ["0 6 * * 1-5", "0 20 * * *"],
        ["0 6,12 * * *", "0 20 * * *"],
        ["0 6 * * *", "0 20 * * *", "0 6 * * 1"],
        ["* * * * *", "0 20 * * *"],
    ],
)
def test_what_does_not_come_in_turn_has_no_order(crons):
    assert in_turn(crons) is None


def test_one_of_these_would_be_open_at_the_wrong_time():
    weekdays, daily = "0 6 * * 1-5", "0 20 * * *"
    saturday_noon = 6 * DAY_MINUTES + 12 * 60
    assert last([weekdays, daily], saturday_noon) == 1
    assert open_in_keda(weekdays, daily, saturday_noon)


@STEADY
@given(st.integers(0, 59), st.integers(0, 23), days)
def test_written_anew_a_schedule_is_the_same(minute, hour, day):
    cron = f"{minute} {hour} * * {day}"
    assert parse(normal(cron)) == parse(cron)
    assert "7" not in normal(cron).split()[4]


@pytest.mark.parametrize(
    ("cron", "message"),
    [
        ("", "the schedule '' has 0 fields; write five: minute, hour, *, *, day of week"),
        ("0 6 1 * *", "the schedule '0 6 1 * *' names a day of the month or a month; windows come weekly, write *"),
        ("60 6 * * *", "minute is '60'; allowed are 0 to 59, *, ranges a-b, steps */n, and lists of these"),
        ("0 6 * * FUN",
         "day of week is 'FUN'; allowed are 0 to 7 or SUN to SAT, *, ranges a-b, steps */n, and lists of these"),
        ("5-1 6 * * *", "minute is '5-1'; allowed are 0 to 59, *, ranges a-b, steps */n, and lists of these"),
        ("5/2 6 * * *", "minute is '5/2'; allowed are 0 to 59, *, ranges a-b, steps */n, and lists of these"),
        ("0 ²3 * * *", "hour is '²3'; allowed are 0 to 23, *, ranges a-b, steps */n, and lists of these"),
    ],
)  # fmt: skip
def test_what_is_no_schedule_is_refused(cron, message):
    with pytest.raises(ValueError) as error:
        parse(cron)
    assert str(error.value) == message
