"""Broken limits: alarms on the metrics that the jobs emit, and the rule that passes them on.

EventBridge gets a CloudWatch Alarm State Change whenever an alarm changes its state, so retraining begins once and not
with every run that finds the same:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
"""

import json

import pulumi

from modelberth.aws.monitoring import Alarm, Metric
from modelberth.aws.provider import Account
from modelberth.aws.sagemaker.model_monitor.definitions import KINDS
from modelberth.aws.sagemaker.model_monitor.jobs import Job, Jobs, MetricLimit, seconds_between


def role_of(kind: str) -> str:
    """A kind of job in a name: `data-quality`."""
    return kind.replace("_", "-")


def limit_alarms(kind: str, job: Job, endpoint: pulumi.Input[str], schedule_name: str) -> list[Alarm]:
    """One alarm for each limit of a job, over the time from one run to the next."""
    return [_alarm(kind, job, name, limit, endpoint, schedule_name) for name, limit in job.limits.items()]


def _alarm(
    kind: str, job: Job, name: str, limit: MetricLimit, endpoint: pulumi.Input[str], schedule_name: str
) -> Alarm:
    below = limit.above is None
    threshold = limit.below if limit.above is None else limit.above
    assert threshold is not None  # MetricLimit sees to it
    dimensions = {"Endpoint": endpoint, "MonitoringSchedule": schedule_name, **limit.dimensions}
    worst = "Minimum" if below else "Maximum"
    return Alarm(
        f"{role_of(kind)}-{name}",
        f"{limit.metric} is {'below' if below else 'above'} {threshold:g}; read the last report of {schedule_name}.",
        {"found": Metric(KINDS[kind].namespace, limit.metric, dimensions, worst)},
        threshold,
        period=seconds_between(job.schedule),
        periods=1,
        breaching=1,
        below=below,
    )


def event_pattern(account: Account, prefix: str, jobs: Jobs) -> str:
    """Which events the rule passes on: an alarm of one of these jobs is raised."""
    names = [f"{prefix}-{role_of(kind)}-" for kind, _ in jobs.chosen()]
    return json.dumps(
        {
            "source": ["aws.cloudwatch"],
            "detail-type": ["CloudWatch Alarm State Change"],
            "resources": [{"prefix": account.arn("cloudwatch", f"alarm:{name}")} for name in names],
            "detail": {"state": {"value": ["ALARM"]}},
        }
    )
