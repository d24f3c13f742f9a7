"""What SageMaker tells CloudWatch of an endpoint, by kind; and the queries that answer a `ServingEndpoint`'s signals.

Sources, all under https://docs.aws.amazon.com/sagemaker/latest/dg/: monitoring-cloudwatch.html (real-time),
serverless-endpoints-monitoring.html and async-inference-monitor.html, which say of themselves that they are exhaustive.
Two things are easily taken wrong. Latencies are in microseconds. CPUUtilization goes up to 100 for each core and
GPUUtilization up to 100 for each GPU, so that both mean little without the instance's size.
"""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import Field

from modelberth.aws.monitoring import Metric
from modelberth.core.config import Config
from modelberth.core.endpoint import MetricQuery, Signal

Kind = Literal["realtime", "serverless", "asynchronous"]
"""How an endpoint is hosted, which decides what it tells."""

INVOCATIONS = "AWS/SageMaker"
INSTANCES = "/aws/sagemaker/Endpoints"

OF_INSTANCES = ("CPUUtilization", "DiskUtilization", "GPUUtilization", "MemoryUtilization")
"""Metrics in the namespace of instances; all others are in that of invocations."""

OF_ENDPOINT = ("ApproximateAgeOfOldestRequest", "ApproximateBacklogSize", "ApproximateBacklogSizePerInstance")
"""Metrics without a variant: one queue stands before all of them."""

PUBLISHED: Mapping[Kind, tuple[str, ...]] = MappingProxyType(
    {
        "realtime": (
            *("Invocation4XXErrors", "Invocation5XXErrors", "Invocations", "InvocationsPerInstance"),
            *("ModelLatency", "OverheadLatency"),
            *OF_INSTANCES,
        ),
        "serverless": (
            *("Invocation4XXErrors", "Invocation5XXErrors", "Invocations", "ModelLatency", "ModelSetupTime"),
            *("OverheadLatency", "MemoryUtilization", "ServerlessConcurrentExecutionsUtilization"),
        ),
        "asynchronous": (
            *("Invocation4XXErrors", "Invocation5XXErrors", "ModelLatency"),
            *("ExpiredRequests", "InvocationFailures", "NotificationFailures"),
            *("RequestDownloadFailures", "ResponseUploadFailures", "TimeInBacklog"),
            *OF_ENDPOINT,
            *OF_INSTANCES,
        ),
    }
)
"""The metrics of each kind that are used here. An asynchronous endpoint has no `Invocations`."""

MICROSECONDS = 1_000_000
"""Of one second."""

PERIOD = 60
"""Seconds between the measurements of SageMaker."""


class Capacity(Config):
    """What one instance of a variant has."""

    vcpus: Annotated[int, Field(ge=1)]
    """Processor cores as the operating system sees them."""

    gpus: Annotated[int, Field(ge=0)] = 0
    """GPUs. Left out: none, and no metric of them."""


def metric(kind: Kind, name: str, endpoint: str, variant: str, statistic: str) -> Metric:
    """One metric of a variant, or of the endpoint where it has no variant. Raises `ValueError` if none is published."""
    if name not in PUBLISHED[kind]:
        raise ValueError(f"{name}: SageMaker publishes no such metric for a {kind} endpoint; take another")
    of_variant = {} if name in OF_ENDPOINT else {"VariantName": variant}
    namespace = INSTANCES if name in OF_INSTANCES else INVOCATIONS
    return Metric(namespace, name, {"EndpointName": endpoint, **of_variant}, statistic)


def requests(kind: Kind, endpoint: str, variant: str) -> Metric:
    """How many requests came. Without `Invocations`: the error metric has one sample, 0 or 1, for each request."""
    counted = ("Invocations", "Sum") if "Invocations" in PUBLISHED[kind] else ("Invocation5XXErrors", "SampleCount")
    return metric(kind, counted[0], endpoint, variant, counted[1])


def errors(kind: Kind, endpoint: str, variant: str, status: Literal["4XX", "5XX"]) -> dict[str, Metric]:
    """What `ERROR_SHARE` is made of."""
    failed = metric(kind, f"Invocation{status}Errors", endpoint, variant, "Sum")
    return {"errors": failed, "requests": requests(kind, endpoint, variant)}


ERROR_SHARE = "IF(requests >= {least}, errors / requests, 0)"
"""Share of requests that failed; 0 below a least number of requests, which is at least one."""


def fullness(kind: Kind, capacity: Capacity | None) -> dict[str, float]:
    """Metric to its value when all of it is in use; what is not listed says nothing about capacity."""
    if kind == "serverless":
        return {"MemoryUtilization": 100, "ServerlessConcurrentExecutionsUtilization": 1}
    if capacity is None:
        raise ValueError(f"the capacity of a {kind} variant is missing; give its vcpus and gpus")
    gpus = {"GPUUtilization": 100 * capacity.gpus} if capacity.gpus else {}
    return {"CPUUtilization": 100 * capacity.vcpus, **gpus, "MemoryUtilization": 100, "DiskUtilization": 100}


def saturation(kind: Kind, endpoint: str, variant: str, capacity: Capacity | None) -> tuple[dict[str, Metric], str]:
    """Word to metric, and the expression over them: the share in use of whatever is fullest."""
    full = fullness(kind, capacity)
    measured = {name.lower(): metric(kind, name, endpoint, variant, "Average") for name in full}
    shares = ", ".join(f"{name.lower()} / {value:g}" for name, value in full.items())
    return measured, f"MAX([{shares}])"


def queries(
    region: str,
    endpoint: str,
    versions: Mapping[str, str],
    *,
    kind: Kind = "realtime",
    capacities: Mapping[str, Capacity | None] | None = None,
) -> dict[Signal, MetricQuery]:
    """Signal to the query that answers it for one version; `versions` maps a version to its variant.

    Each answer is a series with one value a minute. Latency is the model's as SageMaker sees it (`ModelLatency`):
    without the way to SageMaker, and of a serverless endpoint without its cold start. Saturation needs `capacities`,
    variant to capacity, and is not there where variants differ, because one query stands for all of them.
    """
    asked = {
        "requests": ({"answer": requests(kind, endpoint, "{version}")}, "", "count"),
        "error_rate": (errors(kind, endpoint, "{version}", "5XX"), ERROR_SHARE.format(least=1), "share"),
        **{p: (*latency(kind, endpoint, "{version}", p), "seconds") for p in ("p50", "p95", "p99")},
        **_saturation(kind, endpoint, versions, capacities or {}),
    }
    return {
        signal: MetricQuery.model_validate(
            {
                "language": "cloudwatch",
                "source": region,
                "query": json.dumps(metric_data_queries(measured, expression)),
                "versions": dict(versions),
                "unit": unit,
            }
        )
        for signal, (measured, expression, unit) in asked.items()
    }  # pyright: ignore[reportReturnType]


def latency(kind: Kind, endpoint: str, variant: str, percentile: str) -> tuple[dict[str, Metric], str]:
    """Word to metric, and the expression that gives seconds."""
    return {"latency": metric(kind, "ModelLatency", endpoint, variant, percentile)}, f"latency / {MICROSECONDS}"


def _saturation(
    kind: Kind, endpoint: str, versions: Mapping[str, str], capacities: Mapping[str, Capacity | None]
) -> dict[str, tuple[dict[str, Metric], str, str]]:
    """Of a kind with instances, only where one expression holds for every variant."""
    sizes = [capacities.get(variant) for variant in versions.values()]
    if kind != "serverless" and any(size is None or size != sizes[0] for size in sizes):
        return {}
    measured, expression = saturation(kind, endpoint, "{version}", sizes[0])
    return {"saturation": (measured, expression, "share")}


def metric_data_queries(measured: Mapping[str, Metric], expression: str) -> list[dict[str, Any]]:
    """The `MetricDataQueries` of GetMetricData; the expression returns data, or without one the only metric.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html
    """
    parts = [
        {
            "Id": word,
            "MetricStat": {
                "Metric": {
                    "Namespace": one.namespace,
                    "MetricName": one.name,
                    "Dimensions": [{"Name": name, "Value": value} for name, value in one.dimensions.items()],
                },
                "Period": PERIOD,
                "Stat": one.statistic,
            },
            "ReturnData": not expression,
        }
        for word, one in measured.items()
    ]
    return [*parts, {"Id": "answer", "Expression": expression, "ReturnData": True}] if expression else parts
