"""What every target gives back, whatever its arguments were: one small surface for stacks, gates and dashboards."""

from collections.abc import Mapping
from typing import Literal, Protocol, runtime_checkable

import pulumi
from pydantic import Field

from modelberth.core.config import Config

TrafficControl = Literal["stepped", "service"]
"""Who moves the weights: whoever edits the rollouts file (`stepped`), or the cloud's own service (`service`)."""

Signal = Literal["requests", "error_rate", "p50", "p95", "p99", "saturation"]
"""What can be asked of an endpoint. Latencies are in seconds, rates and saturation are shares of 1."""


class MetricQuery(Config):
    """A question to a metrics system, as plain data, so that a gate can put it for either version."""

    language: Literal["prometheus", "cloudwatch"]
    """Whose words the query is in."""

    source: str
    """Where to ask: for `prometheus`, the address of an exposition (text format) or of a server's HTTP API; for
    `cloudwatch`, the region."""

    query: str
    """The question. `{version}` stands for the version that is asked about. For `cloudwatch`, the JSON of a list of
    `MetricDataQueries` (GetMetricData), of which one returns data."""

    versions: dict[str, str] = Field(default_factory=dict)
    """Version to the word that stands for it in the metrics. Left out: the version itself."""

    unit: Literal["count", "share", "seconds"]
    """Unit of the answer."""


def for_version(query: MetricQuery, version: str) -> str:
    """The query about one version."""
    return query.query.replace("{version}", query.versions.get(version, version))


@runtime_checkable
class ServingEndpoint(Protocol):
    """A model that answers requests."""

    url: pulumi.Output[str]
    """Address to which a client sends its requests."""

    resource_id: pulumi.Output[str]
    """The target's own identifier: an ARN, a resource path, on a plain machine the gateway's folder."""

    versions: pulumi.Output[dict[str, int]]
    """Version to its share of requests, in percent; together 100."""

    metrics: pulumi.Output[Mapping[Signal, MetricQuery]]
    """Signal to the query that answers it. A signal that the target cannot give is not there."""

    protocols: tuple[str, ...]
    """What it speaks, in the words of `runtimes/`."""

    traffic_control: TrafficControl
    """Who moves the weights."""

    api_keys: pulumi.Output[dict[str, str]]
    """Client to its key, secret. Empty where callers have none."""

    ca_certificate_file: pulumi.Output[str] | None
    """Certificate (PEM) that a client must trust. None: one that every machine trusts already."""
