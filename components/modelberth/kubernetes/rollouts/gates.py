"""Which changes of version, and which gates, Argo cannot carry out or nothing can answer: each by its field. Pure."""

from collections.abc import Iterator, Sequence

from modelberth.core.rollout import SIGNALS, BlueGreen, Canary, Gate, Limit, Linear, Rollout
from modelberth.core.traffic import WHOLE
from modelberth.kubernetes.monitoring import expressions, series_of
from modelberth.kubernetes.monitoring.promql import Pods

MEASURE_SECONDS = 60
"""Between two measurements of one gate: Prometheus itself reads twice in that time, as it mostly is set."""

MOST_SECONDS = 2**31 - 1 - 2 * MEASURE_SECONDS
"""Seconds of one step: Argo counts them, and what is added to them, in 32 bits.
Source: argoproj/argo-rollouts@v1.8.3:pkg/apis/rollouts/v1alpha1/types.go"""

Fault = tuple[str, str, str]
"""The field, why not, and what to write instead."""


def stepped(rollout: Rollout) -> bool:
    """Whether a change of version stops somewhere, so that gates can be asked."""
    return moving(rollout) is not None or rollout.blue_green is not None


def moving(rollout: Rollout) -> Canary | Linear | None:
    """The strategy by which shares of the requests move."""
    return rollout.linear if rollout.canary is None else rollout.canary


def bake_of(rollout: Rollout) -> float:
    """Seconds for which each step is watched; 0 where there is none."""
    return _watched(rollout)[1]


def _watched(rollout: Rollout) -> tuple[str, float]:
    """The field that says how long each step is watched, and what it says."""
    match rollout.blue_green or moving(rollout):
        case Linear(interval=seconds):
            return "rollout.linear.interval", seconds
        case Canary(bake=seconds):
            return "rollout.canary.bake", seconds
        case BlueGreen(bake=seconds):
            return "rollout.blue_green.bake", seconds
        case _:
            return "rollout", 0


def impossible(rollout: Rollout) -> Iterator[Fault]:
    """What Argo has no word for, whatever the cluster."""
    for strategy in ("shadow", "ab_test"):
        if getattr(rollout, strategy) is not None:
            yield f"rollout.{strategy}", "Argo has no lasting split", "take kubernetes:deployment"
    if rollout.linear is not None and rollout.linear.step == WHOLE:
        yield "rollout.linear.step", "100 % is no step but the end, before which nothing is watched", "write less"
    path, seconds = _watched(rollout)
    if seconds > MOST_SECONDS:
        yield path, f"{seconds:g} s are more than Argo counts ({MOST_SECONDS})", "write less"


def unwatched(rollout: Rollout, runtime: str, *, measured: bool) -> list[Fault]:
    """The gates that no analysis can judge. `measured`: whether there is a Prometheus to ask."""
    if not rollout.gates:
        return []
    if not stepped(rollout):
        return [("rollout.gates", "nothing is judged while pods are replaced", "take canary, linear or blue_green")]
    if not measured:
        return [("rollout.gates", "there is no Prometheus to ask", "name foundation.prometheus, or leave them out")]
    path, seconds = _watched(rollout)
    short = f"gates are asked once a minute, and a step of {seconds:g} s is over before"
    hurried = [(path, short, "write 1m or more, or leave rollout.gates out")] if seconds < MEASURE_SECONDS else []
    return [*hurried, *unanswered(rollout.gates, runtime, alone=rollout.blue_green is not None)]


def unanswered(gates: Sequence[Gate], runtime: str, *, alone: bool = False) -> list[Fault]:
    """The gates that nothing can answer. `alone`: whether the version before has no requests meanwhile."""
    return [fault for index, gate in enumerate(gates) for fault in _unanswered(index, gate, runtime, alone)]


def _unanswered(index: int, gate: Gate, runtime: str, alone: bool) -> Iterator[Fault]:
    series = series_of(runtime)
    signal, limit = signal_of(gate)
    path = f"rollout.gates.{index}"
    if signal == "query":
        if limit.times_stable is not None:
            yield f"{path}.query.times_stable", "your query tells one version only", "write below"
    elif signal not in expressions(series, Pods("", "")):
        yield f"{path}.{signal}", f"the metrics of {runtime} do not tell it", "leave it out, or give a query"
        return
    elif alone and limit.times_stable is not None:
        no_other = "with blue_green the version before gets no requests, so there is nothing to compare with"
        yield f"{path}.{signal}.times_stable", no_other, "write below, or take canary"
    if gate.min_sample and not series.requests:
        yield f"{path}.min_sample", f"{runtime} does not count its requests", "write 0"


def signal_of(gate: Gate) -> tuple[str, Limit]:
    """What a gate is on, and its limit."""
    return next((signal, getattr(gate, signal)) for signal in SIGNALS if getattr(gate, signal) is not None)
