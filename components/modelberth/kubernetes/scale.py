"""How many pods a `Service` asks for, in the words of `Autoscaling`, and what no cluster can do of it.

By the processor a HorizontalPodAutoscaler scales; by requests and by the clock KEDA does, which asks Prometheus.
"""

from collections.abc import Iterator
from typing import Any

from modelberth.core.service import Scale, ScaleOn, Service
from modelberth.kubernetes.foundation import Foundation, needs
from modelberth.kubernetes.monitoring import promql, series_of
from modelberth.kubernetes.monitoring.promql import ANY_VERSION, Pods
from modelberth.kubernetes.translation import Limit
from modelberth.kubernetes.weekly import in_turn, parse

SIGNALS = ("concurrency", "requests_per_second")
"""Signals that Prometheus is asked for."""
LEAST = 0.001
"""The smallest amount for a pod that Kubernetes can write."""


def load_query(runtime: str, signal: str, version: str | None = ANY_VERSION) -> str | None:
    """The PromQL of a signal for all pods of one version, 0 where nobody asks. None: the server does not show it.

    The words in braces are filled in where the object is made. `version`: None for all versions together.
    """
    series, pods = series_of(runtime), Pods("{namespace}", "{service}", version)
    if signal == "concurrency":
        return promql.in_flight(series, pods)
    return f"{promql.rate(series.requests, pods)} or vector(0)" if series.requests else None


def number_of(service: Service, version: str | None = ANY_VERSION) -> dict[str, Any]:
    """`replicas`, or `scaling`, as the Args of a kind take them. Pure. What `scale_limits` names is not in it.

    `version`: None where pods of several versions are scaled as one.
    """
    scale = service.scale
    if scale.on is None and not scale.schedule:
        return {"replicas": scale.min}
    bounds = {"min_replicas": scale.min, "max_replicas": scale.max}
    cpu = {} if scale.on is None or scale.on.cpu is None else {"cpu": scale.on.cpu}
    triggers = [*_signal(service.runtime, scale.on, version), *_windows(scale)]
    return {"scaling": {**bounds, **cpu, **({"keda": {"triggers": triggers}} if triggers else {})}}


def _signal(runtime: str, on: ScaleOn | None, version: str | None) -> Iterator[dict[str, Any]]:
    for signal in SIGNALS:
        wanted = None if on is None else getattr(on, signal)
        query = load_query(runtime, signal, version)
        if wanted is not None and query is not None:
            yield {"prometheus": {"query": query, "per_pod": wanted}}


def _windows(scale: Scale) -> Iterator[dict[str, Any]]:
    """From each entry to the next: KEDA knows windows, not points in time. At the floor itself none is needed."""
    order = in_turn([entry.cron for entry in scale.schedule]) or []
    for place, index in enumerate(order):
        entry, following = scale.schedule[index], scale.schedule[order[(place + 1) % len(order)]]
        if entry.min > scale.min:
            yield {"cron": {"start": entry.cron, "end": following.cron, "replicas": entry.min}}


def scale_limits(service: Service, shared: Foundation) -> Iterator[Limit]:
    """Whether a limit of scaling is met, for which field, why, and what to write instead."""
    scale = service.scale
    none = "a request that finds no pod fails: nothing holds it until one is up, and nothing counts it"
    yield scale.min == 0, "scale.min", none, "take kubernetes:kserve with Knative, or write 1"
    still = f"min is {scale.min}, and nothing moves it up"
    idle = 0 < scale.min < scale.max and scale.on is None and not scale.schedule
    yield idle, "scale.max", still, "give scale.on or a schedule, or write the same"
    fixed = scale.on is not None and scale.min == scale.max
    yield fixed, "scale.on", f"min and max are both {scale.min}, so nothing moves", "raise max, or leave it out"
    if scale.on is not None:
        yield from _signal_limits(service, scale.on, shared)
    if scale.schedule:
        yield from _schedule_limits(scale, shared)


def _signal_limits(service: Service, on: ScaleOn, shared: Foundation) -> Iterator[Limit]:
    small = on.cpu is not None and round(on.cpu * 100) < 1
    yield small, "scale.on.cpu", "Kubernetes takes whole percent from 1 on", "write 1% or more"
    for signal in SIGNALS:
        wanted = getattr(on, signal)
        if wanted is None:
            continue
        field = f"scale.on.{signal}"
        yield not LEAST <= wanted <= 10**12, field, f"{wanted:g} cannot be written as an amount", "write 0.001 or more"
        why = needs(shared, "keda", "scaling by requests")
        yield bool(why), field, why, "or take scale.on.cpu"
        blind = "there is no Prometheus that counts requests"
        yield shared.prometheus is None, field, blind, "name it in foundation.prometheus, or take scale.on.cpu"
        silent = f"{service.runtime} shows no such number"
        yield load_query(service.runtime, signal) is None, field, silent, "take scale.on.cpu"


def _schedule_limits(scale: Scale, shared: Foundation) -> Iterator[Limit]:
    why = needs(shared, "keda", "a schedule")
    yield bool(why), "scale.schedule", why, "or leave it out"
    wrong = False
    for index, entry in enumerate(scale.schedule):
        field = f"scale.schedule.{index}"
        why, fix = _cron_fault(entry.cron)
        wrong |= bool(why)
        yield bool(why), f"{field}.cron", why, fix
        ceiling = f"KEDA's ceiling is the same at all times, and scale.max is {scale.max}"
        yield entry.max != scale.max, f"{field}.max", ceiling, f"write {scale.max}, or change scale.max"
        floor = f"KEDA's windows raise the floor and never lower it, and scale.min is {scale.min}"
        yield entry.min < scale.min, f"{field}.min", floor, f"write {scale.min} or more, or lower scale.min"
    if not wrong:
        yield from _order_limits(scale)


def _order_limits(scale: Scale) -> Iterator[Limit]:
    alone = len(scale.schedule) == 1
    forever = "its floor would have no end, since no other entry comes after it"
    yield alone, "scale.schedule.0", forever, "add the entry that ends it, or raise scale.min"
    mixed = "its entries do not come in turn, so that KEDA's windows would be open at other times"
    muddled = not alone and in_turn([entry.cron for entry in scale.schedule]) is None
    yield muddled, "scale.schedule", mixed, "give all the same days, and each one time of day"
    flat = all(entry.min == scale.min for entry in scale.schedule)
    yield not alone and flat, "scale.schedule", f"each entry says min {scale.min}, as scale.min does", "leave it out"


def _cron_fault(cron: str) -> tuple[str, str]:
    """Why a schedule cannot be, and what to write instead; empty where it can."""
    try:
        parse(cron)
    except ValueError as error:
        why, _, fix = str(error).rpartition("; ")
        return why, fix
    return "", ""
