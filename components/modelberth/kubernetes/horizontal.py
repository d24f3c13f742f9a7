"""The words of a HorizontalPodAutoscaler: what it looks at, and how fast it may move.

Limits of the API: k8s.io/kubernetes@v1.34.2:pkg/apis/autoscaling/validation/validation.go
"""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from modelberth.core.config import Config
from modelberth.core.quantities import Seconds, Share
from modelberth.kubernetes.quantities import cores


def _whole_percent(share: float) -> float:
    if round(share * 100) < 1:
        raise ValueError(f"got {share:g}; the API takes whole percent from 1 on, write 0.01 or more")
    return share


Utilization = Annotated[Share, AfterValidator(_whole_percent)]
"""A share of what the pods request, at least 1 %: `70%`."""

Average = Annotated[float, Field(ge=0.001, le=10**12)]
"""An amount for each pod."""


class PodsMetric(Config):
    """A number that pods themselves give, averaged over them."""

    name: Annotated[str, Field(min_length=1)]
    """Its name in custom.metrics.k8s.io, as the adapter makes it."""

    average: Average
    """The average that is aimed at."""


class ExternalMetric(Config):
    """A number from outside the cluster, shared by all pods."""

    name: Annotated[str, Field(min_length=1)]
    """Its name in external.metrics.k8s.io."""

    labels: dict[str, str] = Field(default_factory=dict)
    """Which series of it. Left out: all."""

    average: Average
    """How much of it each pod shall have."""


class ScalingPolicy(Config):
    """How many pods may come or go in a period."""

    type: Literal["Pods", "Percent"]
    """A number of pods, or a share of those that are there."""

    value: Annotated[int, Field(ge=1, le=10**6)]
    """How many."""

    period_seconds: Annotated[int, Field(ge=1, le=1800)] = 60
    """In how many seconds. Left out: 60."""


class ScalingRules(Config):
    """How fast the number of pods may move in one direction."""

    stabilization: Annotated[Seconds, Field(le=3600)] | None = None
    """How far back the most cautious wish counts. Left out: Kubernetes' own, 5 minutes down and none up."""

    policies: tuple[ScalingPolicy, ...] = ()
    """How much may move in which time. Left out: Kubernetes' own."""

    select: Literal["Max", "Min", "Disabled"] = "Max"
    """Which policy holds where there are several; `Disabled`: it never moves in this direction. Left out: Max."""

    @model_validator(mode="after")
    def _moves(self) -> Self:
        if self.select == "Disabled" and (self.policies or self.stabilization is not None):
            raise ValueError("select is Disabled, so nothing moves and the rest is never read; leave the rest out")
        return self


class Behavior(Config):
    """How fast the number of pods may move."""

    up: ScalingRules | None = None
    """When it rises. Left out: Kubernetes' own, at once."""

    down: ScalingRules | None = None
    """When it falls. Left out: Kubernetes' own, after 5 minutes."""


def behavior_of(behavior: Behavior) -> dict[str, Any]:
    """The field `behavior`. Pure."""
    both = {"scaleUp": behavior.up, "scaleDown": behavior.down}
    return {name: _rules(rules) for name, rules in both.items() if rules is not None}


def _rules(rules: ScalingRules) -> dict[str, Any]:
    policies = [
        {"type": each.type, "value": each.value, "periodSeconds": each.period_seconds} for each in rules.policies
    ]
    window = rules.stabilization
    return {
        "selectPolicy": rules.select,
        **({"policies": policies} if policies else {}),
        **({} if window is None else {"stabilizationWindowSeconds": round(window)}),
    }


def resource_metric(resource: Literal["cpu", "memory"], share: float) -> dict[str, Any]:
    """A share of what pods request. Pure."""
    target = {"type": "Utilization", "averageUtilization": round(share * 100)}
    return {"type": "Resource", "resource": {"name": resource, "target": target}}


def pods_metric(metric: PodsMetric) -> dict[str, Any]:
    """A number that pods give. Pure."""
    return {"type": "Pods", "pods": {"metric": {"name": metric.name}, "target": _average(metric.average)}}


def external_metric(metric: ExternalMetric) -> dict[str, Any]:
    """A number from outside. Pure."""
    chosen = {"selector": {"matchLabels": dict(metric.labels)}} if metric.labels else {}
    named = {"name": metric.name, **chosen}
    return {"type": "External", "external": {"metric": named, "target": _average(metric.average)}}


def _average(value: float) -> dict[str, str]:
    return {"type": "AverageValue", "averageValue": cores(value)}
