"""Schedule and run fit together: no run meets the next one, and silence is heard where an alarm can hear it."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from modelberth.aws.sagemaker.batch.timing import (
    ASKING_SECONDS,
    FULL,
    LATE_SECONDS,
    SHORTEST_TIMEOUT_SECONDS,
    THROTTLED,
    Run,
    Schedule,
    Timing,
    timing,
)

HOUR = 3600
NIGHTLY = Schedule(expression="cron(30 2 * * ? *)")


def test_a_job_gets_what_fits_between_two_starts_and_half_a_day_at_most():
    assert timing(NIGHTLY, Run()).timeout == (24 * HOUR - 2040) / 2
    assert timing(NIGHTLY, Run(restarts=0)).timeout == 12 * HOUR
    assert timing(Schedule(expression="rate(1 hour)"), Run()).timeout == 780


def test_a_run_may_take_all_its_tries():
    assert timing(NIGHTLY, Run(timeout=HOUR, restarts=2)) == Timing(HOUR, 3 * HOUR + 3 * 660 + 2 * 300 + 120, 100200)


def test_asking_for_a_job_again_takes_no_longer_than_is_counted():
    waited = sum(
        retry["IntervalSeconds"] * retry["BackoffRate"] ** attempt
        for retry in (THROTTLED, FULL)
        for attempt in range(retry["MaxAttempts"])
    )
    assert waited == 605 < ASKING_SECONDS


@given(
    st.integers(1, 400).map(lambda hours: f"rate({hours} hour{'s' if hours > 1 else ''})"),
    st.integers(0, 5),
    st.none() | st.integers(SHORTEST_TIMEOUT_SECONDS, 100_000),
    st.none() | st.integers(1, 1440),
)
def test_no_run_meets_the_next_one(rate, restarts, timeout, window):
    schedule = Schedule(expression=rate, flexible_window_minutes=window)
    try:
        found = timing(schedule, Run(restarts=restarts, timeout=timeout))
    except ValueError:
        assume(False)
    apart = HOUR * int(rate.split()[0].removeprefix("rate("))
    assert found.timeout >= SHORTEST_TIMEOUT_SECONDS
    assert found.timeout * (restarts + 1) < found.execution
    assert 60 * (window or 0) + LATE_SECONDS + found.execution <= apart
    assert found.silence is None or apart < found.silence < 7 * 24 * HOUR


@pytest.mark.parametrize(
    ("schedule", "silence"),
    [
        ({"expression": "rate(6 hours)"}, 43200),
        ({"expression": "rate(7 days)"}, None),
        ({"expression": "cron(0 2 L * ? *)"}, None),
        ({"expression": "cron(0 2 * * ? 2027)"}, None),
        ({"expression": "cron(30 2 * * ? *)", "enabled": False}, None),
    ],
)
def test_silence_is_a_fault_where_a_run_is_due_within_a_week(schedule, silence):
    assert timing(Schedule(**schedule), Run()).silence == silence


def test_summer_time_takes_an_hour_from_a_gap_and_gives_one_back():
    utc = timing(NIGHTLY, Run(timeout=HOUR))
    berlin = timing(NIGHTLY.model_copy(update={"time_zone": "Europe/Berlin"}), Run(timeout=HOUR))
    assert berlin.silence == utc.silence + HOUR
    daily = {"expression": "cron(30 2 * * ? *)"}
    fits = timing(Schedule(**daily), Run(timeout=43200 - 1020)).execution
    assert fits == 86400 - LATE_SECONDS
    with pytest.raises(ValueError, match="starts runs 82800 s apart"):
        timing(Schedule(**daily, time_zone="Europe/Berlin"), Run(timeout=43200 - 1020))


@pytest.mark.parametrize(
    ("schedule", "run", "said"),
    [
        (
            {"expression": "rate(5 minutes)"}, {},
            ("rate(5 minutes)", 300, 1, 3240),
        ),
        (
            {"expression": "rate(1 hour)"}, {"timeout": "1h", "restarts": 0},
            ("rate(1 hour)", 3600, 0, 4680),
        ),
        (
            {"expression": "rate(1 hour)", "flexible_window_minutes": 45}, {"restarts": 0},
            ("rate(1 hour)", 3600, 0, 4380),
        ),
    ],
)  # fmt: skip
def test_runs_that_would_meet_are_refused(schedule, run, said):
    rate, apart, restarts, end = said
    with pytest.raises(ValueError) as error:
        timing(Schedule(**schedule), Run(**run))
    assert str(error.value) == (
        f"schedule: {rate} starts runs {apart} s apart, and with its restarts ({restarts}) one may end {end} s after "
        "its time, when the next is under way; start less often, or lower run.timeout, run.restarts or the flexible "
        "window"
    )
