"""An endpoint's alarms, its dashboard and its log group, all made before the endpoint: a rollback names what exists."""

import json
from collections.abc import Sequence
from types import MappingProxyType
from typing import Annotated, Any, Self

import pulumi
import pulumi_aws as aws
from pydantic import Field, model_validator

from modelberth.aws.encryption import Encryption
from modelberth.aws.ids import TopicArn
from modelberth.aws.monitoring import Alarm, alarm_name, create_alarms, log_group
from modelberth.aws.provider import Account
from modelberth.aws.retention import LogRetentionDays
from modelberth.aws.sagemaker.alarms import (
    MOST_ROLLBACK_ALARMS,
    PERCENTILES,
    Variants,
    alarm_table,
    rollback_table,
    signal_of,
)
from modelberth.aws.sagemaker.dashboard import dashboard_body
from modelberth.aws.sagemaker.metrics import Capacity, Kind
from modelberth.core.component import Component
from modelberth.core.config import Config, In
from modelberth.core.labels import Labels, render
from modelberth.core.rollout import Gate
from modelberth.core.service import Slo

Refused = tuple[str, str, str]
"""Path of a field under the rollout, why it cannot be honoured, what to write instead."""

UNMEASURED = MappingProxyType(
    {
        "prediction_drift": "SageMaker publishes no distance between the predictions of two versions",
        "query": "an alarm watches the metrics of its endpoint, not a query of one's own",
    }
)
"""Signals for which no alarm can stand."""


def unsupported_gates(gates: Sequence[Gate]) -> list[Refused]:
    """The gates for which no alarm can stand: `("gates.0.p95.times_stable", why, fix)`; one reason for each gate."""
    signals = [signal_of(gate) for gate in gates]
    refused: list[Refused] = []
    for index, (signal, gate) in enumerate(zip(signals, gates, strict=True)):
        path, limit = f"gates.{index}.{signal}", getattr(gate, signal)
        if signal in UNMEASURED:
            refused.append((path, UNMEASURED[signal], "leave it out"))
        elif signal in signals[:index]:
            refused.append((path, f"{signal} has a gate already", "keep the stricter one"))
        elif limit.times_stable is not None:
            refused.append((f"{path}.times_stable", "an alarm has no other version to compare with", "write below"))
        elif limit.below == 0:
            refused.append((f"{path}.below", "nothing is below 0", "write a limit above 0"))
    return refused


def too_many_rollback_alarms(variants: Variants, slo: Slo | None, gates: Sequence[Gate]) -> str:
    """What is wrong with an endpoint that is updated under guard; empty where SageMaker takes all its alarms."""
    latencies = 0 if slo is None else sum(getattr(slo, percentile) is not None for percentile in PERCENTILES)
    count = len(variants) * (1 + latencies + len(gates))
    if count <= MOST_ROLLBACK_ALARMS:
        return ""
    return (
        f"{len(variants)} variants with {1 + latencies} limits of the SLO and {len(gates)} gates are {count} alarms, "
        f"and SageMaker rolls back on {MOST_ROLLBACK_ALARMS} at most; leave gates out, or variants"
    )


class EndpointMonitoringArgs(Config):
    """What is watched, and who is told."""

    account: Account
    """Account and region of the endpoint."""

    endpoint_name: Annotated[str, Field(pattern=r"^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$")]
    """Name of the endpoint, which need not exist yet."""

    kind: Kind = "realtime"
    """How it is hosted. Left out: on instances, in real time."""

    variants: Annotated[dict[str, Capacity | None], Field(min_length=1, max_length=10)]
    """Name of each production variant to what one of its instances has; None for a serverless one, which has none."""

    slo: Slo | None = None
    """What good means. Left out: 1% of 5xx is wrong, and no latency is."""

    gates: tuple[Gate, ...] = ()
    """What must hold while the version changes, beside the SLO. Left out: the SLO alone."""

    traffic_expected: bool = False
    """Whether silence is a fault: an alarm where no request comes for 15 minutes. It is raised while the endpoint is
    new, too. Left out: no."""

    alerts: In[TopicArn] | None = None
    """ARN of the SNS topic that is told. Left out: alarms are made and tell nobody."""

    encryption: Encryption
    """Key of the log group; its policy must let CloudWatch Logs use it."""

    log_retention_days: LogRetentionDays = 30
    """How long logs are kept, in days. Left out: 30; without a number CloudWatch would keep them for ever."""

    dashboard: bool = True
    """Whether there is a dashboard. Left out: yes."""

    labels: Labels | None = None
    """Tags. Left out: none."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        for fault in (_capacities(self), _limits(self), _gates(self)):
            if fault:
                raise ValueError(fault)
        return self


def _capacities(args: EndpointMonitoringArgs) -> str:
    for name, capacity in args.variants.items():
        if args.kind == "serverless" and capacity is not None:
            return f"variants.{name}: a serverless variant has no instances; write null"
        if args.kind != "serverless" and capacity is None:
            return f"variants.{name}: nothing says what its instances have; give vcpus, and gpus where there are some"
    return ""


def _limits(args: EndpointMonitoringArgs) -> str:
    if args.slo is None:
        return ""
    zero = [name for name in PERCENTILES if getattr(args.slo, name) == 0]
    return f"slo.{zero[0]} is 0, and no answer takes no time; write a time above 0" if zero else ""


def _gates(args: EndpointMonitoringArgs) -> str:
    return "; ".join(f"{path}: {why}; {fix}" for path, why, fix in unsupported_gates(args.gates))


class EndpointMonitoring(Component):
    """Alarms, one dashboard, and the endpoint's log group with retention and key."""

    rollback_alarms: list[pulumi.Output[str]]
    """Names of the alarms that roll an update back, each once it exists: those of the SLO and of the gates."""
    alarms: dict[str, aws.cloudwatch.MetricAlarm]
    """Role to alarm: `stable-p95`."""
    log_group_name: pulumi.Output[str]
    """Name of the log group to which SageMaker writes, once it exists."""

    def __init__(
        self, name: str, args: EndpointMonitoringArgs | dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = EndpointMonitoringArgs.parse(args, name)
        super().__init__(name, args, opts)
        tags = None if args.labels is None else render(args.labels, "aws")
        logs = log_group(
            f"{name}-logs",
            log_group_name_of(args.endpoint_name),
            args.log_retention_days,
            args.encryption,
            tags,
            self.child(),
        )
        self.alarms = create_alarms(name, args.endpoint_name, table_of(args), args.alerts, tags, self.child())
        if args.dashboard:
            aws.cloudwatch.Dashboard(
                f"{name}-dashboard",
                dashboard_name=args.endpoint_name,
                dashboard_body=json.dumps(body_of(args)),
                opts=self.child(),
            )
        rolls_back = rollback_table(args.endpoint_name, args.kind, args.variants, args.slo, args.gates)
        self.rollback_alarms = [self.alarms[alarm.role].name for alarm in rolls_back]
        self.log_group_name = logs.name
        self.register_outputs({"rollback_alarms": self.rollback_alarms, "log_group_name": self.log_group_name})


def log_group_name_of(endpoint_name: str) -> str:
    """Where SageMaker writes what the containers of an endpoint print.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/logging-cloudwatch.html
    """
    return f"/aws/sagemaker/Endpoints/{endpoint_name}"


def table_of(args: EndpointMonitoringArgs) -> tuple[Alarm, ...]:
    """Every alarm of the endpoint."""
    return alarm_table(
        args.endpoint_name, args.kind, args.variants, args.slo, args.gates, traffic_expected=args.traffic_expected
    )


def body_of(args: EndpointMonitoringArgs) -> dict[str, Any]:
    """The dashboard."""
    return dashboard_body(args.account, args.endpoint_name, args.kind, args.variants, args.slo, table_of(args))


def rollback_alarm_names(args: EndpointMonitoringArgs) -> tuple[str, ...]:
    """The names in plain text, for whoever asks AWS: they are known before anything exists."""
    rolls_back = rollback_table(args.endpoint_name, args.kind, args.variants, args.slo, args.gates)
    return tuple(alarm_name(args.endpoint_name, alarm) for alarm in rolls_back)
