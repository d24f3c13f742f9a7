"""Five fields of cron in AWS's six: the same minutes, and nothing that AWS would read otherwise."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelberth.aws.cron import aws_cron

LIMITS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
AWS_WEEKDAYS = {"SUN": 1, "MON": 2, "TUE": 3, "WED": 4, "THU": 5, "FRI": 6, "SAT": 7}


@st.composite
def parts(draw, low, high):
    """One item of a field, as crontab(5) has it."""
    start = draw(st.integers(low, high))
    end = draw(st.integers(start, high))
    step = draw(st.integers(1, 70))
    return draw(st.sampled_from([str(start), f"{start}-{end}", f"{start}-{end}/{step}", f"*/{step}"]))


def fields(low, high):
    return st.one_of(st.just("*"), st.lists(parts(low, high), min_size=1, max_size=4).map(",".join))


@st.composite
def crons(draw):
    minute, hour, day, month, weekday = (draw(fields(*limits)) for limits in LIMITS)
    if draw(st.booleans()):
        day = "*"
    else:
        weekday = "*"
    return f"{minute} {hour} {day} {month} {weekday}"


def values(text, low, high):
    """The numbers that a field of numbers names."""
    found = set()
    for item in text.split(","):
        span, _, step = item.partition("/")
        first, _, last = span.partition("-")
        start, end = (low, high) if first == "*" else (int(first), int(last or first))
        found |= set(range(start, end + 1, int(step or 1)))
    return found


def comes_by_cron(cron, at):
    """crontab(5), where one of the two days is `*`; Sunday is 0 and 7."""
    minute, hour, day, month, weekday = cron.split()
    return (
        at.minute in values(minute, 0, 59)
        and at.hour in values(hour, 0, 23)
        and at.day in values(day, 1, 31)
        and at.month in values(month, 1, 12)
        and at.isoweekday() % 7 in {number % 7 for number in values(weekday, 0, 6)}
    )


def comes_by_aws(expression, at):
    """AWS's description: weekdays are 1 for Sunday to 7 for Saturday, and `?` stands for no condition."""
    assert expression.startswith("cron(") and expression.endswith(")")
    minute, hour, day, month, weekday, year = expression[5:-1].split(" ")
    assert (day == "?") != (weekday == "?")
    assert year == "*"
    for word, number in AWS_WEEKDAYS.items():
        weekday = weekday.replace(word, str(number))
    fields = (
        (minute, at.minute),
        (hour, at.hour),
        (day, at.day),
        (month, at.month),
        (weekday, at.isoweekday() % 7 + 1),
    )
    return all(text in ("?", "*") or value in values(text, value, value) for text, value in fields)


def a_year_at(cron, data):
    """A leap year of days, at a time of day that the schedule has, or at any other."""
    minute, hour = cron.split()[:2]
    hours = data.draw(st.sampled_from(sorted(values(hour, 0, 23))) | st.integers(0, 23))
    minutes = data.draw(st.sampled_from(sorted(values(minute, 0, 59))) | st.integers(0, 59))
    first = datetime(2024, 1, 1, hours, minutes, tzinfo=UTC)
    return [first + timedelta(days=day) for day in range(366)]


@given(crons(), st.data())
def test_it_comes_at_the_same_minutes(cron, data):
    year = a_year_at(cron, data)
    try:
        expression = aws_cron(cron)
    except ValueError as error:
        assert "never comes" in str(error)
        assert not any(comes_by_cron(cron, at) for at in year)
    else:
        assert [at for at in year if comes_by_aws(expression, at)] == [at for at in year if comes_by_cron(cron, at)]


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("30 6 * * 1-5", "cron(30 6 ? * MON-FRI *)"),
        ("0 8 * * *", "cron(0 8 * * ? *)"),
        ("*/15 8-18 1 * *", "cron(0,15,30,45 8-18 1 * ? *)"),
        ("0 20 * * fri-sat", "cron(0 20 ? * FRI-SAT *)"),
        ("0 20 * * 5-7", "cron(0 20 ? * SUN,FRI-SAT *)"),
        ("0 20 * * 0", "cron(0 20 ? * SUN *)"),
        ("0 20 * * 7", "cron(0 20 ? * SUN *)"),
        ("0 0 * jan-mar,12 *", "cron(0 0 * 1-3,12 ? *)"),
        ("0 0 * * 0-7", "cron(0 0 ? * * *)"),
        ("0 0 29 2 *", "cron(0 0 29 2 ? *)"),
    ],
)
def test_it_is_written_as_aws_reads_it(cron, expected):
    assert aws_cron(cron) == expected


@pytest.mark.parametrize(
    ("cron", "message"),
    [
        ("0 8 * *", "the schedule '0 8 * *' has 4 fields; write five: minute, hour, day of month, month, day of week"),
        ("@daily", "the schedule '@daily' has 1 fields; write five: minute, hour, day of month, month, day of week"),
        ("60 * * * *", "minute is '60'; allowed are 0 to 59, *, ranges a-b, steps */n, and lists of these"),
        ("0 24 * * *", "hour is '24'; allowed are 0 to 23, *, ranges a-b, steps */n, and lists of these"),
        ("0 0 0 * *", "day of month is '0'; allowed are 1 to 31, *, ranges a-b, steps */n, and lists of these"),
        ("0 0 L * *", "day of month is 'L'; allowed are 1 to 31, *, ranges a-b, steps */n, and lists of these"),
        ("0 0 ? * 1", "day of month is '?'; allowed are 1 to 31, *, ranges a-b, steps */n, and lists of these"),
        (
            "0 0 * 13 *",
            "month is '13'; allowed are 1 to 12 or JAN to DEC, *, ranges a-b, steps */n, and lists of these",
        ),
        (
            "0 0 * * 1#2",
            "day of week is '1#2'; allowed are 0 to 7 or SUN to SAT, *, ranges a-b, steps */n, and lists of these",
        ),
        ("5/15 * * * *", "minute is '5/15'; allowed are 0 to 59, *, ranges a-b, steps */n, and lists of these"),
        ("*/0 * * * *", "minute is '*/0'; allowed are 0 to 59, *, ranges a-b, steps */n, and lists of these"),
        ("0 , * * *", "hour is ','; allowed are 0 to 23, *, ranges a-b, steps */n, and lists of these"),
        ("0 18-8 * * *", "hour is '18-8', and 18-8 ends before it begins; write two ranges"),
        (
            "0 0 1 * 1",
            "the schedule '0 0 1 * 1' has a day of month and a day of week; AWS takes one, write two entries",
        ),
        (
            "0 0 1-31 * 1",
            "the schedule '0 0 1-31 * 1' has a day of month and a day of week; AWS takes one, write two entries",
        ),
        ("0 0 31 2,4 *", "the schedule '0 0 31 2,4 *' never comes: no such month has a day 31"),
    ],
)
def test_what_aws_cannot_say_is_refused(cron, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        aws_cron(cron)
