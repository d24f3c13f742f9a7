"""Scaling of whatever SageMaker scales, through Application Auto Scaling: a target, its policies, its schedule.

Each kind of endpoint says in its own words what it can (`<kind>/scaling.py`) and turns that into `AutoscalingArgs`.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

import pulumi
import pulumi_aws as aws
from pydantic import AfterValidator, Field, model_validator

from modelberth.aws.cron import aws_cron
from modelberth.aws.monitoring import alarm_inputs
from modelberth.aws.sagemaker.instances import InstanceType
from modelberth.aws.sagemaker.scaling_policy import Stepping, Tracking, alarm_of, stepping_inputs, tracking_inputs
from modelberth.core.component import Component
from modelberth.core.config import Config, In
from modelberth.core.labels import Labels, render
from modelberth.core.naming import fingerprint
from modelberth.core.service import ScheduledScale

SERVICE = "sagemaker"
TRACKING = "tracking"

Dimension = Literal[
    "sagemaker:variant:DesiredInstanceCount",
    "sagemaker:variant:DesiredProvisionedConcurrency",
    "sagemaker:inference-component:DesiredCopyCount",
]
"""What is scaled."""

Role = Literal["add", "remove", "wake-up"]
"""What a step policy is for; the last part of its names."""


def _possible(schedule: tuple[ScheduledScale, ...]) -> tuple[ScheduledScale, ...]:
    times = [aws_cron(entry.cron) for entry in schedule]
    twice = [entry.cron for entry, time in zip(schedule, times, strict=True) if times.count(time) > 1]
    if twice:
        raise ValueError(f"{' and '.join(map(repr, twice))} are the same time; keep one")
    return schedule


Schedule = Annotated[tuple[ScheduledScale, ...], AfterValidator(_possible)]
"""Other floors and ceilings from points in time on, each of which Application Auto Scaling can express."""


class AutoscalingArgs(Config):
    """One thing that scales, between a floor and a ceiling."""

    resource_id: In[str]
    """What scales, in Application Auto Scaling's words: `endpoint/prod-ranker/variant/stable`."""
    dimension: Dimension
    """In what."""
    min_capacity: Annotated[int, Field(ge=0)]
    """Floor."""
    max_capacity: Annotated[int, Field(ge=1)]
    """Ceiling, and so the ceiling of the cost."""
    tracking: Tracking | None = None
    """Left out: no metric is kept at a value."""
    stepping: dict[Role, Stepping] = Field(default_factory=dict)
    """What a step policy is for, to the policy. Left out: none."""
    schedule: Schedule = ()
    """Other floors and ceilings from points in time on. Left out: none. A refresh sees the scheduled ones and the run
    after it sets these back, until the next point in time."""
    labels: Labels | None = None
    """Who owns it and what it is. Left out: none."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        floor_below_ceiling(self.min_capacity, self.max_capacity)
        return self


def floor_below_ceiling(low: int, high: int) -> None:
    """Raises `ValueError` where a floor is above its ceiling."""
    if low > high:
        raise ValueError(f"min_capacity is {low}, above max_capacity {high}; raise max_capacity or lower min_capacity")


def refuse_contradictions(low: int, high: int, schedule: Schedule, signals: Mapping[str, object | None]) -> None:
    """Raises `ValueError` for bounds and signals that cannot be meant. A signal that is None was not given."""
    floor_below_ceiling(low, high)
    given = [name for name, value in signals.items() if value is not None]
    if len(given) > 1:
        raise ValueError(f"got {' and '.join(given)}; one signal is tracked, take one of them")
    ranges = [(low, high), *((entry.min, entry.max) for entry in schedule)]
    if given and all(floor == ceiling for floor, ceiling in ranges):
        raise ValueError(
            f"{given[0]} is set, but min_capacity and max_capacity are both {low}, so nothing moves; raise "
            f"max_capacity, or leave {given[0]} out"
        )


def refuse_none(schedule: Schedule, what: str) -> None:
    """Raises `ValueError` where a schedule goes down to none of what does not."""
    for entry in schedule:
        if entry.min == 0:
            raise ValueError(f"the schedule {entry.cron!r} has min 0, and {what} does not go down to 0; write 1")


def reaches_none(low: int, schedule: Schedule) -> bool:
    """Whether the floor is ever 0."""
    return low == 0 or any(entry.min == 0 for entry in schedule)


def check_instances(type_: InstanceType, initial: int | None, low: int, high: int) -> None:
    """Raises `ValueError` for a type, or a count at first, that contradicts scaling. None: it follows from the floor.

    The load of burstable types says nothing of their capacity; source: aws-cdk, aws-sagemaker-alpha/lib/endpoint.ts.
    """
    if type_.burstable:
        raise ValueError(
            f"scaling: {type_.name} is burstable, and its load says nothing of its capacity; take a type such as "
            "ml.m7i.large, or leave scaling out"
        )
    if initial is not None and initial < low:
        raise ValueError(
            f"initial_instance_count is {initial}, below scaling.min_capacity {low}, and every update goes back to it; "
            f"write {low} or more"
        )
    if initial is not None and initial > high:
        raise ValueError(
            f"initial_instance_count is {initial}, above scaling.max_capacity {high}; raise max_capacity or lower it"
        )


def variant_id(endpoint_name: In[str], variant: str) -> In[str]:
    """A variant in Application Auto Scaling's words."""
    return joined("endpoint/", endpoint_name, f"/variant/{variant}")


def joined(before: str, name: In[str], after: str = "") -> In[str]:
    """A text around a name, which may be known later."""
    return f"{before}{name}{after}" if isinstance(name, str) else pulumi.Output.concat(before, name, after)


class Autoscaling(Component):
    """Scaling of one thing: one scalable target, its policies with their alarms, its scheduled actions."""

    resource_id: pulumi.Output[str]
    """What scales, once all policies are there."""
    alarms: pulumi.Output[list[str]]
    """Names of the alarms of its step policies."""

    def __init__(
        self, name: str, args: AutoscalingArgs | dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = AutoscalingArgs.parse(args, name)
        super().__init__(name, args, opts)
        tags = None if args.labels is None else render(args.labels, "aws")
        target = aws.appautoscaling.Target(
            name,
            resource_id=args.resource_id,
            scalable_dimension=args.dimension,
            service_namespace=SERVICE,
            min_capacity=args.min_capacity,
            max_capacity=args.max_capacity,
            tags=tags,
            opts=self.child(),
        )
        scaled = {
            "resource_id": target.resource_id,
            "scalable_dimension": target.scalable_dimension,
            "service_namespace": target.service_namespace,
        }
        made: list[pulumi.Resource] = []
        alarms = self._policies(name, args, scaled, made)
        self._schedule(name, args, scaled, made)
        self.resource_id = pulumi.Output.all(target.resource_id, *(one.urn for one in [*made, *alarms])).apply(
            lambda found: found[0]
        )
        self.alarms = pulumi.Output.all(*(alarm.name for alarm in alarms))
        self.register_outputs({"resource_id": self.resource_id, "alarms": self.alarms})

    def _policies(
        self, name: str, args: AutoscalingArgs, scaled: dict[str, Any], made: list[pulumi.Resource]
    ) -> list[aws.cloudwatch.MetricAlarm]:
        tags = None if args.labels is None else render(args.labels, "aws")
        alarms = []
        for role, inputs in policies_of(args).items():
            policy = aws.appautoscaling.Policy(f"{name}-{role}", name=role, **scaled, **inputs, opts=self._next(made))
            made.append(policy)
            if role in args.stepping:
                alarm = aws.cloudwatch.MetricAlarm(
                    f"{name}-{role}-alarm",
                    name=scaled["resource_id"].apply(lambda id_, role=role: alarm_name(id_, role)),
                    alarm_actions=[policy.arn],
                    tags=tags,
                    opts=self.child(),
                    **alarm_inputs(alarm_of(role, args.stepping[role])),
                )
                alarms.append(alarm)
        return alarms

    def _schedule(self, name: str, args: AutoscalingArgs, scaled: dict[str, Any], made: list[pulumi.Resource]) -> None:
        for entry in args.schedule:
            time = aws_cron(entry.cron)
            role = f"at-{fingerprint(time)}"
            action = aws.appautoscaling.ScheduledAction(
                f"{name}-{role}",
                name=role,
                schedule=time,
                timezone="UTC",
                scalable_target_action={"min_capacity": entry.min, "max_capacity": entry.max},
                opts=self._next(made),
                **scaled,
            )
            made.append(action)

    def _next(self, made: list[pulumi.Resource]) -> pulumi.ResourceOptions:
        """One after the other: at once, Application Auto Scaling refuses all but one with ConcurrentUpdateException
        (terraform-provider-aws issue 17915)."""
        return self.child(depends_on=made[-1:])


def policies_of(args: AutoscalingArgs) -> dict[str, dict[str, Any]]:
    """What each policy is for, and its inputs."""
    tracking = {} if args.tracking is None else {TRACKING: tracking_inputs(args.tracking)}
    return {
        **{
            role: {"policy_type": "TargetTrackingScaling", "target_tracking_scaling_policy_configuration": inputs}
            for role, inputs in tracking.items()
        },
        **{
            role: {"policy_type": "StepScaling", "step_scaling_policy_configuration": stepping_inputs(stepping)}
            for role, stepping in args.stepping.items()
        },
    }


def alarm_name(resource_id: str, role: str) -> str:
    """`prod-ranker-stable-wake-up` of `endpoint/prod-ranker/variant/stable`; unique as long as the resource is."""
    return "-".join([*resource_id.split("/")[1::2], role])
