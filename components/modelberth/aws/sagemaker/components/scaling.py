"""How an inference component scales: copies follow requests, down to none, and wake up at the next request."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from modelberth.aws.sagemaker.autoscaling import (
    AutoscalingArgs,
    Schedule,
    joined,
    reaches_none,
    refuse_contradictions,
)
from modelberth.aws.sagemaker.metrics import INVOCATIONS
from modelberth.aws.sagemaker.scaling_policy import (
    DEFAULT_COOLDOWN_SECONDS,
    CloudWatchMetric,
    PredefinedMetric,
    Step,
    Stepping,
    Target,
    Tracking,
)
from modelberth.core.config import Config, In
from modelberth.core.labels import Labels
from modelberth.core.quantities import Seconds

WAKE_UP_COOLDOWN_SECONDS = 60
"""As AWS has it. Source: https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-zero-instances.html"""


class InvocationsPerCopy(Config):
    """Keep the requests that each copy gets."""

    target: Target
    """Requests per minute and copy."""


class ConcurrentRequestsPerCopy(Config):
    """Keep the requests in flight; measured every ten seconds, so it answers a rush sooner."""

    target: Target
    """Requests in flight per copy."""


class Scaling(Config):
    """How many copies of a component. Instances follow them: the endpoint's own scaling adds and frees what they need.

    With a floor of 0 the model costs nothing while nobody asks. The first request then fails (HTTP 400, no capacity),
    and so does every other one until a copy serves: about 5 minutes of waking, longer for a large model; callers must
    try again. After the last request instances stay for about 25 minutes: the metric must be low for 15 before copies
    go, and then instances are freed. Sources:
    https://aws.amazon.com/blogs/machine-learning/unlock-cost-savings-with-the-new-scale-down-to-zero-feature-in-amazon-sagemaker-inference/
    (5 minutes), https://github.com/huggingface/skills/pull/215 (measured: 9 minutes with vLLM, 11 and 12 minutes idle).
    Instances go down to none only where the variant's managed instance scaling has a floor of 0 too.
    """

    min_capacity: Annotated[int, Field(ge=0)]
    """Floor. 0: none while nobody asks; then a signal is needed, which brings it down."""
    max_capacity: Annotated[int, Field(ge=1)]
    """Ceiling of the copies."""
    invocations_per_copy: InvocationsPerCopy | None = None
    """Left out: not tracked."""
    concurrent_requests_per_copy: ConcurrentRequestsPerCopy | None = None
    """Left out: not tracked."""
    schedule: Schedule = ()
    """Other floors and ceilings from points in time on, in UTC. Left out: none."""
    scale_in_cooldown: Seconds = DEFAULT_COOLDOWN_SECONDS
    """Seconds between two removals. Left out: 5 minutes."""
    scale_out_cooldown: Seconds = DEFAULT_COOLDOWN_SECONDS
    """Seconds between two additions. Left out: 5 minutes."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        signals = {name: getattr(self, name) for name in SIGNALS}
        refuse_contradictions(self.min_capacity, self.max_capacity, self.schedule, signals)
        if reaches_none(self.min_capacity, self.schedule) and not any(signals.values()):
            raise ValueError(f"the floor is 0, and nothing goes down to it; give {' or '.join(SIGNALS)}, or write 1")
        return self


SIGNALS: dict[str, PredefinedMetric] = {
    "invocations_per_copy": "SageMakerInferenceComponentInvocationsPerCopy",
    "concurrent_requests_per_copy": "SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution",
}
"""Signal to the name by which Application Auto Scaling knows its metric."""


def autoscaling_args(component_name: In[str], scaling: Scaling, labels: Labels | None = None) -> AutoscalingArgs:
    """The scaling of one inference component, by its name in AWS."""
    wakes = reaches_none(scaling.min_capacity, scaling.schedule)
    return AutoscalingArgs(
        resource_id=joined("inference-component/", component_name),
        dimension="sagemaker:inference-component:DesiredCopyCount",
        min_capacity=scaling.min_capacity,
        max_capacity=scaling.max_capacity,
        tracking=_tracking(scaling),
        stepping={"wake-up": _wake_up(component_name)} if wakes else {},
        schedule=scaling.schedule,
        labels=labels,
    )


def _tracking(scaling: Scaling) -> Tracking | None:
    given = [(name, getattr(scaling, name)) for name in SIGNALS if getattr(scaling, name) is not None]
    if not given:
        return None
    [(name, signal)] = given
    return Tracking(
        metric=SIGNALS[name],
        target=signal.target,
        scale_in_cooldown=scaling.scale_in_cooldown,
        scale_out_cooldown=scaling.scale_out_cooldown,
    )


def _wake_up(component_name: In[str]) -> Stepping:
    """One refused request is enough. AWS's own example has an alarm above 1, for which two must fail in one minute, so
    that a lonely caller would wait for ever (stdapi.ai issue 43)."""
    return Stepping(
        metric=CloudWatchMetric(
            namespace=INVOCATIONS,
            name="NoCapacityInvocationFailures",
            dimensions={"InferenceComponentName": component_name},
            statistic="Sum",
        ),
        steps=(Step(at=1, change=1),),
        cooldown=WAKE_UP_COOLDOWN_SECONDS,
        meaning="Scaling: a request came and no copy is there; the first one is to come. No cause for action.",
    )
