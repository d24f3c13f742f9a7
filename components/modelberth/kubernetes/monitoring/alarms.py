"""The alarms of a service: about its objectives, its pods, its scaler. One PrometheusRule."""

import json
from collections.abc import Iterator
from functools import cache

from modelberth.core.errors import ConfigError, Fault
from modelberth.core.service import Slo
from modelberth.kubernetes.foundation import Prometheus
from modelberth.kubernetes.manifest import VERSION_MARK, Manifest, Place, manifest
from modelberth.kubernetes.monitoring import promql
from modelberth.kubernetes.monitoring.monitors import selected
from modelberth.kubernetes.monitoring.objectives import (
    alarm,
    groups_of,
    shares_of,
    slow,
    unmeasured,
)
from modelberth.kubernetes.monitoring.promql import Pods
from modelberth.kubernetes.monitoring.queries import Watching, series_of
from modelberth.runtimes.series import Series

RESTARTS = 2
"""More restarts of one container in a quarter of an hour are no accident."""


def prometheus_rule(
    place: Place, runtime: str, slo: Slo | None, prometheus: Prometheus | None, watching: Watching
) -> Manifest:
    """The rules of one service. Pure."""
    series = series_of(runtime, watching).model_dump_json()
    written = _written(series, None if slo is None else slo.model_dump_json(), watching.scales_to_zero)

    def spec(namespace: str) -> Manifest:
        return {"groups": json.loads(promql.named(written, namespace, place.instance))}

    name = f"{place.instance}-alarms"
    rule = manifest("PrometheusRule", name, place, spec=promql.resolved(place.namespace, spec))
    return selected(rule, prometheus)


@cache
def _written(series: str, slo: str | None, scales_to_zero: bool) -> str:
    """The groups of a service anywhere, as JSON."""
    promised = None if slo is None else Slo.model_validate_json(slo)
    found = groups(Series.model_validate_json(series), promql.ANYWHERE, promised, scales_to_zero)
    return json.dumps(found)


def refuse_unmeasured(runtime: str, slo: Slo | None, watching: Watching, source: str) -> None:
    """Raises `ConfigError` for each objective that the runtime's metrics cannot show: it would be unwatched."""
    cannot = {} if slo is None else unmeasured(series_of(runtime, watching), slo)
    fix = "leave it out, or take a runtime that does, as `serving`"
    faults = [Fault(f"slo.{field}", f"the runtime {runtime} {why}", fix) for field, why in cannot.items()]
    if faults:
        raise ConfigError(faults, source=source)


def groups(series: Series, pods: Pods, slo: Slo | None, scales_to_zero: bool = False) -> list[Manifest]:
    """Groups of rules; those of one group run one after the other, so shares are recorded before they are compared."""
    name = f"{pods.namespace}.{pods.instance}"
    found = [{"name": f"{name}.pods", "rules": list(about_pods(pods, scales_to_zero))}]
    if slo is None:
        return found
    for share in shares_of(series, pods, slo):
        found.extend(groups_of(share, pods, name))
    latencies = list(slow(series, pods, slo))
    return [*found, *([{"name": f"{name}.latency", "rules": latencies}] if latencies else [])]


def about_pods(pods: Pods, scales_to_zero: bool) -> Iterator[Manifest]:
    """Alarms that need no objective. They need kube-state-metrics, as kube-prometheus-stack installs it."""
    where = f"namespace={promql.quoted(pods.namespace)}"
    if not scales_to_zero:
        yield _none_ready(where, pods)
        yield _unseen(pods)
    yield _restarting(where, pods)
    yield _at_ceiling(where, pods)


def _none_ready(where: str, pods: Pods) -> Manifest:
    """For each version whose pods Prometheus reads; that it reads none at all is another alarm's."""
    label = promql.VERSION_LABEL
    ready = promql.of_pods(f'kube_pod_status_ready{{{where},condition="true"}}', pods, label)
    description = (
        f"No pod of version {{{{ $labels.{label} }}}} has been ready for 5 minutes: every request to it fails. See the "
        "events of its pods."
    )
    summary = f"A version of {pods.instance} has no pod that is ready."
    return alarm("NoPodReady", f"sum by ({label}) ({ready}) == 0", "critical", summary, description, pods, "5m")


def _unseen(pods: Pods) -> Manifest:
    """Without it every other alarm of a service is silent where nothing is measured."""
    expression = f"absent({pods.up()}) or (max({pods.up()}) == 0)"
    description = (
        "For 15 minutes Prometheus has read no metrics of any of its pods: there are none, or it cannot reach them. No "
        "other alarm of this service can fire."
    )
    summary = f"Nothing is known of {pods.instance}."
    return alarm("MetricsMissing", expression, "critical", summary, description, pods, "15m")


def _restarting(where: str, pods: Pods) -> Manifest:
    restarts = f"increase(kube_pod_container_status_restarts_total{{{where}}}[15m])"
    expression = f"max by (namespace, pod) ({promql.of_pods(restarts, pods)}) > {RESTARTS}"
    description = (
        "{{ $labels.pod }} has been started anew {{ $value | humanize }} times in 15 minutes. See why its container "
        "ended: memory, a probe, the model."
    )
    summary = f"A pod of {pods.instance} keeps ending."
    return alarm("PodRestarts", expression, "warning", summary, description, pods)


def _at_ceiling(where: str, pods: Pods) -> Manifest:
    # One for each version: `ranker--1-4-0`; KEDA puts its own prefix before the name. No service's name has the mark in
    # it, so they are never another's.
    names = f"horizontalpodautoscaler=~{promql.quoted(f'(keda-hpa-)?{pods.instance}({VERSION_MARK}.+)?')}"
    of_scaler = "kube_horizontalpodautoscaler_{}{{{},{}}}"
    now, most, least = (
        of_scaler.format(field, where, names)
        for field in ("status_current_replicas", "spec_max_replicas", "spec_min_replicas")
    )
    # A floor at the ceiling is no scaling, and nothing to tell of.
    expression = f"{now} >= ({most} > {least})"
    description = (
        "{{ $labels.horizontalpodautoscaler }} has had {{ $value }} pods, all that it may, for 15 minutes: more load "
        "makes requests slow. Raise its ceiling, or find out where the load is from."
    )
    summary = f"{pods.instance} cannot grow any more."
    return alarm("ScalerAtCeiling", expression, "warning", summary, description, pods, "15m")
