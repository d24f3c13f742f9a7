"""What can be asked of a service: as questions of an endpoint, and as plain PromQL for analyses and scalers."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from modelberth.core.endpoint import MetricQuery, Signal
from modelberth.kubernetes.accelerators import Devices
from modelberth.kubernetes.foundation import Foundation
from modelberth.kubernetes.manifest import Place
from modelberth.kubernetes.monitoring import promql
from modelberth.kubernetes.monitoring.promql import ANY_VERSION, Pods
from modelberth.kubernetes.pods import SERVER
from modelberth.runtimes import load
from modelberth.runtimes.series import Series

QUANTILES: Mapping[Signal, float] = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
UNITS: Mapping[Signal, str] = {
    "requests": "count",
    "error_rate": "share",
    "saturation": "share",
    **dict.fromkeys(QUANTILES, "seconds"),
}


@dataclass(frozen=True, slots=True)
class Watching:
    """What a product does otherwise than a plain Deployment, as far as watching it goes."""

    port: str | None = None
    """Name of the pods' port with the metrics. None: the runtime's own."""

    settled: bool = False
    """Whether what `Metrics.needs` asks for has been set, where a runtime asks for anything."""

    container: str = SERVER
    """The container that serves."""

    scales_to_zero: bool = False
    """Whether having no pod is in order."""

    devices: Devices | None = None
    """Accelerators of each pod. None: none."""


PLAIN = Watching()
"""A plain Deployment."""


def series_of(runtime: str, watching: Watching = PLAIN) -> Series:
    """What a runtime shows; nothing, where it shows nothing or has not been told to."""
    metrics = load(runtime).metrics
    shown = metrics is not None and (metrics.needs is None or watching.settled)
    return metrics.series if metrics is not None and shown else Series()


def expressions(series: Series, pods: Pods, container: str = SERVER) -> dict[Signal, str]:
    """Signal to the PromQL that answers it, over the last five minutes. A signal that nothing shows is not there.

    `requests` is how many came in that time. Latencies are in seconds, the others shares of 1.
    """
    found: dict[Signal, str | None] = {}
    if series.requests:
        found["requests"] = promql.increase(series.requests, pods)
    if series.failed:
        found["error_rate"] = promql.failed_share(series, pods)
    if series.latency is not None:
        latency = series.latency
        found |= {signal: promql.quantile(latency, share, pods) for signal, share in QUANTILES.items()}
    if series:
        found["saturation"] = promql.saturation(series, pods, container)
    return {signal: query for signal, query in found.items() if query is not None}


def queries(
    foundation: Foundation, place: Place, runtime: str, watching: Watching = PLAIN
) -> pulumi.Output[Mapping[Signal, MetricQuery]]:
    """Signal to the question that answers it, with `{version}` for the version. Empty where nothing measures. Pure.

    The pods' labels are what it asks by: the monitor copies them; a Prometheus without the operator must do so itself.
    """
    source = None if foundation.prometheus is None else foundation.prometheus.address
    if source is None:
        return pulumi.Output.from_input({})
    series = series_of(runtime, watching)

    def asked(namespace: str) -> Mapping[Signal, MetricQuery]:
        found = expressions(series, Pods(namespace, place.instance, ANY_VERSION), watching.container)
        return {signal: _question(source, signal, query) for signal, query in found.items()}

    return pulumi.Output.from_input(place.namespace).apply(asked)


def _question(source: str, signal: Signal, query: str) -> MetricQuery:
    asked = {"language": "prometheus", "source": source, "query": query, "unit": UNITS[signal]}
    return MetricQuery.model_validate(asked)
