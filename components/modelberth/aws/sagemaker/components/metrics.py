"""What SageMaker tells CloudWatch of an inference component, and the queries that answer a `ServingEndpoint`'s signals.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html. Everything is under one dimension,
the component's name. Latencies are in microseconds. `…Normalized` goes up to 100 whatever the number of cores or GPUs,
and is the share of what a copy reserved, of the instance's where it reserved none.
"""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from modelberth.aws.monitoring import Metric
from modelberth.aws.sagemaker.components.model import Requirements
from modelberth.aws.sagemaker.instances import InstanceType
from modelberth.aws.sagemaker.metrics import ERROR_SHARE, INVOCATIONS, MICROSECONDS, metric_data_queries
from modelberth.core.endpoint import MetricQuery, Signal

COPIES = "/aws/sagemaker/InferenceComponents"
"""Namespace of what copies use; all other metrics are in that of invocations."""

FULL = 100
"""The value of a `…Normalized` metric when all of it is in use."""

PUBLISHED: Mapping[str, str] = MappingProxyType(
    {
        "CPUUtilizationNormalized": COPIES,
        "GPUUtilizationNormalized": COPIES,
        "Invocation4XXErrors": INVOCATIONS,
        "Invocation5XXErrors": INVOCATIONS,
        "Invocations": INVOCATIONS,
        "InvocationsPerCopy": INVOCATIONS,
        "MemoryUtilizationNormalized": COPIES,
        "ModelLatency": INVOCATIONS,
        "NoCapacityInvocationFailures": INVOCATIONS,
    }
)
"""The metrics that are used here, and their namespace."""


def metric(name: str, component_name: str, statistic: str) -> Metric:
    """One metric of an inference component."""
    return Metric(PUBLISHED[name], name, {"InferenceComponentName": component_name}, statistic)


def errors(component_name: str, status: Literal["4XX", "5XX"]) -> dict[str, Metric]:
    """What `ERROR_SHARE` is made of."""
    failed = metric(f"Invocation{status}Errors", component_name, "Sum")
    return {"errors": failed, "requests": metric("Invocations", component_name, "Sum")}


def processors(requirements: Requirements, type_: InstanceType) -> dict[str, str]:
    """Word to the metric of what a copy computes with. Neuron devices are no GPUs, and no metric tells of them."""
    gpu = {"gpu": "GPUUtilizationNormalized"} if requirements.accelerators is not None and not type_.neuron else {}
    return {"cpu": "CPUUtilizationNormalized", **gpu}


def queries(
    region: str, component_name: str, version: str, requirements: Requirements, type_: InstanceType
) -> dict[Signal, MetricQuery]:
    """Signal to the query that answers it. A component has one version at a time, so all are of that one."""
    latency = {p: {"latency": metric("ModelLatency", "{version}", p)} for p in ("p50", "p95", "p99")}
    busy = {word: metric(name, "{version}", "Average") for word, name in processors(requirements, type_).items()}
    fullest = ", ".join(f"{word} / {FULL}" for word in busy)
    asked: dict[Signal, tuple[dict[str, Metric], str, str]] = {
        "requests": ({"answer": metric("Invocations", "{version}", "Sum")}, "", "count"),
        "error_rate": (errors("{version}", "5XX"), ERROR_SHARE.format(least=1), "share"),
        "p50": (latency["p50"], f"latency / {MICROSECONDS}", "seconds"),
        "p95": (latency["p95"], f"latency / {MICROSECONDS}", "seconds"),
        "p99": (latency["p99"], f"latency / {MICROSECONDS}", "seconds"),
        "saturation": (busy, f"MAX([{fullest}])", "share"),
    }
    return {
        signal: MetricQuery.model_validate(
            {
                "language": "cloudwatch",
                "source": region,
                "query": json.dumps(metric_data_queries(measured, expression)),
                "versions": {version: component_name},
                "unit": unit,
            }
        )
        for signal, (measured, expression, unit) in asked.items()
    }
