"""The objectives of a service as rules: shares that are recorded, and alarms on how fast their budgets burn. Pure."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from modelberth.core.service import Slo
from modelberth.kubernetes.manifest import Manifest
from modelberth.kubernetes.monitoring import promql
from modelberth.kubernetes.monitoring.burn_rates import WINDOWS, Pace, paces_of, slow_windows, threshold
from modelberth.kubernetes.monitoring.promql import Pods
from modelberth.kubernetes.monitoring.queries import QUANTILES
from modelberth.runtimes.series import Series

RUNBOOKS = "docs/runbooks/kubernetes.md"
"""The page that says what to do, relative to this library's repository; an alarm is a heading on it."""

WINDOWS_SET = frozenset(WINDOWS)
SLOW_INTERVAL = "5m"
"""How often long windows are recorded."""

SLOW_FOR = "10m"
"""How long a quantile must be too high, where no bucket ends at the objective."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share of bad requests that is recorded for each window."""

    name: str
    """`failed`, `slower_than_p95`."""
    objective: float
    """The share of good ones that is promised."""
    bad: str
    """What bad ones are, in words: `failed`, `took longer than 200 ms`."""
    expressions: dict[str, str]
    """Window to the PromQL of the share."""

    def recorded(self, window: str) -> str:
        """The name under which Prometheus keeps it.

        Source: https://prometheus.io/docs/practices/rules/#naming
        """
        return f"service:modelberth_{self.name}:share_{window}"


def unmeasured(series: Series, slo: Slo) -> dict[str, str]:
    """Field of an objective to why it cannot be watched, for those that cannot. Pure."""
    why = {}
    if slo.availability is not None and not series.failed:
        why["availability"] = "does not say which requests fail"
    latency = series.latency
    for name, share in QUANTILES.items():
        if getattr(slo, name) is None:
            continue
        if latency is None:
            why[name] = "does not say how long requests take"
        elif latency.kind == "summary" and share not in latency.quantiles:
            why[name] = f"gives the quantiles {', '.join(f'{each:g}' for each in latency.quantiles)}, not {share:g}"
    return why


def shares_of(series: Series, pods: Pods, slo: Slo) -> Iterator[Share]:
    """What is recorded: failures, and for each latency at which a bucket ends, the requests that took longer."""
    if slo.availability is not None:
        failed = {length: promql.failed_share(series, pods, length) for length in WINDOWS}
        yield Share("failed", slo.availability, "failed", failed)
    for name, share in QUANTILES.items():
        seconds = getattr(slo, name)
        if seconds is None or series.latency is None:
            continue
        slower = {length: promql.slower_share(series.latency, seconds, pods, length) for length in WINDOWS}
        known = {length: expression for length, expression in slower.items() if expression is not None}
        if known:
            yield Share(f"slower_than_{name}", share, f"took longer than {milliseconds(seconds)}", known)


def groups_of(share: Share, pods: Pods, name: str) -> Iterator[Manifest]:
    """What is recorded of a share, and its alarms behind it: each alarm in the group of its long window.

    Long windows read days of samples, so they are recorded, and compared, every five minutes only. A recorded share is
    looked up no further back than that, so whatever compares one of them stands right behind it.
    Source: https://prometheus.io/docs/prometheus/latest/querying/basics/#staleness
    """
    slow_ones = slow_windows()
    for suffix, windows, often in (
        ("", WINDOWS_SET - slow_ones, {}),
        (".long", slow_ones, {"interval": SLOW_INTERVAL}),
    ):
        rules = [*recording_rules(share, pods, windows), *burning(share, pods, windows)]
        yield {"name": f"{name}.{share.name}{suffix}", **often, "rules": rules}


def recording_rules(share: Share, pods: Pods, windows: Collection[str]) -> list[Manifest]:
    """One rule for each of some windows: over three days, an alarm cannot read every sample each minute."""
    labels = {"namespace": pods.namespace, "service": pods.instance}
    return [
        {"record": share.recorded(length), "expr": expression, "labels": labels}
        for length, expression in share.expressions.items()
        if length in windows
    ]


def burning(share: Share, pods: Pods, windows: Collection[str]) -> Iterator[Manifest]:
    """One alarm for each pace at which the budget can burn and whose long window is one of some."""
    where = f"{{namespace={promql.quoted(pods.namespace)},service={promql.quoted(pods.instance)}}}"
    for pace in (each for each in paces_of(share.objective) if each.long in windows):
        limit = f"{threshold(share.objective, pace):.12g}"
        both = (f"{share.recorded(length)}{where} > {limit}" for length in (pace.long, pace.short))
        name = f"{camel(share.name)}BudgetBurns{pace.factor:g}x".replace(".", "_")
        yield alarm(
            name, " and ".join(both), pace.severity, _summary(share, pace, pods), _description(share, pace), pods
        )


def _summary(share: Share, pace: Pace, pods: Pods) -> str:
    return f"Too many requests to {pods.instance} {share.bad}, {pace.factor:g} times as many as its objective allows."


def _description(share: Share, pace: Pace) -> str:
    left = f"at this pace {pace.budget:.0%} of the 30 days' budget are gone in {pace.long}"
    seen = f"seen over {pace.long} and over the last {pace.short}"
    promised = f"{round(share.objective * 100, 9):g}%"
    return f"{{{{ $value | humanizePercentage }}}} of requests {share.bad} ({seen}); {left}. Promised: {promised} good."


def slow(series: Series, pods: Pods, slo: Slo) -> Iterator[Manifest]:
    """An alarm for each promised quantile for which there is no share of slower requests."""
    for name, share in QUANTILES.items():
        seconds = getattr(slo, name)
        latency = series.latency
        if seconds is None or latency is None or promql.slower_share(latency, seconds, pods) is not None:
            continue
        expression = promql.quantile(latency, share, pods)
        if expression is not None:
            summary = f"The {name} latency of {pods.instance} is above its objective of {milliseconds(seconds)}."
            description = (
                f"It is {{{{ $value | humanizeDuration }}}}, for {SLOW_FOR}. See saturation, then the last change."
            )
            yield alarm(
                f"{camel(name)}TooHigh", f"{expression} > {seconds:g}", "critical", summary, description, pods, SLOW_FOR
            )


def alarm(
    name: str, expression: str, severity: str, summary: str, description: str, pods: Pods, lasting: str | None = None
) -> Manifest:
    """One alerting rule, with all that whoever is woken up wants to know."""
    rule = f"Modelberth{name}"
    return {
        "alert": rule,
        "expr": expression,
        **({} if lasting is None else {"for": lasting}),
        "labels": {"severity": severity, "namespace": pods.namespace, "service": pods.instance},
        "annotations": {
            "summary": summary,
            "description": description,
            "runbook_url": f"{RUNBOOKS}#{rule.lower()}",
        },
    }


def milliseconds(seconds: float) -> str:
    """A latency as people write it."""
    return f"{seconds * 1000:g} ms"


def camel(name: str) -> str:
    """`slower_than_p95` is `SlowerThanP95`."""
    return "".join(word.capitalize() for word in name.split("_"))
