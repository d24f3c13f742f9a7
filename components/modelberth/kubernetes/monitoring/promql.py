"""Questions in PromQL, made of what a model server is documented to count. Pure: texts in, texts out."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

import pulumi

from modelberth.kubernetes.manifest import INSTANCE, VERSION
from modelberth.runtimes.series import SECONDS, Latency, Selection, Series

T = TypeVar("T")

WINDOW = "5m"
"""Over how long a rate is taken, where nothing else is said: ten readings at the usual 30 seconds."""

ANY_VERSION = "{version}"
"""Where the version stands that is asked about, as in `core.endpoint.MetricQuery`."""


def label_of(pod_label: str) -> str:
    """The label that Prometheus makes of a pod's: what is no letter, digit or underscore becomes one.

    Source: https://prometheus.io/docs/prometheus/latest/configuration/configuration/#kubernetes_sd_config
    """
    return "".join(letter if letter.isalnum() else "_" for letter in pod_label)


SERVICE_LABEL = label_of(INSTANCE)
VERSION_LABEL = label_of(VERSION)
"""The labels by which series are found; the monitor copies them from the pods."""


@dataclass(frozen=True, slots=True)
class Pods:
    """Whose series are asked for."""

    namespace: str
    """Where they are."""

    instance: str
    """Their service."""

    version: str | None = None
    """Which version they serve: one, or `ANY_VERSION`. None: all."""

    def matchers(self) -> list[str]:
        """What their series have in common, as PromQL has it."""
        named = {"namespace": self.namespace, SERVICE_LABEL: self.instance, VERSION_LABEL: self.version}
        return [f"{label}={quoted(value)}" for label, value in named.items() if value is not None]

    def up(self) -> str:
        """The pods that Prometheus reads: by it, what others say of pods (cAdvisor, kube-state-metrics) is theirs."""
        return f"up{{{','.join(self.matchers())}}}"


ANYWHERE = Pods("@namespace@", "@service@")
"""Whose rules and graphs are written once; then names are put in, so that a hundred services cost one writing."""


def named(text: str, namespace: str, instance: str) -> str:
    """A text about `ANYWHERE`, about a service instead."""
    return text.replace(ANYWHERE.namespace, namespace).replace(ANYWHERE.instance, instance)


def quoted(value: str) -> str:
    """A text in PromQL. Source: https://prometheus.io/docs/prometheus/latest/querying/basics/#string-literals"""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def resolved(value: pulumi.Input[str], compute: Callable[[str], T]) -> pulumi.Input[T]:
    """What follows from a text: at once where it is plain, so that a preview shows it, else once it is known."""
    return compute(value) if isinstance(value, str) else pulumi.Output.from_input(value).apply(compute)


def selector(selection: Selection, pods: Pods, suffix: str = "", *more: str) -> str:
    """The series of a selection that come from the pods: `modelberth_requests_total{namespace="models",…}`."""
    where = [f"{label}=~{quoted(pattern)}" for label, pattern in selection.where.items()]
    return f"{selection.series}{suffix}{{{','.join([*pods.matchers(), *where, *more])}}}"


def summed(parts: Iterable[str], by: str = "") -> str:
    """The sum of several vectors, each of which may be empty."""
    vectors = list(parts)
    if len(vectors) > 1:
        # Without their names, series of two counters can have the same labels; then `or` would drop one.
        vectors = [f'label_replace({each}, "counter", "{index}", "", "")' for index, each in enumerate(vectors)]
    grouping = f" by ({by}) " if by else ""
    return f"sum{grouping}({' or '.join(vectors)})"


def rate(selections: Iterable[Selection], pods: Pods, window: str = WINDOW, by: str = "") -> str:
    """Events per second of counters that are one thing together."""
    return summed((f"rate({selector(each, pods)}[{window}])" for each in selections), by)


def increase(selections: Iterable[Selection], pods: Pods, window: str = WINDOW) -> str:
    """Events in a window of time."""
    return summed(f"increase({selector(each, pods)}[{window}])" for each in selections)


def failed_share(series: Series, pods: Pods, window: str = WINDOW, by: str = "") -> str:
    """The share of requests that failed; without requests there is no answer.

    A counter that nothing has raised yet is not there, so the failures are then none of the requests.
    """
    answered = rate(series.requests, pods, window, by)
    return f"({rate(series.failed, pods, window, by)} or 0 * {answered}) / ({answered} > 0)"


def quantile(latency: Latency, share: float, pods: Pods, window: str = WINDOW, by: str = "") -> str | None:
    """How long the slower ones take, in seconds: 0.95 is the 95th percentile. None where the server does not tell.

    Buckets of all pods are added up before; of quantiles, which cannot be, the worst pod's is taken.
    """
    length = SECONDS[latency.unit]
    scaled = "" if length == 1 else f" * {length:g}"
    if latency.kind == "histogram":
        buckets = rate((Selection(series=f"{latency.series}_bucket", where=latency.where),), pods, window, _and(by))
        return f"histogram_quantile({share:g}, {buckets}){scaled}"
    if share not in latency.quantiles:
        return None
    grouping = f" by ({by}) " if by else ""
    given = selector(latency, pods, "", f'quantile="{share:g}"')
    return f"max{grouping}({given}){scaled}"


def _and(by: str) -> str:
    return f"le, {by}" if by else "le"


def slower_share(latency: Latency, seconds: float, pods: Pods, window: str = WINDOW) -> str | None:
    """The share of requests slower than a length of time. None where no bucket ends there."""
    bound = next((each for each in latency.bounds if _equal(each * SECONDS[latency.unit], seconds)), None)
    if bound is None:
        return None
    # Servers and versions of Prometheus write a whole number with or without `.0`.
    text = f"{bound:g}".replace(".", "[.]") if bound != int(bound) else f"{bound:g}([.]0)?"
    count = f"rate({selector(latency, pods, '_count')}[{window}])"
    within = f"rate({selector(latency, pods, '_bucket', f'le=~{quoted(text)}')}[{window}])"
    return f"1 - sum({within}) / (sum({count}) > 0)"


def _equal(one: float, other: float) -> bool:
    return abs(one - other) <= 1e-9 * max(one, other)


def saturation(series: Series, pods: Pods, container: str, by: str = "") -> str:
    """The share of what runs out first that is in use: what the server says of it, or the cores that it asked for.

    Cores may be above 1, for there is no limit of them. They need cAdvisor and kube-state-metrics, as
    kube-prometheus-stack installs them.
    """
    grouping = f" by ({by}) " if by else ""
    if series.full is not None:
        return f"avg{grouping}({selector(series.full, pods)})"
    where = f"namespace={quoted(pods.namespace)},container={quoted(container)}"
    used = f"rate(container_cpu_usage_seconds_total{{{where}}}[{WINDOW}])"
    asked = f'kube_pod_container_resource_requests{{{where},resource="cpu"}}'
    return f"sum{grouping}({of_pods(used, pods, by)}) / sum{grouping}({of_pods(asked, pods, by)})"


def of_pods(vector: str, pods: Pods, by: str = "") -> str:
    """What others say of pods, of those that Prometheus reads for a service, with their version where it is asked."""
    labels = ", ".join(["namespace", "pod", *([by] if by else [])])
    known = f"max by ({labels}) ({pods.up()} >= bool 0)"
    return f"{vector} * on (namespace, pod) group_left({by}) {known}"


def in_flight(series: Series, pods: Pods) -> str | None:
    """Requests under way in all pods, 0 where none says so. None where the server does not tell."""
    if not series.in_flight:
        return None
    return f"{summed(selector(each, pods) for each in series.in_flight)} or vector(0)"
