"""Schedule expressions of AWS: how often, and what holds on average."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelberth_policies.bill.aws.schedule import minutes_of_week, runs_per_month, weekly_average


@pytest.mark.parametrize(
    ("expression", "runs"),
    [
        ("rate(1 hour)", 730),
        ("rate(15 minutes)", 2920),
        ("rate(1 day)", 730 / 24),
        ("cron(0 * ? * * *)", 730),
        ("cron(0 0 ? * * *)", 365 / 12),
        ("cron(0 8 1 * ? *)", 1),
        ("cron(0/15 9-17 ? * MON-FRI *)", 4 * 9 * 261 / 12),
        ("cron(0 0 1 JAN,JUL ? *)", 2 / 12),
        ("cron(0 0 ? * 1 *)", 52 / 12),
    ],
)
def test_runs_in_a_month(expression, runs):
    assert runs_per_month(expression) == pytest.approx(runs)


@pytest.mark.parametrize(
    "expression",
    [
        *("NOW", "", "cron(0 0 L * ? *)", "cron(0 0 ? * 2#1 *)", "cron(0 25 ? * * *)", "cron(* * *)", "rate(0 hours)"),
        *("cron(0 0 ? * FRI-MON *)", "cron(0/0 0 ? * * *)", "at(2026-01-01T00:00:00)", "cron(x 0 ? * * *)"),
    ],
)
def test_what_is_not_understood_is_not_guessed(expression):
    assert runs_per_month(expression) is None


@given(st.text(max_size=30) | st.from_regex(r"cron\([0-9*?/,\-A-Z ]{0,25}\)", fullmatch=True))
def test_no_text_raises(text):
    runs = runs_per_month(text)
    assert runs is None or runs >= 0
    minutes_of_week(text)


def test_an_average_weighs_by_the_hours_that_a_value_holds():
    up, down = "cron(30 6 ? * MON-FRI *)", "cron(0 19 ? * MON-FRI *)"
    assert weekly_average([(up, 4), (down, 2)], 2) == pytest.approx(2 + 2 * 12.5 * 5 / 168)


def test_an_average_of_what_is_not_understood_is_the_mean():
    assert weekly_average([("cron(0 0 L * ? *)", 6)], 2) == 4
    assert weekly_average([("cron(0 0 1 * ? *)", 6)], 2) == 4
    assert weekly_average([], 3) == 3
