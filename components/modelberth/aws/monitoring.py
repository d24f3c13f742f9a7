"""Alarms from tables, and log groups with retention and key. The channel they go to is in `alert_channel.py`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pulumi
import pulumi_aws as aws

from modelberth.aws.alert_channel import AlertChannel, AlertChannelArgs
from modelberth.aws.encryption import Encryption, key_arn
from modelberth.aws.retention import ACCEPTED_DAYS

__all__ = [
    "Alarm",
    "AlertChannel",
    "AlertChannelArgs",
    "Metric",
    "alarm_inputs",
    "alarm_name",
    "create_alarms",
    "log_group",
    "log_retention_allowed",
]


def log_retention_allowed(days: float) -> bool:
    """True where CloudWatch Logs can keep a log for so many days."""
    return days in ACCEPTED_DAYS


MOST_METRICS = 10
"""Metrics of one alarm.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html"""

LONGEST_WINDOW_SECONDS = 604_800
"""An alarm looks back seven days at most.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"""

Missing = Literal["notBreaching", "breaching", "ignore", "missing"]

STATISTICS = ("Average", "Maximum", "Minimum", "SampleCount", "Sum")
"""Statistics that are no percentile."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One CloudWatch metric."""

    namespace: str
    """`AWS/SageMaker`."""
    name: str
    """`Invocation5XXErrors`."""
    dimensions: Mapping[str, pulumi.Input[str]]
    """`{"EndpointName": …, "VariantName": …}`."""
    statistic: str
    """`Sum`, `Average`, `Maximum`, `Minimum`, `SampleCount`, or a percentile: `p95`."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm, as plain data: what is measured, from where on it is wrong, for how long.

    Raises `ValueError` for what CloudWatch would refuse.
    """

    role: str
    """What it watches, as the last part of its name: `p95`."""
    meaning: str
    """One sentence for the person who is woken up, with what to look at first."""
    metrics: Mapping[str, Metric]
    """Word to metric: `{"errors": …, "requests": …}`."""
    above: float
    """Threshold; wrong is what is above it (with `below`, what is below it)."""
    expression: str = ""
    """Metric math over the words: `errors / requests`. Empty: the only metric itself."""
    period: int = 60
    """Seconds of one measurement."""
    periods: int = 3
    """Measurements that are looked at."""
    breaching: int = 2
    """Measurements of these that must be wrong."""
    below: bool = False
    """Wrong is what is below the threshold."""
    inclusive: bool = False
    """Whether the threshold itself is wrong too."""
    missing: Missing = "notBreaching"
    """What no data means."""

    def __post_init__(self) -> None:
        fault = _fault(self)
        if fault:
            raise ValueError(f"alarm {self.role}: {fault}")


def _fault(alarm: Alarm) -> str:
    count = len(alarm.metrics)
    if not 1 <= count <= MOST_METRICS:
        return f"it has {count} metrics; CloudWatch takes 1 to {MOST_METRICS}"
    if count > 1 and not alarm.expression:
        return f"it has {count} metrics and no expression; say how they become one number"
    if not 1 <= alarm.breaching <= alarm.periods:
        return f"{alarm.breaching} of {alarm.periods} measurements can never be wrong; lower breaching"
    if alarm.period * alarm.periods > LONGEST_WINDOW_SECONDS:
        return f"it looks back {alarm.period * alarm.periods} s; CloudWatch looks back {LONGEST_WINDOW_SECONDS} at most"
    return ""


def create_alarms(
    name: str,
    prefix: str,
    alarms: Iterable[Alarm],
    topic: pulumi.Input[str] | None,
    tags: Mapping[str, str] | None,
    opts: pulumi.ResourceOptions,
) -> dict[str, aws.cloudwatch.MetricAlarm]:
    """Role to the alarm that was made of it.

    `name` begins the names in Pulumi, `prefix` those in AWS. Without a topic they tell nobody.
    """
    actions = None if topic is None else [topic]
    return {
        alarm.role: aws.cloudwatch.MetricAlarm(
            f"{name}-{alarm.role}",
            name=alarm_name(prefix, alarm),
            alarm_actions=actions,
            ok_actions=actions,
            tags=tags,
            opts=opts,
            **alarm_inputs(alarm),
        )
        for alarm in alarms
    }


def alarm_name(prefix: str, alarm: Alarm) -> str:
    """The name of an alarm in AWS, known before it exists: `prod-ranker-stable-p95`."""
    return f"{prefix}-{alarm.role}"


def alarm_inputs(alarm: Alarm) -> dict[str, Any]:
    """The inputs of the resource that say what is measured and when it is wrong."""
    return {
        "alarm_description": alarm.meaning,
        "comparison_operator": _comparison(alarm),
        "threshold": alarm.above,
        "evaluation_periods": alarm.periods,
        "datapoints_to_alarm": alarm.breaching,
        "treat_missing_data": alarm.missing,
        **(_math(alarm) if alarm.expression else _plain(alarm)),
    }


def _comparison(alarm: Alarm) -> str:
    side = "LessThan" if alarm.below else "GreaterThan"
    return f"{side}OrEqualToThreshold" if alarm.inclusive else f"{side}Threshold"


def _plain(alarm: Alarm) -> dict[str, Any]:
    metric = next(iter(alarm.metrics.values()))
    kind = "statistic" if metric.statistic in STATISTICS else "extended_statistic"
    return {
        "namespace": metric.namespace,
        "metric_name": metric.name,
        "dimensions": dict(metric.dimensions),
        "period": alarm.period,
        kind: metric.statistic,
    }


def _math(alarm: Alarm) -> dict[str, Any]:
    measured = [
        {
            "id": word,
            "metric": {
                "namespace": metric.namespace,
                "metric_name": metric.name,
                "dimensions": dict(metric.dimensions),
                "period": alarm.period,
                "stat": metric.statistic,
            },
        }
        for word, metric in alarm.metrics.items()
    ]
    watched = {"id": "watched", "expression": alarm.expression, "label": alarm.role, "return_data": True}
    return {"metric_queries": [*measured, watched]}


def log_group(
    name: str,
    log_group_name: str,
    retention_days: int,
    encryption: Encryption,
    tags: Mapping[str, str] | None,
    opts: pulumi.ResourceOptions,
) -> aws.cloudwatch.LogGroup:
    """A log group. With a customer's key, the key's policy must let CloudWatch Logs use it."""
    return aws.cloudwatch.LogGroup(
        name,
        name=log_group_name,
        retention_in_days=retention_days,
        kms_key_id=key_arn(encryption),
        tags=tags,
        opts=opts,
    )
