"""How a real-time variant scales: instances follow requests, concurrency or load, in steps, or by the clock."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator

from modelberth.aws.sagemaker.autoscaling import (
    AutoscalingArgs,
    Role,
    Schedule,
    check_instances,
    refuse_contradictions,
    refuse_none,
    variant_id,
)
from modelberth.aws.sagemaker.instances import InstanceType
from modelberth.aws.sagemaker.metrics import INSTANCES, INVOCATIONS
from modelberth.aws.sagemaker.scaling_policy import (
    DEFAULT_COOLDOWN_SECONDS,
    MOST_STEPS,
    CloudWatchMetric,
    Direction,
    InUse,
    PredefinedMetric,
    Step,
    Stepping,
    Target,
    Tracking,
)
from modelberth.core.config import Config, In
from modelberth.core.labels import Labels
from modelberth.core.quantities import PerSecond, Seconds


class InvocationsPerInstance(Config):
    """Keep the requests that each instance gets."""

    target: Target
    """Requests per minute and instance."""


class ConcurrentRequests(Config):
    """Keep the requests in flight; measured every ten seconds, so it answers a rush sooner than the others."""

    target: Target
    """Requests in flight per instance."""


class CpuUtilization(Config):
    """Keep the share of all cores that is in use."""

    target: InUse
    """`70%`. SageMaker's metric counts 100 for each core; the number of cores is taken into account."""


class GpuUtilization(Config):
    """Keep the share of all GPUs that is in use."""

    target: InUse
    """`70%`. SageMaker's metric counts 100 for each GPU; the number of GPUs is taken into account."""


class LoadTest(Config):
    """Keep the requests that each instance gets, at a share of what it bore in a load test.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-loadtest.html
    """

    max_requests_per_second: PerSecond
    """What one instance answered at most before it became slow."""
    safety: InUse = 0.5
    """The share of it that is kept: a new instance takes minutes to come. Left out: half."""

    @property
    def invocations_per_instance(self) -> float:
        """Requests per minute and instance."""
        return self.max_requests_per_second * 60 * self.safety


Signal = Literal["invocations_per_instance", "concurrent_requests", "cpu_utilization", "gpu_utilization"]
SIGNALS = (*get_args(Signal), "load_test")

MEASURED: Mapping[str, tuple[str, str, Literal["Sum", "Maximum", "Average"]]] = MappingProxyType(
    {
        "invocations_per_instance": (INVOCATIONS, "InvocationsPerInstance", "Sum"),
        "concurrent_requests": (INVOCATIONS, "ConcurrentRequestsPerModel", "Maximum"),
        "cpu_utilization": (INSTANCES, "CPUUtilization", "Average"),
        "gpu_utilization": (INSTANCES, "GPUUtilization", "Average"),
    }
)
"""Signal to namespace, metric and statistic.
Source: https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html"""

PREDEFINED: Mapping[str, PredefinedMetric] = MappingProxyType(
    {
        "invocations_per_instance": "SageMakerVariantInvocationsPerInstance",
        "concurrent_requests": "SageMakerVariantConcurrentRequestsPerModelHighResolution",
    }
)
"""Signals that Application Auto Scaling knows by name."""

Steps = Annotated[tuple[Step, ...], Field(max_length=MOST_STEPS)]


class StepScaling(Config):
    """Add or remove the more instances, the further a signal is beyond a threshold. Beside tracking, or instead."""

    on: Signal
    """What is watched, in its own unit: requests per minute and instance, requests in flight, a share in use."""
    add: Annotated[Steps, Field(min_length=1)]
    """Rising: `[{at: 0.6, change: 1}, {at: 0.8, change: 3}]` adds one from 60 % on, three from 80 %."""
    remove: Steps = ()
    """Falling: `[{at: 0.2, change: 1}]` removes one at 20 % and below. Left out: none, which needs a tracked signal."""
    minutes: Annotated[int, Field(ge=1)] = 1
    """How long the signal must be beyond the threshold. Left out: one minute."""
    cooldown: Seconds = DEFAULT_COOLDOWN_SECONDS
    """Seconds for a change to take effect before it is repeated. Left out: 5 minutes."""

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        high, low = self.add[0].at, self.remove[0].at if self.remove else None
        if high == 0:
            raise ValueError("add begins at 0, which always holds; raise it")
        if low is not None and low >= high:
            raise ValueError(f"remove begins at {low:g}, add at {high:g}, so both apply at once; lower remove")
        over = [step.at for step in (*self.add, *self.remove) if step.at > 1]
        if over and self.on in ("cpu_utilization", "gpu_utilization"):
            raise ValueError(f"a step is at {over[0]:g}, and {self.on} is a share; write {over[0] / 100:g} for percent")
        return self


class Scaling(Config):
    """How many instances. At most one signal is tracked; without any, `min_capacity` holds but for steps and schedule.

    UpdateEndpoint sets the live count back to the variant's initial count, in a rush too; keeping the live count
    (RetainAllVariantProperties) is not exposed by the provider (terraform-provider-aws issue 49069). So the initial
    count is never below `min_capacity`. An update that changes the instance type fails while the variant scales: first
    leave `scaling` out in a run of its own, then change the type, then give it again.
    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-update.html
    """

    min_capacity: Annotated[int, Field(ge=1)]
    """Floor. Instances of a real-time variant do not go down to 0; inference components do."""
    max_capacity: Annotated[int, Field(ge=1)]
    """Ceiling, and so the ceiling of the cost."""
    invocations_per_instance: InvocationsPerInstance | None = None
    """Left out: not tracked."""
    concurrent_requests: ConcurrentRequests | None = None
    """Left out: not tracked."""
    cpu_utilization: CpuUtilization | None = None
    """Left out: not tracked."""
    gpu_utilization: GpuUtilization | None = None
    """Left out: not tracked."""
    load_test: LoadTest | None = None
    """Left out: not tracked."""
    steps: StepScaling | None = None
    """Left out: no steps."""
    schedule: Schedule = ()
    """Other floors and ceilings from points in time on, in UTC. Left out: none."""
    scale_in_cooldown: Seconds = DEFAULT_COOLDOWN_SECONDS
    """Seconds between two removals by tracking. Left out: 5 minutes."""
    scale_out_cooldown: Seconds = DEFAULT_COOLDOWN_SECONDS
    """Seconds between two additions by tracking. Left out: 5 minutes."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        signals = {name: getattr(self, name) for name in SIGNALS}
        refuse_contradictions(self.min_capacity, self.max_capacity, self.schedule, signals)
        refuse_none(self.schedule, "a real-time variant")
        tracked = any(value is not None for value in signals.values())
        if self.steps is not None and not self.steps.remove and not tracked:
            raise ValueError("steps add instances, and nothing removes them; give steps.remove or a signal to track")
        return self

    def check(self, type_: InstanceType, initial: int | None) -> None:
        """Raises `ValueError` where the variant's instance type or initial count contradicts this."""
        check_instances(type_, initial, self.min_capacity, self.max_capacity)
        stepped = self.steps is not None and self.steps.on == "gpu_utilization"
        if (self.gpu_utilization is not None or stepped) and _full("gpu_utilization", type_) == 0:
            raise ValueError(f"scaling: {type_.name} has no GPU, and gpu_utilization is set; take cpu_utilization")


def autoscaling_args(
    endpoint_name: In[str], variant: str, scaling: Scaling, instance_type: InstanceType, labels: Labels | None = None
) -> AutoscalingArgs:
    """The scaling of one variant of an endpoint, on instances of a known size."""
    return AutoscalingArgs(
        resource_id=variant_id(endpoint_name, variant),
        dimension="sagemaker:variant:DesiredInstanceCount",
        min_capacity=scaling.min_capacity,
        max_capacity=scaling.max_capacity,
        tracking=_tracking(endpoint_name, variant, scaling, instance_type),
        stepping=_stepping(endpoint_name, variant, scaling.steps, instance_type),
        schedule=scaling.schedule,
        labels=labels,
    )


def _tracking(endpoint_name: In[str], variant: str, scaling: Scaling, type_: InstanceType) -> Tracking | None:
    signal = next((name for name in SIGNALS if getattr(scaling, name) is not None), None)
    if signal is None:
        return None
    if scaling.load_test is not None:
        signal, target = "invocations_per_instance", scaling.load_test.invocations_per_instance
    else:
        target = getattr(scaling, signal).target * _full(signal, type_)
    return Tracking(
        metric=PREDEFINED.get(signal) or _metric(signal, endpoint_name, variant),
        target=round(target, 9),
        scale_in_cooldown=scaling.scale_in_cooldown,
        scale_out_cooldown=scaling.scale_out_cooldown,
    )


def _stepping(
    endpoint_name: In[str], variant: str, steps: StepScaling | None, type_: InstanceType
) -> dict[Role, Stepping]:
    if steps is None:
        return {}
    full = _full(steps.on, type_)
    ways: dict[Role, tuple[Direction, Steps]] = {"add": ("out", steps.add), "remove": ("in", steps.remove)}
    return {
        role: Stepping(
            metric=_metric(steps.on, endpoint_name, variant),
            direction=direction,
            steps=tuple(Step(at=round(step.at * full, 9), change=step.change) for step in given),
            periods=steps.minutes,
            cooldown=steps.cooldown,
            meaning=f"Scaling: instances of variant {variant} are to {role}. No cause for action.",
        )
        for role, (direction, given) in ways.items()
        if given
    }


def _metric(signal: str, endpoint_name: In[str], variant: str) -> CloudWatchMetric:
    namespace, name, statistic = MEASURED[signal]
    dimensions = {"EndpointName": endpoint_name, "VariantName": variant}
    return CloudWatchMetric(namespace=namespace, name=name, dimensions=dimensions, statistic=statistic)


def _full(signal: str, type_: InstanceType) -> int:
    """What a metric shows for 1: utilisation counts 100 for each core and each GPU, and nothing for Neuron devices."""
    gpus = 0 if type_.neuron else type_.gpus
    return {"cpu_utilization": 100 * type_.vcpus, "gpu_utilization": 100 * gpus}.get(signal, 1)
