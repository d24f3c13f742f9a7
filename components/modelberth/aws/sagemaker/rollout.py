"""How SageMaker moves an endpoint from one configuration to the next, and when it moves back (deployment guardrails).

Words and limits: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_BlueGreenUpdatePolicy.html,
API_TrafficRoutingConfig.html and API_RollingUpdatePolicy.html. A guarded update needs the same variant names before and
after it, and instances of any family but Inf1:
https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-exclusions.html
"""

from collections.abc import Sequence
from typing import Annotated, Any, Self

import pulumi
from pydantic import Field, model_validator

from modelberth.core.config import Config
from modelberth.core.quantities import Seconds

PROVISIONING_SECONDS = 600
"""A plain deployment takes five to ten minutes of SageMaker's own time."""

PROVIDER_WAIT_SECONDS = 3600
"""The provider waits so long for an update, whatever is asked for (terraform-provider-aws pull request 39090)."""

Bake = Annotated[Seconds, Field(ge=0, le=3600)]
"""A time of watching, in seconds: `10m`; one hour at most."""


class BlueGreen(Config):
    """A second fleet beside the first, then all traffic at once."""

    bake: Bake = 600
    """How long the old fleet stays after the switch, ready to take the traffic back. Left out: 10 minutes."""


class Canary(Config):
    """A second fleet; first a slice of the traffic, then all of it. SageMaker knows one slice."""

    percent: Annotated[int, Field(ge=1, le=50)]
    """The slice, in percent of the capacity: 1 to 50."""

    bake: Bake = 600
    """How long the slice is watched, and then the whole. Left out: 10 minutes each."""


class Linear(Config):
    """A second fleet; equal further slices of the traffic at equal intervals."""

    step: Annotated[int, Field(ge=10, le=50)]
    """The slice that is added each time, in percent of the capacity: 10 to 50."""

    interval: Bake
    """How long each step is watched."""


class Rolling(Config):
    """No second fleet: instances are replaced batch by batch. For one variant only."""

    batch: Annotated[int, Field(ge=5, le=50)]
    """Share of the instances that is replaced at a time, in percent: 5 to 50."""

    interval: Bake = 600
    """How long each batch is watched. Left out: 10 minutes."""


STRATEGIES = ("blue_green", "canary", "linear", "rolling")


class Rollout(Config):
    """One way to update an endpoint under guard. What an alarm interrupts is rolled back."""

    blue_green: BlueGreen | None = None
    """All at once, with the old fleet kept for a while."""
    canary: Canary | None = None
    """One slice, then all."""
    linear: Linear | None = None
    """Equal slices."""
    rolling: Rolling | None = None
    """Batch by batch."""

    @model_validator(mode="after")
    def _one_that_can_end(self) -> Self:
        given = [name for name in STRATEGIES if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"got {' and '.join(given) or 'no strategy'}; one of {', '.join(STRATEGIES)} is needed")
        total = PROVISIONING_SECONDS + waiting_seconds(self)
        if total > PROVIDER_WAIT_SECONDS:
            raise ValueError(
                f"{given[0]} takes {total / 60:g} minutes with 10 for the instances; the provider waits "
                f"{PROVIDER_WAIT_SECONDS // 60}; make the steps fewer or the times shorter"
            )
        return self


def waiting_seconds(rollout: Rollout) -> float:
    """How long an update is watched, all steps together."""
    if rollout.canary is not None:
        return 2 * rollout.canary.bake
    if rollout.linear is not None:
        return -(-100 // rollout.linear.step) * rollout.linear.interval
    if rollout.rolling is not None:
        return -(-100 // rollout.rolling.batch) * rollout.rolling.interval
    return rollout.blue_green.bake if rollout.blue_green is not None else 0


LEAST_WATCH_SECONDS = {False: 180, True: 300}
"""Whether there are gates, to the least time of watching: alarms of an SLO look at three minutes, gates at five."""


def watch_seconds(rollout: Rollout) -> float:
    """How long one step is watched, the shortest of them."""
    if rollout.linear is not None:
        return rollout.linear.interval
    if rollout.rolling is not None:
        return rollout.rolling.interval
    return min(guard.bake for guard in (rollout.blue_green, rollout.canary) if guard is not None)


def too_short(rollout: Rollout, *, gated: bool) -> str:
    """What is wrong with a time in which no alarm could fire; empty where one could."""
    watched, least = watch_seconds(rollout), LEAST_WATCH_SECONDS[gated]
    if watched >= least:
        return ""
    strategy = next(name for name in STRATEGIES if getattr(rollout, name) is not None)
    return f"rollout.{strategy}: a step is watched for {watched:g} s, in which no alarm fires; write {least} s or more"


def deployment_config(rollout: Rollout | None, alarms: Sequence[pulumi.Input[str]]) -> dict[str, Any] | None:
    """What SageMaker is told with an update. None: all at once, and nothing is rolled back.

    The alarms must exist before the update begins; SageMaker refuses names that it cannot find.
    """
    if rollout is None:
        return None
    rollback = {"auto_rollback_configuration": {"alarms": [{"alarm_name": name} for name in alarms]}} if alarms else {}
    if rollout.rolling is not None:
        return {**rollback, "rolling_update_policy": _rolling(rollout.rolling)}
    return {**rollback, "blue_green_update_policy": _blue_green(rollout)}


def _rolling(rolling: Rolling) -> dict[str, Any]:
    batch = {"type": "CAPACITY_PERCENT", "value": rolling.batch}
    return {"maximum_batch_size": batch, "wait_interval_in_seconds": int(rolling.interval)}


def _blue_green(rollout: Rollout) -> dict[str, Any]:
    routing, termination = _routing(rollout)
    return {
        "traffic_routing_configuration": routing,
        "termination_wait_in_seconds": int(termination),
        # A large image or model takes longer than any guess; nobody waits for longer than the provider.
        "maximum_execution_timeout_in_seconds": PROVIDER_WAIT_SECONDS,
    }


def _routing(rollout: Rollout) -> tuple[dict[str, Any], float]:
    if rollout.canary is not None:
        size = {"type": "CAPACITY_PERCENT", "value": rollout.canary.percent}
        routing = {"type": "CANARY", "canary_size": size, "wait_interval_in_seconds": int(rollout.canary.bake)}
        return routing, rollout.canary.bake
    if rollout.linear is not None:
        size = {"type": "CAPACITY_PERCENT", "value": rollout.linear.step}
        interval = int(rollout.linear.interval)
        return {"type": "LINEAR", "linear_step_size": size, "wait_interval_in_seconds": interval}, 0
    bake = rollout.blue_green.bake if rollout.blue_green is not None else 0
    return {"type": "ALL_AT_ONCE", "wait_interval_in_seconds": 0}, bake
