"""Who reads the metrics of pods: a PodMonitor for Prometheus' operator, or annotations for the agent of Datadog."""

import json
from typing import Any

from modelberth.kubernetes.foundation import Prometheus
from modelberth.kubernetes.manifest import INSTANCE, VERSION, Manifest, Place, manifest, selector
from modelberth.kubernetes.monitoring.queries import Watching
from modelberth.kubernetes.pods import SERVER
from modelberth.runtimes import load


def selected(place: Manifest, prometheus: Prometheus | None) -> Manifest:
    """An object with the labels that Prometheus' operator looks for."""
    labels = {} if prometheus is None else prometheus.selector
    metadata = place["metadata"]
    return {**place, "metadata": {**metadata, "labels": {**metadata["labels"], **labels}}}


def pod_monitor(place: Place, runtime: str, prometheus: Prometheus | None, watching: Watching) -> Manifest | None:
    """What makes Prometheus read each pod of a service. None where the runtime shows no metrics. Pure.

    Pods, not their Service: each is read, ready or not, and the version is a label of theirs.
    """
    metrics = load(runtime).metrics
    if metrics is None or (metrics.needs is not None and not watching.settled):
        return None
    endpoint = {"port": metrics.port if watching.port is None else watching.port, "path": metrics.path}
    spec = {
        "selector": {"matchLabels": selector(place)},
        "podTargetLabels": [INSTANCE, VERSION],
        "podMetricsEndpoints": [endpoint],
    }
    return selected(manifest("PodMonitor", place.instance, place, spec=spec), prometheus)


def datadog_annotations(runtime: str, namespace: str, container: str = SERVER) -> dict[str, str]:
    """Annotations of a pod template by which Datadog's agent reads the metrics. Empty where there are none. Pure.

    `namespace` is what Datadog puts before each name: `ranker`. Needs agent 7.36.
    Source: https://docs.datadoghq.com/containers/kubernetes/prometheus/
    """
    found = load(runtime)
    if found.metrics is None:
        return {}
    port = found.ports[found.metrics.port]
    names: list[Any] = sorted({_datadog_name(name) for name in found.metrics.series.names()})
    instance = {
        "openmetrics_endpoint": f"http://%%host%%:{port}{found.metrics.path}",
        "namespace": namespace,
        # Each name costs; without a documented one, all are taken.
        "metrics": names or [".*"],
    }
    checks = {"openmetrics": {"init_config": {}, "instances": [instance]}}
    return {f"ad.datadoghq.com/{container}.checks": json.dumps(checks, sort_keys=True)}


def _datadog_name(series: str) -> str:
    """A counter is asked for without `_total`.

    Source: https://docs.datadoghq.com/integrations/openmetrics/
    """
    return series.removesuffix("_total")
