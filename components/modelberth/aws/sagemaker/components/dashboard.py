"""One dashboard of an endpoint with inference components, as plain data: alarms, then what each component does.

Words: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from collections.abc import Iterable, Mapping
from typing import Any

from modelberth.aws.monitoring import alarm_name
from modelberth.aws.provider import Account
from modelberth.aws.sagemaker.components.metrics import metric
from modelberth.aws.sagemaker.components.monitoring import ComponentMonitoringArgs, alarm_table
from modelberth.aws.sagemaker.metrics import PERIOD

COLUMNS, ACROSS, HEIGHT = 24, 2, 6
"""A dashboard has 24 columns; two graphs stand beside each other."""

GRAPHS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "Requests a minute": (("Invocations", "Sum"),),
    "Requests that found no copy": (("NoCapacityInvocationFailures", "Sum"),),
    "Errors a minute": (("Invocation4XXErrors", "Sum"), ("Invocation5XXErrors", "Sum")),
    "Latency of the model, µs": (("ModelLatency", "p50"), ("ModelLatency", "p95"), ("ModelLatency", "p99")),
    "In use, % of what is reserved": (
        ("CPUUtilizationNormalized", "Average"),
        ("GPUUtilizationNormalized", "Average"),
        ("MemoryUtilizationNormalized", "Maximum"),
    ),
    "Requests a minute and copy": (("InvocationsPerCopy", "Sum"),),
}
"""Title to the metrics and their statistics; each is shown for every component. Lines without data are not drawn."""


def dashboard_body(account: Account, endpoint_name: str, watched: Iterable[ComponentMonitoringArgs]) -> dict[str, Any]:
    """What CloudWatch is told of the dashboard."""
    components = list(watched)
    names = [one.component_name for one in components]
    alarms = [
        account.arn("cloudwatch", f"alarm:{alarm_name(one.component_name, alarm)}")
        for one in components
        for alarm in alarm_table(one)
    ]
    told = {"title": f"Alarms of {endpoint_name}", "alarms": alarms, "sortBy": "stateUpdatedTimestamp"}
    first = {"type": "alarm", "x": 0, "y": 0, "width": COLUMNS, "height": HEIGHT, "properties": told}
    graphs = [_graph(place, title, account.region, names) for place, title in enumerate(GRAPHS)]
    return {"start": "-PT3H", "periodOverride": "inherit", "widgets": [first, *graphs]}


def _graph(place: int, title: str, region: str, names: list[str]) -> dict[str, Any]:
    width = COLUMNS // ACROSS
    lines = [_line(name, *one) for name in names for one in GRAPHS[title]]
    drawn = {"title": title, "region": region, "view": "timeSeries", "period": PERIOD, "metrics": lines}
    where = {"x": place % ACROSS * width, "y": HEIGHT + place // ACROSS * HEIGHT, "width": width, "height": HEIGHT}
    return {"type": "metric", **where, "properties": {**drawn, "yAxis": {"left": {"min": 0, "showUnits": False}}}}


def _line(name: str, published: str, statistic: str) -> list[Any]:
    one = metric(published, name, statistic)
    [(dimension, value)] = one.dimensions.items()
    label = f"{name} {published} {statistic}"
    return [one.namespace, one.name, dimension, value, {"stat": statistic, "label": label}]
