"""Gates as an AnalysisTemplate: what Argo asks Prometheus at every step, and what it makes of the answer. Pure.

A measurement that meets its gate is a success, and one that does not undoes the change. One of which too little is
known yet (too few requests, no data, not a number) is neither: if all of a step are like that, the rollout waits for a
person. Five errors of Prometheus in a row undo the change too.
Source: argoproj/argo-rollouts@v1.8.3:analysis/analysis.go, utils/evaluate/evaluate.go
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from modelberth.core.endpoint import Signal
from modelberth.core.rollout import Gate, QueryLimit
from modelberth.kubernetes.manifest import Manifest, Place, manifest
from modelberth.kubernetes.monitoring import expressions, series_of
from modelberth.kubernetes.monitoring.promql import Pods, label_of, quoted, resolved, selector, summed
from modelberth.kubernetes.rollouts.gates import MEASURE_SECONDS, signal_of
from modelberth.runtimes.series import Series

HASH_LABEL = "rollouts-pod-template-hash"
"""The label that Argo puts on the pods of one revision.
Source: argoproj/argo-rollouts@v1.8.3:pkg/apis/rollouts/v1alpha1/types.go"""

CANARY, STABLE = "canary", "stable"
"""Arguments of an analysis: the hash of the new revision, and of the one before it."""

QUERY_SECONDS = 20
"""How long Prometheus may take to answer."""


@dataclass(frozen=True, slots=True)
class Revision(Pods):
    """The pods of one revision: a change of the image alone has no other version."""

    argument: str = CANARY
    """Which revision: an argument of the analysis."""

    def matchers(self) -> list[str]:
        """As for all pods of the service, and Argo's hash, which it fills in."""
        asked = quoted(f"{{{{args.{self.argument}}}}}")
        # Two arguments, because a dataclass with slots is made anew and `super()` alone would name the first one.
        return [*Pods.matchers(self), f"{label_of(HASH_LABEL)}={asked}"]


class Watch(NamedTuple):
    """How often a gate is asked during a step."""

    times: int
    """Measurements."""

    seconds: int
    """From the beginning to the first one, and from each to the next."""


class Asked(NamedTuple):
    """What one limit asks."""

    name: str
    """Its name in the template."""

    query: str
    """The PromQL."""

    ceiling: float
    """The highest answer that is in order."""


def watch_of(bake: float) -> Watch:
    """Measurements that fill a step of `bake` seconds, one a minute or a little less often."""
    count = max(1, int(bake // MEASURE_SECONDS))
    return Watch(count, max(1, round(bake / count)))


def analysis_template(
    gates: Sequence[Gate], place: Place, runtime: str, prometheus: str, version: str, bake: float
) -> Manifest:
    """What is measured during a step of `bake` seconds. Pure."""
    series, watch = series_of(runtime), watch_of(bake)

    def metrics(namespace: str) -> list[dict[str, Any]]:
        canary, stable = (Revision(namespace, place.instance, argument=which) for which in (CANARY, STABLE))
        asked = [each for index, gate in enumerate(gates) for each in _asked(index, gate, series, canary, stable)]
        return [
            _metric(each._replace(query=each.query.replace("{version}", version)), watch, prometheus) for each in asked
        ]

    spec = {"args": [{"name": CANARY}, {"name": STABLE}], "metrics": resolved(place.namespace, metrics)}
    return manifest("AnalysisTemplate", place.instance, place, spec=spec)


def _asked(index: int, gate: Gate, series: Series, canary: Pods, stable: Pods) -> list[Asked]:
    """What one gate asks, for each of its limits."""
    signal, limit = signal_of(gate)
    name = f"{index}-{signal.replace('_', '-')}"
    mine = limit.query if isinstance(limit, QueryLimit) else _expression(series, canary, signal)
    enough = _enough(series, canary, gate.min_sample)
    found: list[Asked] = []
    if limit.below is not None:
        found.append(Asked(name, f"({mine}){enough}", limit.below))
    if limit.times_stable is not None:
        theirs = _expression(series, stable, signal)
        # A difference, not a quotient: the stable version may well have no error at all.
        found.append(Asked(f"{name}-to-stable", f"(({mine}) - {limit.times_stable:.12g} * ({theirs})){enough}", 0.0))
    return found


def _expression(series: Series, pods: Pods, signal: str) -> str:
    by_signal: dict[Signal, str] = expressions(series, pods)
    return by_signal[signal]  # pyright: ignore[reportArgumentType] - a gate on another signal is refused before


def _enough(series: Series, pods: Pods, least: int) -> str:
    """What empties the answer while the new pods have answered fewer requests than that since they started."""
    return f" and on () ({summed(selector(each, pods) for each in series.requests)} >= {least})" if least else ""


def _metric(asked: Asked, watch: Watch, prometheus: str) -> dict[str, Any]:
    """The first measurement that is above its ceiling ends it."""
    several = {"interval": f"{watch.seconds}s", "count": watch.times} if watch.times > 1 else {}
    ceiling = f"{asked.ceiling:.12g}"
    return {
        "name": asked.name,
        "initialDelay": f"{watch.seconds}s",
        **several,
        # An empty answer meets neither, nor does one that is no number: too little is known.
        "successCondition": f"len(result) > 0 && result[0] <= {ceiling}",
        "failureCondition": f"len(result) > 0 && result[0] > {ceiling}",
        "failureLimit": 0,
        "inconclusiveLimit": watch.times - 1,
        "provider": {"prometheus": {"address": prometheus, "query": asked.query, "timeout": QUERY_SECONDS}},
    }
