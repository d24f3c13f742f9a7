"""One Grafana dashboard of a service: requests, errors, latencies by version, what is full, pods and devices."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from modelberth.core.naming import fingerprint
from modelberth.kubernetes.foundation import Foundation
from modelberth.kubernetes.manifest import Manifest, Place, manifest
from modelberth.kubernetes.monitoring import promql
from modelberth.kubernetes.monitoring.promql import ANYWHERE, VERSION_LABEL, Pods, quoted
from modelberth.kubernetes.monitoring.queries import QUANTILES, Watching, series_of
from modelberth.runtimes.series import Series

SIDECAR_LABEL = {"grafana_dashboard": "1"}
"""By which Grafana's sidecar finds a ConfigMap.
It must look into this namespace: the chart's value `sidecar.dashboards.searchNamespace`.
Source: https://github.com/grafana/helm-charts/tree/main/charts/grafana#sidecar-for-dashboards"""

BY_VERSION = f"{{{{{VERSION_LABEL}}}}}"
BY_POD = "{{pod}}"
"""Legends, in Grafana's own words."""
UID = "@uid@"
"""Where the dashboard's own identifier is put in."""


@dataclass(frozen=True, slots=True)
class Graph:
    """One graph."""

    title: str
    """What it shows."""
    unit: str
    """Unit of its axis, in Grafana's words."""
    lines: dict[str, str]
    """Legend to PromQL."""


def dashboard_objects(foundation: Foundation, place: Place, runtime: str, watching: Watching) -> dict[str, Manifest]:
    """The dashboard as Grafana's operator takes it, or as its sidecar does. Pure."""
    series = series_of(runtime, watching).model_dump_json()
    drawing = drawn(series, watching.container, watching.devices is not None)

    def text(namespace: str) -> str:
        return promql.named(drawing.replace(UID, uid_of(namespace, place.instance)), namespace, place.instance)

    name, content = f"{place.instance}-dashboard", promql.resolved(place.namespace, text)
    if "grafana-operator" in foundation.addons:
        # Grafana is seldom in the namespace of the services.
        spec = {"instanceSelector": {"matchLabels": {}}, "allowCrossNamespaceImport": True, "json": content}
        return {name: manifest("GrafanaDashboard", name, place, spec=spec)}
    made = manifest("ConfigMap", name, place, data={f"{place.instance}.json": content})
    made["metadata"]["labels"] |= SIDECAR_LABEL
    return {name: made}


def uid_of(namespace: str, instance: str) -> str:
    """What a dashboard is known by in Grafana, in 40 characters at most: one of another namespace is another.

    Source: https://grafana.com/docs/grafana/latest/developers/http_api/dashboard/#identifier-id-vs-unique-identifier-uid
    """
    return f"modelberth-{fingerprint(f'{namespace}/{instance}')[:16]}"


@cache
def drawn(series: str, container: str, devices: bool) -> str:
    """The JSON of a dashboard, with places for the names of namespace and service. Same arguments, same text.

    `series` is the JSON of a runtime's `Series`.
    """
    # Imported where it is used: it takes a quarter of a second.
    from grafana_foundation_sdk.builders import dashboard, prometheus, timeseries
    from grafana_foundation_sdk.cog.encoder import JSONEncoder
    from grafana_foundation_sdk.models.dashboard import DataSourceRef

    source = DataSourceRef(type_val="prometheus", uid="${datasource}")
    board = (
        dashboard.Dashboard(f"{ANYWHERE.namespace} / {ANYWHERE.instance}")
        .uid(UID)
        .tags(["modelberth", ANYWHERE.namespace])
        .refresh("1m")
        .time("now-6h", "now")
        .timezone("utc")
        .readonly()
        .with_variable(dashboard.DatasourceVariable("datasource").type("prometheus").label("Prometheus"))
    )
    for title, graphs in rows(Series.model_validate_json(series), ANYWHERE, container, devices):
        board = board.with_row(dashboard.Row(title))
        for graph in graphs:
            panel = timeseries.Panel().title(graph.title).unit(graph.unit).datasource(source).span(24 // len(graphs))
            for (legend, expression), letter in zip(graph.lines.items(), "ABCDEFGH", strict=False):
                panel = panel.with_target(
                    prometheus.Dataquery().expr(expression).legend_format(legend).ref_id(letter).datasource(source)
                )
            board = board.with_panel(panel.height(8).min(0))
    shown: dict[str, Any] = json.loads(JSONEncoder(sort_keys=True).encode(board.build()))
    for number, panel in enumerate(shown.get("panels", []), 1):
        panel["id"] = number
        # What the builders leave unset is null, which is no object for Grafana to read options from.
        shown["panels"][number - 1] = {field: value for field, value in panel.items() if value is not None}
    return json.dumps(shown, sort_keys=True)


def rows(series: Series, pods: Pods, container: str, devices: bool) -> Iterator[tuple[str, list[Graph]]]:
    """Title to the graphs of a row. A row without graphs is not there."""
    found = {
        "Requests": list(_requests(series, pods)),
        "Latency": list(_latencies(series, pods)),
        "Saturation": list(_saturation(series, pods, container)),
        "Pods": list(_pods(series, pods, container)),
        "Devices": list(_devices(pods)) if devices else [],
    }
    return ((title, graphs) for title, graphs in found.items() if graphs)


def _requests(series: Series, pods: Pods) -> Iterator[Graph]:
    if series.requests:
        yield Graph("Requests per second", "reqps", {BY_VERSION: promql.rate(series.requests, pods, by=VERSION_LABEL)})
    if series.failed:
        yield Graph("Failed", "percentunit", {BY_VERSION: promql.failed_share(series, pods, by=VERSION_LABEL)})
    for what, counter in series.work.items():
        lines = {BY_VERSION: promql.rate((counter,), pods, by=VERSION_LABEL)}
        yield Graph(f"{what.capitalize()} per second", "short", lines)


def _latencies(series: Series, pods: Pods) -> Iterator[Graph]:
    if series.latency is None:
        return
    for name, share in QUANTILES.items():
        expression = promql.quantile(series.latency, share, pods, by=VERSION_LABEL)
        if expression is not None:
            yield Graph(f"{name} latency", "s", {BY_VERSION: expression})


def _saturation(series: Series, pods: Pods, container: str) -> Iterator[Graph]:
    if not series:
        return
    used = promql.saturation(series, pods, container, VERSION_LABEL)
    yield Graph("In use", "percentunit", {BY_VERSION: used})
    if series.in_flight:
        under_way = (promql.selector(each, pods) for each in series.in_flight)
        yield Graph("Requests under way", "short", {BY_VERSION: promql.summed(under_way, VERSION_LABEL)})


def _pods(series: Series, pods: Pods, container: str) -> Iterator[Graph]:
    if not series:
        return
    where = f"namespace={quoted(pods.namespace)}"
    ready = promql.of_pods(f'kube_pod_status_ready{{{where},condition="true"}}', pods, VERSION_LABEL)
    yield Graph("Ready", "short", {BY_VERSION: f"sum by ({VERSION_LABEL}) ({ready})"})
    memory = f"container_memory_working_set_bytes{{{where},container={quoted(container)}}}"
    yield Graph("Memory", "bytes", {BY_POD: f"sum by (pod) ({promql.of_pods(memory, pods)})"})
    restarts = f"increase(kube_pod_container_status_restarts_total{{{where}}}[1h])"
    yield Graph("Restarts in an hour", "short", {BY_POD: f"sum by (pod) ({promql.of_pods(restarts, pods)})"})


def _devices(pods: Pods) -> Iterator[Graph]:
    """NVIDIA's, as dcgm-exporter shows them.

    Source: NVIDIA/dcgm-exporter@b54068a9feef589e07fc36c22642ad4bb61f6420:etc/default-counters.csv
    """
    where = f"namespace={quoted(pods.namespace)}"

    def of_gpu(vector: str) -> str:
        return f"avg by (pod, gpu) ({promql.of_pods(vector, pods)})"

    legend = "{{pod}} {{gpu}}"
    yield Graph("GPU in use", "percentunit", {legend: of_gpu(f"DCGM_FI_DEV_GPU_UTIL{{{where}}} / 100")})
    used, free = (f"DCGM_FI_DEV_FB_{which}{{{where}}}" for which in ("USED", "FREE"))
    yield Graph("GPU memory in use", "percentunit", {legend: of_gpu(f"({used} / ({used} + {free}))")})
