"""How an asynchronous endpoint scales: instances follow the backlog, down to none, and wake up for the next request."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from modelberth.aws.sagemaker.autoscaling import (
    AutoscalingArgs,
    Schedule,
    check_instances,
    reaches_none,
    refuse_contradictions,
    variant_id,
)
from modelberth.aws.sagemaker.instances import InstanceType
from modelberth.aws.sagemaker.metrics import INVOCATIONS
from modelberth.aws.sagemaker.scaling_policy import (
    DEFAULT_COOLDOWN_SECONDS,
    CloudWatchMetric,
    Step,
    Stepping,
    Target,
    Tracking,
)
from modelberth.core.config import Config, In
from modelberth.core.labels import Labels
from modelberth.core.quantities import Seconds


class BacklogPerInstance(Config):
    """Keep the requests that wait for each instance."""

    target: Target
    """Requests in the queue per instance: what one of them can do in the time that a request may wait."""


class Scaling(Config):
    """How many instances. Requests that come while there are none wait in the queue, nothing is lost.

    Where the floor is 0, a policy of its own brings the first instance as soon as a request waits (two minutes, and the
    start of an instance): the backlog per instance says nothing without an instance. The queue stands before the whole
    endpoint, so its numbers are the endpoint's, not a variant's.
    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-autoscale.html

    UpdateEndpoint sets the live count back to the initial count, which is 1 or more; keeping the live count
    (RetainAllVariantProperties) is not exposed by the provider (terraform-provider-aws issue 49069). An update that
    changes the instance type fails while it scales: first leave `scaling` out in a run of its own. Source:
    https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-update.html
    """

    min_capacity: Annotated[int, Field(ge=0)]
    """Floor. 0: none while nothing waits; then `backlog_per_instance` is needed, which brings it down."""
    max_capacity: Annotated[int, Field(ge=1)]
    """Ceiling, and so the ceiling of the cost."""
    backlog_per_instance: BacklogPerInstance | None = None
    """Left out: not tracked, `min_capacity` holds but for the schedule."""
    schedule: Schedule = ()
    """Other floors and ceilings from points in time on, in UTC. Left out: none."""
    scale_in_cooldown: Seconds = DEFAULT_COOLDOWN_SECONDS
    """Seconds between two removals. Left out: 5 minutes."""
    scale_out_cooldown: Seconds = DEFAULT_COOLDOWN_SECONDS
    """Seconds between two additions, and for a first instance to come. Left out: 5 minutes."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        signals = {"backlog_per_instance": self.backlog_per_instance}
        refuse_contradictions(self.min_capacity, self.max_capacity, self.schedule, signals)
        if reaches_none(self.min_capacity, self.schedule) and self.backlog_per_instance is None:
            raise ValueError("the floor is 0, and nothing goes down to it; give backlog_per_instance, or write 1")
        return self

    def check(self, type_: InstanceType, initial: int | None) -> None:
        """Raises `ValueError` where the variant's instance type or initial count contradicts this."""
        check_instances(type_, initial, self.min_capacity, self.max_capacity)


def autoscaling_args(
    endpoint_name: In[str], variant: str, scaling: Scaling, labels: Labels | None = None
) -> AutoscalingArgs:
    """The scaling of the variant of an asynchronous endpoint."""
    wakes = reaches_none(scaling.min_capacity, scaling.schedule)
    return AutoscalingArgs(
        resource_id=variant_id(endpoint_name, variant),
        dimension="sagemaker:variant:DesiredInstanceCount",
        min_capacity=scaling.min_capacity,
        max_capacity=scaling.max_capacity,
        tracking=_tracking(endpoint_name, scaling),
        stepping={"wake-up": _wake_up(endpoint_name, scaling)} if wakes else {},
        schedule=scaling.schedule,
        labels=labels,
    )


def _tracking(endpoint_name: In[str], scaling: Scaling) -> Tracking | None:
    if scaling.backlog_per_instance is None:
        return None
    return Tracking(
        metric=_of_queue("ApproximateBacklogSizePerInstance", endpoint_name),
        target=scaling.backlog_per_instance.target,
        scale_in_cooldown=scaling.scale_in_cooldown,
        scale_out_cooldown=scaling.scale_out_cooldown,
    )


def _wake_up(endpoint_name: In[str], scaling: Scaling) -> Stepping:
    """The metric is 1 while requests wait and there is no instance, else 0. Its average over a minute, twice: as AWS
    documents it, and no request is lost meanwhile."""
    return Stepping(
        metric=_of_queue("HasBacklogWithoutCapacity", endpoint_name),
        steps=(Step(at=1, change=1),),
        periods=2,
        cooldown=scaling.scale_out_cooldown,
        meaning="Scaling: a request waits and there is no instance; the first one is to come. No cause for action.",
    )


def _of_queue(name: str, endpoint_name: In[str]) -> CloudWatchMetric:
    return CloudWatchMetric(namespace=INVOCATIONS, name=name, dimensions={"EndpointName": endpoint_name})
