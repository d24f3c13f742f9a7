"""The two kinds of policies of Application Auto Scaling, and the alarm of the second: words and their translation."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any, Literal, Self, cast

from pydantic import Field, model_validator

from modelberth.aws.monitoring import Alarm, Metric
from modelberth.core.config import Config, In
from modelberth.core.quantities import Seconds, Share

PredefinedMetric = Literal[
    "SageMakerVariantInvocationsPerInstance",
    "SageMakerVariantConcurrentRequestsPerModelHighResolution",
    "SageMakerVariantProvisionedConcurrencyUtilization",
    "SageMakerInferenceComponentInvocationsPerCopy",
    "SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution",
]
"""A metric that Application Auto Scaling knows by name.
Source: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PredefinedMetricSpecification.html"""

Target = Annotated[float, Field(gt=0, allow_inf_nan=False)]
"""The value of a metric that is kept; above 0."""

DEFAULT_COOLDOWN_SECONDS = 300
"""SageMaker's own. Source: https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-prerequisites.html"""

InUse = Annotated[Share, Field(gt=0)]
"""A share in use that is kept: `70%`; above 0."""

Direction = Literal["out", "in"]
"""Whether a step policy adds or removes."""

MOST_STEPS = 20
"""Source: https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-quotas.html"""


class CloudWatchMetric(Config):
    """A metric that Application Auto Scaling does not know by name."""

    namespace: str
    """`/aws/sagemaker/Endpoints`."""
    name: str
    """`CPUUtilization`."""
    dimensions: dict[str, In[str]]
    """`{"EndpointName": …, "VariantName": …}`."""
    statistic: Literal["Average", "Maximum", "Minimum", "Sum"] = "Average"
    """How the values of one minute become one. Left out: their average."""


class Tracking(Config):
    """As many as keep a metric at a value. Application Auto Scaling makes the alarms for it itself."""

    metric: PredefinedMetric | CloudWatchMetric
    """It must fall when there are more."""
    target: Target
    """The value that is kept."""
    scale_in_cooldown: Seconds = DEFAULT_COOLDOWN_SECONDS
    """Seconds between two removals. Left out: 5 minutes."""
    scale_out_cooldown: Seconds = DEFAULT_COOLDOWN_SECONDS
    """Seconds between two additions. Left out: 5 minutes."""


class Step(Config):
    """One step of a step policy."""

    at: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    """From which value of the metric on, itself included: upwards where it adds, downwards where it removes."""
    change: Annotated[int, Field(ge=1)]
    """How many are added, or removed."""


class Stepping(Config):
    """More or fewer, the further a metric is beyond a threshold. Its alarm is made of the same steps, so both agree."""

    metric: CloudWatchMetric
    """What is watched, minute by minute."""
    direction: Direction = "out"
    """Whether it adds or removes. Left out: it adds."""
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=MOST_STEPS)]
    """From the threshold outwards."""
    periods: Annotated[int, Field(ge=1)] = 1
    """Minutes in a row beyond the threshold. Left out: one."""
    cooldown: Seconds = DEFAULT_COOLDOWN_SECONDS
    """Seconds for a change to take effect before it is repeated. Left out: 5 minutes."""
    meaning: str
    """One sentence on the alarm."""

    @model_validator(mode="after")
    def _outwards(self) -> Self:
        sign, side = (1, "above") if self.direction == "out" else (-1, "below")
        if any(sign * step.at >= sign * further.at for step, further in pairwise(self.steps)):
            given = ", ".join(f"{step.at:g}" for step in self.steps)
            raise ValueError(f"steps are at {given}; each must be {side} the one before it")
        return self


def tracking_inputs(tracking: Tracking) -> dict[str, Any]:
    """A target tracking policy in the provider's words."""
    metric = tracking.metric
    known = {"predefined_metric_specification": {"predefined_metric_type": metric}}
    return {
        "target_value": tracking.target,
        "scale_in_cooldown": round(tracking.scale_in_cooldown),
        "scale_out_cooldown": round(tracking.scale_out_cooldown),
        **({"customized_metric_specification": _customized(metric)} if isinstance(metric, CloudWatchMetric) else known),
    }


def _customized(metric: CloudWatchMetric) -> dict[str, Any]:
    return {
        "metric_name": metric.name,
        "namespace": metric.namespace,
        "statistic": metric.statistic,
        "dimensions": [{"name": name, "value": value} for name, value in metric.dimensions.items()],
    }


def stepping_inputs(stepping: Stepping) -> dict[str, Any]:
    """A step policy in the provider's words: bounds are distances from the alarm's threshold, the first step's value.

    Above a threshold the lower bound belongs to the step, below it the upper one. Source:
    https://docs.aws.amazon.com/autoscaling/application/APIReference/API_StepAdjustment.html
    """
    threshold, out = stepping.steps[0].at, stepping.direction == "out"
    near, far = ("lower", "upper") if out else ("upper", "lower")
    ends = [*(step.at for step in stepping.steps[1:]), None]
    return {
        "adjustment_type": "ChangeInCapacity",
        "metric_aggregation_type": stepping.metric.statistic.replace("Sum", "Maximum"),
        "cooldown": round(stepping.cooldown),
        "step_adjustments": [
            {
                "scaling_adjustment": step.change if out else -step.change,
                f"metric_interval_{near}_bound": _bound(step.at - threshold),
                **({} if end is None else {f"metric_interval_{far}_bound": _bound(end - threshold)}),
            }
            for step, end in zip(stepping.steps, ends, strict=True)
        ],
    }


def _bound(distance: float) -> str:
    """As text, because the provider tells 0 from nothing so. Rounded, because 1000.1 - 1000 is not 0.1."""
    return f"{round(distance, 9):.15g}"


def alarm_of(role: str, stepping: Stepping) -> Alarm:
    """The alarm that carries out a step policy: in alarm at the threshold itself, where the first step begins."""
    metric = stepping.metric
    dimensions = cast(Mapping[str, str], metric.dimensions)  # a name may be an Output, which the resource resolves
    return Alarm(
        role,
        stepping.meaning,
        {"load": Metric(metric.namespace, metric.name, dimensions, metric.statistic)},
        stepping.steps[0].at,
        periods=stepping.periods,
        breaching=stepping.periods,
        below=stepping.direction == "in",
        inclusive=True,
    )
