"""The alarms of an inference component and its log group, made before it: an update under guard names what exists."""

from collections.abc import Iterator
from typing import Any

import pulumi
import pulumi_aws as aws

from modelberth.aws.encryption import Encryption
from modelberth.aws.ids import TopicArn
from modelberth.aws.monitoring import Alarm, create_alarms, log_group
from modelberth.aws.retention import LogRetentionDays
from modelberth.aws.sagemaker.alarms import ERROR_SHARE_WITHOUT_SLO, PERCENTILES, REFUSED_SHARE
from modelberth.aws.sagemaker.components.metrics import FULL, errors, metric, processors
from modelberth.aws.sagemaker.components.model import Requirements
from modelberth.aws.sagemaker.instances import InstanceTypeName, instance
from modelberth.aws.sagemaker.metrics import ERROR_SHARE, MICROSECONDS
from modelberth.core.component import Component
from modelberth.core.config import Config, In
from modelberth.core.labels import Labels, render
from modelberth.core.service import Slo

BUSY_SHARE = 0.9
"""From this share on, copies or their memory are full."""

WAKE_SECONDS = 900
"""A model that sleeps is up again well within a quarter of an hour, or it does not wake."""


class ComponentMonitoringArgs(Config):
    """What is watched, and who is told."""

    component_name: str
    """Name of the inference component, which need not exist yet."""

    requirements: Requirements
    """What each copy reserves."""

    instance_type: InstanceTypeName
    """On what."""

    sleeps: bool
    """Whether it may have no copies: then requests that find none are no fault, unless they go on for long."""

    slo: Slo | None = None
    """What good means. Left out: 1 % of 5xx is wrong, and no latency is."""

    alerts: In[TopicArn] | None = None
    """ARN of the SNS topic that is told. Left out: alarms are made and tell nobody."""

    encryption: Encryption
    """Key of the log group; its policy must let CloudWatch Logs use it."""

    log_retention_days: LogRetentionDays
    """How long logs are kept, in days."""

    labels: Labels | None = None
    """Tags. Left out: none."""


class ComponentMonitoring(Component):
    """The log group of an inference component with retention and key, and its alarms."""

    rollback_alarms: list[pulumi.Output[str]]
    """Names of the alarms that roll an update back, each once it exists."""
    alarms: dict[str, aws.cloudwatch.MetricAlarm]
    """Role to alarm: `p95`."""
    log_group_name: pulumi.Output[str]
    """Name of the log group to which SageMaker writes, once it exists."""

    def __init__(
        self,
        name: str,
        args: ComponentMonitoringArgs | dict[str, Any],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        args = ComponentMonitoringArgs.parse(args, name)
        super().__init__(name, args, opts)
        tags = None if args.labels is None else render(args.labels, "aws")
        written = log_group_name_of(args.component_name)
        logs = log_group(f"{name}-logs", written, args.log_retention_days, args.encryption, tags, self.child())
        self.alarms = create_alarms(name, args.component_name, alarm_table(args), args.alerts, tags, self.child())
        self.rollback_alarms = [self.alarms[alarm.role].name for alarm in rollback_table(args)]
        self.log_group_name = logs.name
        self.register_outputs({"rollback_alarms": self.rollback_alarms, "log_group_name": self.log_group_name})


def log_group_name_of(component_name: str) -> str:
    """Where SageMaker writes what the copies of an inference component print. It is not that of the endpoint.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/logging-cloudwatch.html
    """
    return f"/aws/sagemaker/InferenceComponents/{component_name}"


def alarm_table(args: ComponentMonitoringArgs) -> tuple[Alarm, ...]:
    """Every alarm: those that roll back, then those that tell."""
    return (*rollback_table(args), *_watched(args))


def rollback_table(args: ComponentMonitoringArgs) -> tuple[Alarm, ...]:
    """The alarms that roll an update back: errors and latency, by the SLO."""
    name, slo = args.component_name, args.slo
    availability = None if slo is None else slo.availability
    # 1 - 0.999 is not 0.001 in binary; nobody wants to read the rest.
    share = ERROR_SHARE_WITHOUT_SLO if availability is None else round(1 - availability, 9)
    failing = Alarm(
        "5xx",
        f"{name} answers more than {share * 100:.6g}% of its requests with 5xx; read its log first.",
        errors(name, "5XX"),
        share,
        ERROR_SHARE.format(least=1),
    )
    limits = {} if slo is None else {p: limit for p in PERCENTILES if (limit := getattr(slo, p)) is not None}
    slow = (
        Alarm(
            percentile,
            f"The {percentile} latency of {name} is above its SLO of {limit * 1000:g} ms; look at saturation, then at "
            "what changed in the model.",
            {"latency": metric("ModelLatency", name, percentile)},
            round(limit * MICROSECONDS),
        )
        for percentile, limit in limits.items()
    )
    return (failing, *slow)


def _watched(args: ComponentMonitoringArgs) -> Iterator[Alarm]:
    name, limit = args.component_name, args.requirements.max_memory_mib
    yield _no_capacity(args)
    # What finds a sleeping model is refused, so that waking would look like callers who do something wrong.
    if not args.sleeps:
        yield Alarm(
            "4xx",
            f"{name} refuses more than {REFUSED_SHARE:.0%} of its requests; ask what callers changed.",
            errors(name, "4XX"),
            REFUSED_SHARE,
            ERROR_SHARE.format(least=1),
            period=300,
        )
    for word, published in processors(args.requirements, instance(args.instance_type)).items():
        yield Alarm(
            word,
            f"The copies of {name} use more than {BUSY_SHARE:.0%} of their {word}; add copies, or reserve more.",
            {word: metric(published, name, "Average")},
            BUSY_SHARE * FULL,
            period=300,
            breaching=3,
        )
    # A reservation is no limit: a copy may well use more than it reserved, as long as the instance has it.
    if limit is not None:
        yield Alarm(
            "memory",
            f"A copy of {name} uses more than {BUSY_SHARE:.0%} of its {limit} MiB, above which it is stopped; raise "
            "max_memory_mib.",
            {"memory": metric("MemoryUtilizationNormalized", name, "Maximum")},
            round(BUSY_SHARE * FULL * limit / args.requirements.min_memory_mib, 9),
            period=300,
            breaching=3,
        )


def _no_capacity(args: ComponentMonitoringArgs) -> Alarm:
    name = args.component_name
    measured = {"refused": metric("NoCapacityInvocationFailures", name, "Sum")}
    if args.sleeps:
        told = f"{name} does not wake: requests have found no copy for {WAKE_SECONDS // 60} minutes; read its events."
        return Alarm("no-capacity", told, measured, 0, period=300, periods=3, breaching=3)
    told = f"Requests found no copy of {name}; look whether instances could not be had, then raise the ceilings."
    return Alarm("no-capacity", told, measured, 0, period=300, periods=1, breaching=1)
