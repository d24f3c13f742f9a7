"""One dashboard of an endpoint, as plain data: traffic, errors, latency beside its SLO, saturation, instances, alarms.

Words and limits: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from modelberth.aws.monitoring import Alarm, Metric, alarm_name
from modelberth.aws.provider import Account
from modelberth.aws.sagemaker.alarms import FULL, PERCENTILES, Variants
from modelberth.aws.sagemaker.metrics import ERROR_SHARE, PERIOD, Kind, errors, fullness, metric, requests
from modelberth.core.service import Slo

COLUMNS, ACROSS, HEIGHT = 24, 2, 6
"""A dashboard has 24 columns; two graphs stand beside each other."""

Series = list[Any]
"""One line of a graph, as CloudWatch writes it: names and values, and a mapping of options at its end."""


def dashboard_body(
    account: Account, endpoint: str, kind: Kind, variants: Variants, slo: Slo | None, table: Sequence[Alarm]
) -> dict[str, Any]:
    """What CloudWatch is told of the dashboard; metrics that the kind does not publish are in no graph."""
    graphs = [
        _graph(account.region, "Requests a minute", _requests(kind, endpoint, variants)),
        _graph(account.region, "Errors, %", _errors(kind, endpoint, variants)),
        _graph(account.region, "Latency of the model, ms", _latencies(kind, endpoint, variants), _slo_lines(slo)),
        _graph(account.region, "In use, %", _saturation(kind, endpoint, variants)),
        *(_graph(account.region, title, lines) for title, lines in _of_kind(kind, endpoint, variants)),
    ]
    width = COLUMNS // ACROSS
    placed = [
        {"x": (place % ACROSS) * width, "y": 2 * HEIGHT // 3 + place // ACROSS * HEIGHT, "width": width, **graph}
        for place, graph in enumerate(graphs)
    ]
    return {"start": "-PT3H", "periodOverride": "inherit", "widgets": [_alarms(account, endpoint, table), *placed]}


def _alarms(account: Account, endpoint: str, table: Iterable[Alarm]) -> dict[str, Any]:
    arns = [account.arn("cloudwatch", f"alarm:{alarm_name(endpoint, alarm)}") for alarm in table]
    properties = {"title": f"Alarms of {endpoint}", "alarms": arns, "sortBy": "stateUpdatedTimestamp"}
    return {"type": "alarm", "x": 0, "y": 0, "width": COLUMNS, "height": 2 * HEIGHT // 3, "properties": properties}


def _graph(
    region: str, title: str, lines: Iterable[Series], limits: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    properties = {
        "title": title,
        "region": region,
        "view": "timeSeries",
        "period": PERIOD,
        "metrics": list(lines),
        "yAxis": {"left": {"min": 0, "showUnits": False}},
        **({"annotations": {"horizontal": list(limits)}} if limits else {}),
    }
    return {"type": "metric", "height": HEIGHT, "properties": properties}


def _plain(measured: Metric, label: str) -> Series:
    named = [part for dimension in measured.dimensions.items() for part in dimension]
    return [measured.namespace, measured.name, *named, {"label": label, "stat": measured.statistic}]


def _math(measured: Mapping[str, Metric], expression: str, label: str, mark: str) -> Iterator[Series]:
    """Hidden lines and one that is calculated from them. `mark` makes their words unique in the graph."""
    for word, one in measured.items():
        line = _plain(one, word)
        line[-1] |= {"id": f"{word}{mark}", "visible": False}
        yield line
    marked = re.sub(rf"\b({'|'.join(measured)})\b", rf"\g<1>{mark}", expression)
    yield [{"expression": marked, "label": label, "id": f"shown_{'_'.join(measured)}{mark}"}]


def _requests(kind: Kind, endpoint: str, variants: Variants) -> Iterator[Series]:
    for variant in variants:
        yield _plain(requests(kind, endpoint, variant), variant)


def _errors(kind: Kind, endpoint: str, variants: Variants) -> Iterator[Series]:
    for place, variant in enumerate(variants):
        for status in ("4XX", "5XX"):
            share = f"100 * {ERROR_SHARE.format(least=1)}"
            yield from _math(errors(kind, endpoint, variant, status), share, f"{variant} {status}", f"{place}{status}")


def _latencies(kind: Kind, endpoint: str, variants: Variants) -> Iterator[Series]:
    for place, variant in enumerate(variants):
        for percentile in PERCENTILES:
            measured = {"latency": metric(kind, "ModelLatency", endpoint, variant, percentile)}
            yield from _math(measured, "latency / 1000", f"{variant} {percentile}", f"{place}{percentile}")


def _slo_lines(slo: Slo | None) -> list[dict[str, Any]]:
    limits = {} if slo is None else {percentile: getattr(slo, percentile) for percentile in PERCENTILES}
    return [
        {"label": f"SLO {percentile}", "value": round(limit * 1000, 6)}
        for percentile, limit in limits.items()
        if limit is not None
    ]


def _saturation(kind: Kind, endpoint: str, variants: Variants) -> Iterator[Series]:
    for place, (variant, capacity) in enumerate(variants.items()):
        for name, full in fullness(kind, capacity).items():
            word, statistic, _ = FULL[name]
            measured = {word: metric(kind, name, endpoint, variant, statistic)}
            yield from _math(measured, f"100 * {word} / {full:g}", f"{variant} {word}", str(place))


def _of_kind(kind: Kind, endpoint: str, variants: Variants) -> Iterator[tuple[str, Iterator[Series]]]:
    if kind == "realtime":
        yield "Instances that answer", _instances(kind, endpoint, variants)
    if kind == "asynchronous":
        yield "Requests in the queue", iter([_plain(_queue(endpoint, "ApproximateBacklogSize"), "waiting or in work")])
        yield "Oldest request, s", iter([_plain(_queue(endpoint, "ApproximateAgeOfOldestRequest"), "age")])
    if kind == "serverless":
        setup = (_plain(metric(kind, "ModelSetupTime", endpoint, name, "Maximum"), name) for name in variants)
        yield "Cold starts, µs", setup


def _queue(endpoint: str, name: str) -> Metric:
    return metric("asynchronous", name, endpoint, "", "Maximum")


def _instances(kind: Kind, endpoint: str, variants: Variants) -> Iterator[Series]:
    """SageMaker publishes no count, but with each request one divided by the number of instances at that time."""
    for place, variant in enumerate(variants):
        per_instance = metric(kind, "InvocationsPerInstance", endpoint, variant, "Sum")
        measured = {"requests": requests(kind, endpoint, variant), "share": per_instance}
        yield from _math(measured, "IF(share > 0, requests / share, 0)", variant, str(place))
