"""How a service is watched: what can be asked of it, who reads its metrics, what raises an alarm, what is drawn."""

from modelberth.core.service import Slo
from modelberth.kubernetes.foundation import Foundation
from modelberth.kubernetes.manifest import Manifest, Place
from modelberth.kubernetes.monitoring.alarms import prometheus_rule, refuse_unmeasured
from modelberth.kubernetes.monitoring.dashboard import dashboard_objects
from modelberth.kubernetes.monitoring.monitors import datadog_annotations, pod_monitor
from modelberth.kubernetes.monitoring.objectives import unmeasured
from modelberth.kubernetes.monitoring.queries import PLAIN, Watching, expressions, queries, series_of

__all__ = [
    "PLAIN",
    "Watching",
    "datadog_annotations",
    "expressions",
    "monitoring_objects",
    "queries",
    "series_of",
    "unmeasured",
]


def monitoring_objects(
    foundation: Foundation, place: Place, runtime: str, slo: Slo | None, watching: Watching = PLAIN
) -> dict[str, Manifest]:
    """Resource name to object: what reads the pods, the alarms, the dashboard. Pure.

    Empty without the add-on prometheus-operator, and for a runtime without metrics.
    Raises `ConfigError` for an objective that the runtime's metrics cannot show.
    """
    if "prometheus-operator" not in foundation.addons:
        return {}
    name, prometheus = place.instance, foundation.prometheus
    monitor = pod_monitor(place, runtime, prometheus, watching)
    refuse_unmeasured(runtime, slo, watching, name)
    if monitor is None:
        # Everything else finds the pods by what the monitor makes of them.
        return {}
    return {
        f"{name}-monitor": monitor,
        f"{name}-alarms": prometheus_rule(place, runtime, slo, prometheus, watching),
        **dashboard_objects(foundation, place, runtime, watching),
    }
