"""When a schedule comes: what is no schedule, and how far its starts are from one another."""

import math
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelberth.aws.sagemaker.batch.expression import Gaps, gaps

HOUR, DAY = 3600, 86400


@pytest.mark.parametrize(
    ("expression", "shortest", "longest"),
    [
        ("rate(1 hour)", HOUR, HOUR),
        ("rate(90 minutes)", 5400, 5400),
        ("rate(2 days)", 2 * DAY, 2 * DAY),
        ("cron(30 2 * * ? *)", DAY, DAY),
        ("cron(0/15 * * * ? *)", 900, 900),
        ("cron(0 8-10 ? * MON-FRI *)", HOUR, 3 * DAY - 2 * HOUR),
        ("cron(0 2 ? * 1 *)", 7 * DAY, 7 * DAY),
        ("cron(0 2 ? * L *)", 7 * DAY, 7 * DAY),
        ("cron(0 2 ? * SUN,TUE *)", 2 * DAY, 5 * DAY),
        ("cron(0 2 1 * ? *)", 28 * DAY, 31 * DAY),
        ("cron(0 2 1,15 * ? *)", 14 * DAY, 17 * DAY),
        ("cron(0 2 ? JAN * *)", DAY, 335 * DAY + DAY),
        ("cron(0 0 29 2 ? *)", 1461 * DAY, 1461 * DAY),
        ("cron(0 2 * * ? 2027)", DAY, math.inf),
        ("cron(0 2 L * ? *)", 26 * DAY, math.inf),
        ("cron(0 2 15W * ? *)", 26 * DAY, math.inf),
        ("cron(0 2,14 ? * 6L *)", 12 * HOUR, math.inf),
        ("cron(0 2 ? * MON#1 *)", 26 * DAY, math.inf),
    ],
)
def test_gaps(expression, shortest, longest):
    assert gaps(expression) == Gaps(shortest, longest)


minutes = st.sets(st.integers(0, 59), min_size=1, max_size=3)
hours = st.sets(st.integers(0, 23), min_size=1, max_size=3)
weekdays = st.sets(st.integers(1, 7), min_size=1, max_size=4)


@given(minutes, hours, weekdays)
def test_a_weekly_schedule_comes_as_the_calendar_says(some_minutes, some_hours, some_days):
    listed = [",".join(map(str, sorted(values))) for values in (some_minutes, some_hours, some_days)]
    monday = datetime(2026, 11, 23)
    starts = [
        monday + timedelta(days=day, hours=hour, minutes=minute)
        for day in range(28)
        for hour in sorted(some_hours)
        for minute in sorted(some_minutes)
        # Sunday is 1 in AWS, Monday 0 in Python.
        if ((monday + timedelta(days=day)).weekday() + 1) % 7 + 1 in some_days
    ]
    apart = [(after - before).total_seconds() for before, after in pairwise(starts)]
    assert gaps(f"cron({listed[0]} {listed[1]} ? * {listed[2]} *)") == Gaps(min(apart), max(apart))


FAULTS = {
    "0 2 * * *": "'0 2 * * *' is neither cron(…) nor rate(…); write cron(0 2 * * ? *)",
    "nightly": "'nightly' is neither cron(…) nor rate(…); write for example cron(30 2 * * ? *)",
    "at(2026-11-21T02:30:00)": "'at(2026-11-21T02:30:00)' comes once; write cron(…) or rate(…)",
    "rate(1 hours)": "'rate(1 hours)' is no rate; write rate(1 hour)",
    "rate(6 hour)": "'rate(6 hour)' is no rate; write rate(6 hours)",
    "rate(0 hours)": "'rate(0 hours)' is no rate; write for example rate(6 hours): minutes, hours or days",
    "rate(2 weeks)": "'rate(2 weeks)' is no rate; write for example rate(6 hours): minutes, hours or days",
    "cron(0 2 * * ?)": (
        "'cron(0 2 * * ?)' has 5 fields; write six: minute, hour, day of month, month, day of week, year"
    ),
    "cron(0 2 * * * *)": (
        "'cron(0 2 * * * *)': of day of month and day of week exactly one is ?; write ? for one of them"
    ),
    "cron(0 2 ? * ? *)": (
        "'cron(0 2 ? * ? *)': of day of month and day of week exactly one is ?; write ? for one of them"
    ),
    "cron(60 2 * * ? *)": "minute is '60'; allowed are 0 to 59, *, ranges a-b, steps a/n, and lists of these",
    "cron(? 2 * * ? *)": "minute is '?'; allowed are 0 to 59, *, ranges a-b, steps a/n, and lists of these",
    "cron(0 2 * JANUARY ? *)": (
        "month is 'JANUARY'; allowed are 1 to 12 or JAN to DEC, *, ranges a-b, steps a/n, and lists of these"
    ),
    "cron(0 2 ? * 0 *)": (
        "day of week is '0'; allowed are 1 to 7 or SUN to SAT, *, ranges a-b, steps a/n, and lists of these, ?, L, "
        "1L to 7L, 1#1 to 7#5"
    ),
    "cron(0 2 32W * ? *)": (
        "day of month is '32W'; allowed are 1 to 31, *, ranges a-b, steps a/n, and lists of these, ?, L, LW, 1W to 31W"
    ),
    "cron(0 2 ? * FRI-MON *)": "day of week is 'FRI-MON', and FRI-MON ends before it begins; write two ranges",
    "cron(0 2 30 2 ? *)": "'cron(0 2 30 2 ? *)' never comes: no such month has such a day",
}


@pytest.mark.parametrize("expression", FAULTS)
def test_what_is_no_schedule_is_refused(expression):
    with pytest.raises(ValueError) as error:
        gaps(expression)
    assert str(error.value) == FAULTS[expression]
