"""What stands between an endpoint and the route before it: which Service answers for which version, and how much."""

from collections.abc import Callable, Mapping
from typing import Annotated, Literal, Protocol, runtime_checkable

from pydantic import Field

from modelberth.core.config import Config
from modelberth.core.endpoint import ServingEndpoint
from modelberth.core.rollout import Percent
from modelberth.core.traffic import Traffic, versions_of, weights_of

Port = Annotated[int, Field(ge=1, le=65535)]


class Backend(Config):
    """One version, as a route sees it."""

    service: str
    """The Service before its pods."""

    port: Port
    """The Service's port."""

    protocol: Literal["http", "grpc"] = "http"
    """What it speaks there. Left out: HTTP."""

    weight: Percent
    """Its share of requests; 0: it is up and gets none."""

    mirror: Percent = 0
    """The share of all requests of which it gets a copy. Left out: 0."""

    headers: dict[str, str] = Field(default_factory=dict)
    """Headers that the route sets on what it sends there, whatever the caller wrote: by them a Service before many
    models knows which is meant. A copy (`mirror`) does not get them: the Gateway API has no word for it. Left out:
    none.
    Source: https://gateway-api.sigs.k8s.io/reference/spec/#httpbackendref"""


@runtime_checkable
class RoutedEndpoint(ServingEndpoint, Protocol):
    """An endpoint in a cluster that a route can stand before."""

    backends: Mapping[str, Backend]
    """Version to what answers for it; the weights are together 100."""


def backends_of(traffic: Traffic, service: Callable[[str], str], port: int) -> dict[str, Backend]:
    """The backends of all versions. Pure. `service` names the Service of a version."""
    weights = weights_of(traffic)
    candidate = None if traffic.candidate is None else traffic.candidate.version
    return {
        version: Backend(
            service=service(version),
            port=port,
            weight=weights[version],
            mirror=traffic.mirror if version == candidate else 0,
        )
        for version in versions_of(traffic)
    }
