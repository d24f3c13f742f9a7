"""Which alarms an endpoint has, as a table of plain data: what rolls an update back, and what only tells somebody.

While an update is guarded, the old and the new fleet answer under one variant name, so an alarm sees both mixed: a
canary of 10 percent that answers every tenth request wrongly is one percent of errors. Thresholds must allow for that.
"""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from modelberth.aws.monitoring import Alarm, Metric
from modelberth.aws.sagemaker.metrics import (
    ERROR_SHARE,
    MICROSECONDS,
    Capacity,
    Kind,
    errors,
    fullness,
    metric,
    requests,
)
from modelberth.core.rollout import Gate
from modelberth.core.service import Slo

MOST_ROLLBACK_ALARMS = 10
"""Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AutoRollbackConfig.html"""

ERROR_SHARE_WITHOUT_SLO = 0.01
"""5xx of one percent are wrong for any service."""

REFUSED_SHARE = 0.05
"""4xx are the callers' fault; one in twenty says that something changed that they were not told of."""

FULL = MappingProxyType(
    {
        "CPUUtilization": ("cpu", "Average", 0.9),
        "GPUUtilization": ("gpu", "Average", 0.9),
        "MemoryUtilization": ("memory", "Maximum", 0.9),
        "DiskUtilization": ("disk", "Maximum", 0.75),
        "ServerlessConcurrentExecutionsUtilization": ("concurrency", "Maximum", 0.8),
    }
)
"""Metric to its alarm's role, the statistic over instances, and the share from which on it is wrong. Processors are
shared by all instances, so their average counts; one instance without memory or disk fails alone, so the fullest does.
Above 75% of its disk an instance stops capturing data, which tells nobody else; concurrency leaves time to act before
requests are refused. Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture.html"""

SETUP_SECONDS = 90
"""A cold start of a serverless endpoint that takes half of the three minutes within which its container must answer.
Source: https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints-invoke.html"""

SLOW_SETUP = f"A cold start took more than {SETUP_SECONDS} s; make the model smaller, or provision concurrency."

OLDEST_SECONDS = 900
"""How long an asynchronous request may wait before somebody hears of it."""

PERCENTILES = ("p50", "p95", "p99")
GATE_WINDOW_SECONDS = 300
"""A gate is judged on the last five minutes, every minute: long enough for its `min_sample` to come together, short
enough for the usual bake. CloudWatch's window slides.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation-window.html"""

Variants = Mapping[str, Capacity | None]


def alarm_table(
    endpoint: str,
    kind: Kind,
    variants: Variants,
    slo: Slo | None = None,
    gates: Sequence[Gate] = (),
    *,
    traffic_expected: bool = False,
) -> tuple[Alarm, ...]:
    """Every alarm of an endpoint: those that roll back, then those that tell."""
    watched = [alarm for name, size in variants.items() for alarm in _watched(kind, endpoint, name, size)]
    silent = [_no_traffic(kind, endpoint, variants)] if traffic_expected else []
    return (*rollback_table(endpoint, kind, variants, slo, gates), *watched, *silent, *_of_queue(kind, endpoint))


def rollback_table(
    endpoint: str, kind: Kind, variants: Variants, slo: Slo | None = None, gates: Sequence[Gate] = ()
) -> tuple[Alarm, ...]:
    """The alarms that roll an update back: errors and latency, by the SLO and by each gate, for each variant."""
    return tuple(
        alarm
        for variant, capacity in variants.items()
        for alarm in (
            *_of_slo(kind, endpoint, variant, slo),
            *(_of_gate(kind, endpoint, variant, capacity, gate) for gate in gates),
        )
    )


def _of_slo(kind: Kind, endpoint: str, variant: str, slo: Slo | None) -> Iterator[Alarm]:
    availability = None if slo is None else slo.availability
    # 1 - 0.999 is not 0.001 in binary; nobody wants to read the rest.
    share = ERROR_SHARE_WITHOUT_SLO if availability is None else round(1 - availability, 9)
    yield Alarm(
        f"{variant}-5xx",
        f"Variant {variant} answers more than {share * 100:.6g}% of its requests with 5xx; read its log first.",
        errors(kind, endpoint, variant, "5XX"),
        share,
        ERROR_SHARE.format(least=1),
    )
    for percentile in PERCENTILES:
        limit = None if slo is None else getattr(slo, percentile)
        if limit is not None:
            yield Alarm(
                f"{variant}-{percentile}",
                f"The {percentile} latency of variant {variant} is above its SLO of {limit * 1000:g} ms; look at "
                "saturation, then at what changed in the model.",
                {"latency": metric(kind, "ModelLatency", endpoint, variant, percentile)},
                round(limit * MICROSECONDS),
            )


def signal_of(gate: Gate) -> str:
    """The one signal that a gate names."""
    return next(name for name in type(gate).model_fields if name != "min_sample" and getattr(gate, name) is not None)


def _of_gate(kind: Kind, endpoint: str, variant: str, capacity: Capacity | None, gate: Gate) -> Alarm:
    """Wrong is what is not below the gate's limit, once enough requests came; until then the value is 0."""
    signal = signal_of(gate)
    limit = getattr(gate, signal).below
    least = max(1, gate.min_sample)
    enough = f"requests >= {least}"
    if signal == "error_rate":
        measured, threshold = errors(kind, endpoint, variant, "5XX"), limit
        expression = f"IF({enough}, errors / requests, 0)"
    elif signal == "saturation":
        measured, broken = _broken(kind, endpoint, variant, capacity, limit)
        expression, threshold = f"IF({enough} AND ({broken}), 1, 0)", 1
    else:
        measured = {"latency": metric(kind, "ModelLatency", endpoint, variant, signal)}
        expression, threshold = f"IF({enough}, latency, 0)", round(limit * MICROSECONDS)
    return Alarm(
        f"{variant}-gate-{signal.replace('_', '-')}",
        f"Gate of the rollout: {signal} of variant {variant} must be below {limit:g}, from {least} requests on.",
        {**measured, "requests": requests(kind, endpoint, variant)},
        threshold,
        expression,
        period=GATE_WINDOW_SECONDS,
        periods=1,
        breaching=1,
        inclusive=True,
    )


def _broken(
    kind: Kind, endpoint: str, variant: str, capacity: Capacity | None, limit: float
) -> tuple[dict[str, Metric], str]:
    """Word to metric, and whether any of them is at the limit: of functions over series, an alarm should use none.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html (MAX)
    """
    full = fullness(kind, capacity)
    words = {name: FULL[name][:2] for name in full}
    measured = {word: metric(kind, name, endpoint, variant, over) for name, (word, over) in words.items()}
    return measured, " OR ".join(f"{words[name][0]} >= {round(value * limit, 9):.12g}" for name, value in full.items())


def _watched(kind: Kind, endpoint: str, variant: str, capacity: Capacity | None) -> Iterator[Alarm]:
    yield Alarm(
        f"{variant}-4xx",
        f"Variant {variant} refuses more than {REFUSED_SHARE:.0%} of its requests; ask what callers changed.",
        errors(kind, endpoint, variant, "4XX"),
        REFUSED_SHARE,
        ERROR_SHARE.format(least=1),
        period=300,
    )
    for name, full in fullness(kind, capacity).items():
        role, statistic, share = FULL[name]
        yield Alarm(
            f"{variant}-{role}",
            f"Variant {variant} uses more than {share:.0%} of its {role}; add instances, or larger ones.",
            {role: metric(kind, name, endpoint, variant, statistic)},
            round(full * share, 9),
            period=300,
            breaching=3,
        )
    for role, name, statistic, above, meaning in OF_VARIANT[kind]:
        measured = {"measured": metric(kind, name, endpoint, variant, statistic)}
        yield Alarm(f"{variant}-{role}", meaning, measured, above, period=300, periods=1, breaching=1)


OF_VARIANT: Mapping[Kind, tuple[tuple[str, str, str, float, str], ...]] = MappingProxyType(
    {
        "realtime": (),
        "serverless": (("setup", "ModelSetupTime", "Maximum", SETUP_SECONDS * MICROSECONDS, SLOW_SETUP),),
        "asynchronous": (
            ("failures", "InvocationFailures", "Sum", 0, "An asynchronous request failed; read the data-log stream."),
            ("expired", "ExpiredRequests", "Sum", 0, "A request expired in the queue; add instances."),
            ("download", "RequestDownloadFailures", "Sum", 0, "A request could not be read from S3; look at the role."),
            ("upload", "ResponseUploadFailures", "Sum", 0, "An answer could not be written to S3; look at the role."),
            ("notification", "NotificationFailures", "Sum", 0, "SNS was not told of an answer; look at the role."),
        ),
    }
)
"""Role, metric, statistic, threshold and meaning of what only one kind has."""


def _of_queue(kind: Kind, endpoint: str) -> Iterator[Alarm]:
    if kind == "asynchronous":
        yield Alarm(
            "backlog-age",
            f"A request has waited for more than {OLDEST_SECONDS} s; look at the number of instances.",
            {"age": metric(kind, "ApproximateAgeOfOldestRequest", endpoint, "", "Maximum")},
            OLDEST_SECONDS,
            period=300,
            periods=2,
        )


def _no_traffic(kind: Kind, endpoint: str, variants: Variants) -> Alarm:
    """Silence of all variants together: one at weight 0 is silent by intent. No data is silence too."""
    measured = {f"requests{count}": requests(kind, endpoint, name) for count, name in enumerate(variants, start=1)}
    return Alarm(
        "no-traffic",
        "No request came for 15 minutes; ask callers, then look at what stands before the endpoint.",
        measured,
        1,
        # What has no data counts as 0 here.
        " + ".join(measured),
        period=300,
        breaching=3,
        below=True,
        missing="breaching",
    )
