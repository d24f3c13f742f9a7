"""When runs start, how long one may take, and how both fit together: no run meets the next, and silence is heard."""

import math
from typing import Annotated, NamedTuple
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field

from modelberth.aws.monitoring import LONGEST_WINDOW_SECONDS
from modelberth.aws.sagemaker.batch.expression import Gaps, gaps
from modelberth.core.config import Config
from modelberth.core.quantities import Seconds

HOUR = 3600
LATE_SECONDS = 300
"""For so long Scheduler tries again to start a run that it could not start; then it goes to the dead-letter queue. Its
own choice is a day, after which a run would meet later ones."""

PAUSE_SECONDS = 300
"""Between a job that SageMaker itself failed and the next try: capacity does not come back at once."""

THROTTLED = {"IntervalSeconds": 5, "BackoffRate": 2, "MaxAttempts": 5}
FULL = {"IntervalSeconds": 30, "BackoffRate": 2, "MaxAttempts": 4}
"""How a job is asked for again: after too many calls; where the account's quota is used up."""

ASKING_SECONDS = 660
"""Both together take 605 seconds at most (a test adds them up), and with a minute for the calls themselves this."""

TELLING_SECONDS = 120
"""At the end a job may have to be stopped, and somebody be told."""

SHORTEST_TIMEOUT_SECONDS = 600
"""Instances alone take several minutes to come up."""

LONGEST_DEFAULT_SECONDS = 12 * HOUR


def _known_zone(zone: str) -> str:
    # Where the machine has no time zones, the service is the first to know.
    if zone not in (available_timezones() or {zone}):
        raise ValueError(f"{zone[:50]!r} is no time zone; write UTC, or one like Europe/Berlin")
    return zone


def _schedule(expression: str) -> str:
    gaps(expression)
    return expression


class Schedule(Config):
    """When a run starts."""

    expression: Annotated[str, AfterValidator(_schedule)]
    """In EventBridge Scheduler's words: `cron(30 2 * * ? *)` each night, `rate(6 hours)`."""

    time_zone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    """Time zone of a cron expression: `Europe/Berlin`; the hour that summer time skips or repeats is run once. Left
    out: UTC."""

    flexible_window_minutes: Annotated[int, Field(ge=1, le=1440)] | None = None
    """Minutes within which a run may start, so that not all start at once. Left out: within the minute."""

    enabled: bool = True
    """Whether it starts runs at all. Left out: yes. No: runs are started by hand, and silence is no fault."""


class Run(Config):
    """How a run goes."""

    timeout: Annotated[Seconds, Field(ge=SHORTEST_TIMEOUT_SECONDS)] | None = None
    """How long a job may take before it is stopped: `4h`. SageMaker has no such limit of its own, and a container that
    never becomes healthy is paid for until then. Left out: what fits between two starts, 12 hours at most.
    Source: https://github.com/aws/amazon-sagemaker-examples/issues/815"""

    restarts: Annotated[int, Field(ge=0, le=5)] = 1
    """How often a job that SageMaker itself failed (InternalServerError, CapacityError) is started again. What the
    model or its data failed would fail again, and is not. Left out: once."""

    invocation_timeout_seconds: Annotated[int, Field(ge=1, le=3600)] | None = None
    """How long the container may take for one request. Left out: SageMaker's 600."""

    invocation_retries: Annotated[int, Field(ge=0, le=3)] | None = None
    """How often a failed request is sent again. Left out: SageMaker's 3."""

    make_log_group: bool = True
    """Whether the log group of jobs is made here. There is one for all transform jobs of an account and region,
    /aws/sagemaker/TransformJobs: the first to be deployed makes it, with the foundation's key and retention, and all
    others say no. Left out: yes."""


class Timing(NamedTuple):
    """What schedule and run come to, in seconds."""

    timeout: int
    """Of one job."""
    execution: int
    """Of a run with all its tries."""
    silence: int | None
    """Without a run that succeeded something is wrong. None: longer than an alarm can look back, or not scheduled."""


def timing(schedule: Schedule, run: Run) -> Timing:
    """How long a job, a run and silence may last. Raises `ValueError` where a run could meet the next one."""
    apart = _by_the_sun(gaps(schedule.expression), schedule)
    late = LATE_SECONDS + 60 * (schedule.flexible_window_minutes or 0)
    fits = math.floor(min((apart.shortest - late - _beside(run)) / (run.restarts + 1), LONGEST_DEFAULT_SECONDS))
    timeout = fits if run.timeout is None else round(run.timeout)
    execution = timeout * (run.restarts + 1) + _beside(run)
    if timeout < SHORTEST_TIMEOUT_SECONDS or late + execution > apart.shortest:
        needed = late + max(timeout, SHORTEST_TIMEOUT_SECONDS) * (run.restarts + 1) + _beside(run)
        raise ValueError(
            f"schedule: {schedule.expression} starts runs {apart.shortest:g} s apart, and with its restarts "
            f"({run.restarts}) one may end {needed} s after its time, when the next is under way; start less often, or "
            "lower run.timeout, run.restarts or the flexible window"
        )
    silence = apart.longest + late + execution
    heard = schedule.enabled and silence < LONGEST_WINDOW_SECONDS
    return Timing(timeout, execution, math.ceil(silence) if heard else None)


def _beside(run: Run) -> int:
    """What a run may take beside its jobs."""
    return (run.restarts + 1) * ASKING_SECONDS + run.restarts * PAUSE_SECONDS + TELLING_SECONDS


def _by_the_sun(wall: Gaps, schedule: Schedule) -> Gaps:
    """Summer time takes an hour from a gap and gives it back."""
    if schedule.time_zone == "UTC" or schedule.expression.startswith("rate("):
        return wall
    return Gaps(max(wall.shortest - HOUR, min(wall.shortest, HOUR)), wall.longest + HOUR)
