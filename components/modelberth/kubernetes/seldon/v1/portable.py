"""A `Service` as predictors of Seldon Core 1 with a route before them, or the fields that Seldon cannot honour."""

from collections.abc import Iterator
from typing import Any

import pulumi

from modelberth.core.config import Config
from modelberth.core.endpoint import ServingEndpoint
from modelberth.core.labels import Labels
from modelberth.core.service import Refusal, Scale, Service, Translation, Unsupported
from modelberth.core.traffic import Traffic
from modelberth.kubernetes import translation
from modelberth.kubernetes.foundation import Foundation, KubernetesFoundation, needs
from modelberth.kubernetes.gateway.config import FrontDoorArgs
from modelberth.kubernetes.gateway.portable import front_door, front_door_args
from modelberth.kubernetes.pods import FETCHER_RUNTIME
from modelberth.kubernetes.seldon.artifacts import unfetchable
from modelberth.kubernetes.seldon.v1.access import LONGEST
from modelberth.kubernetes.seldon.v1.config import SeldonDeploymentEndpointArgs
from modelberth.kubernetes.seldon.v1.endpoint import SeldonDeploymentEndpoint
from modelberth.kubernetes.translation import Limit
from modelberth.runtimes import load

PLATFORM = "seldon-core-1"
MOST = 2**31 - 1
"""The largest number that Kubernetes can write."""

foundation = translation.foundation


def create(
    name: str, made: Translation, foundation: KubernetesFoundation, opts: pulumi.ResourceOptions | None = None
) -> ServingEndpoint:
    """The endpoint, and the route before it where anybody is let in."""
    options = translation.options(foundation, opts)
    endpoint = SeldonDeploymentEndpoint(name, SeldonDeploymentEndpointArgs.model_validate(made.endpoint), options)
    return endpoint if made.front_door is None else front_door(name, made.front_door, endpoint, options)


def translate(
    service: Service, traffic: Traffic, labels: Labels, foundation: KubernetesFoundation
) -> Translation | Unsupported:
    """Pure. Every field of the service is in the translation or refused by name."""
    shared = foundation.shared
    door = front_door_args(service.access, shared, labels, slo=service.slo)
    refused = (*_refused(service, traffic, labels, shared), *(door if isinstance(door, list) else ()))
    if refused or isinstance(door, list):
        return Unsupported(refused)
    arguments = {
        "foundation": shared,
        "traffic": traffic,
        "server": _server(service, shared),
        "labels": labels,
        **_number(service.scale),
        **({} if service.slo is None else {"slo": service.slo}),
    }
    return Translation(SeldonDeploymentEndpointArgs.parse(arguments), _door(service, door))


def _server(service: Service, shared: Foundation) -> dict[str, Any]:
    """A server of Seldon's by its name, any other as a container of its own."""
    server = translation.server(service, shared)
    return {"prepackaged": server.pop("runtime"), **server} if _prepackaged(service) else server


def _prepackaged(service: Service) -> bool:
    platform = load(service.runtime).platform
    return platform is not None and platform.name == PLATFORM


def _number(scale: Scale) -> dict[str, Any]:
    if scale.on is None:
        return {"replicas": scale.min}
    return {"scaling": {"min_replicas": scale.min, "max_replicas": scale.max, "cpu": scale.on.cpu}}


def _door(service: Service, door: Config | None) -> Config | None:
    """The route, by header where an A/B test goes by one: a request that names its version gets it."""
    test = service.rollout.ab_test
    if test is None or test.by != "header" or not isinstance(door, FrontDoorArgs):
        return door
    return door.model_copy(update={"route": door.route.model_copy(update={"split_by": "header"})})


def _refused(service: Service, traffic: Traffic, labels: Labels, shared: Foundation) -> tuple[Refusal, ...]:
    prepackaged = _prepackaged(service)
    whole = translation.everywhere(service, shared)
    return translation.refusals(
        # Of its own servers Seldon has the image.
        (limit for limit in whole if not (prepackaged and limit[1] == "runtime")),
        translation.versions(service, traffic, labels, LONGEST),
        translation.split(service, traffic, shared),
        translation.stepped(service, "ab_test", "shadow"),
        translation.tested(service, traffic),
        translation.shadowed(service, traffic),
        _brought(service, shared) if prepackaged else translation.watched(service, shared),
        _scaled(service.scale),
        _kept(service, shared),
    )


def _brought(service: Service, shared: Foundation) -> Iterator[Limit]:
    """What a server that Seldon brings along cannot do."""
    why, _, fix = unfetchable(shared.models).rpartition("; ")
    yield bool(why), "runtime", why, f"{fix}, or take a server in a container"
    fetched = f"its files are fetched by the image of {FETCHER_RUNTIME}, and foundation.images has none"
    yield FETCHER_RUNTIME not in shared.images, "runtime", fetched, f"name it: foundation.images.{FETCHER_RUNTIME}"
    blind = "what Seldon's own servers show of one service is not documented"
    yield service.slo is not None, "slo", blind, "leave it out, or take a server in a container"


def _scaled(scale: Scale) -> Iterator[Limit]:
    none = "a request that finds no pod fails: nothing holds it until one is up"
    yield scale.min == 0, "scale.min", none, "take kubernetes:kserve with Knative, or write 1"
    yield scale.min > MOST, "scale.min", f"it is above {MOST}", "write less"
    yield scale.max > MOST, "scale.max", f"it is above {MOST}", "write less"
    still = f"min is {scale.min}, and nothing moves it up"
    yield 0 < scale.min < scale.max and scale.on is None, "scale.max", still, "give scale.on.cpu, or write the same"
    yield bool(scale.schedule), "scale.schedule", "Seldon does not know the clock", "take kubernetes:deployment"
    on = scale.on
    if on is None:
        return
    fixed = f"min and max are both {scale.min}, so nothing moves"
    yield scale.min == scale.max, "scale.on", fixed, "raise max, or leave it out"
    yield on.cpu is not None and round(on.cpu * 100) < 1, "scale.on.cpu", "it takes whole percent", "write 1% or more"
    for signal in ("concurrency", "requests_per_second"):
        uncounted = "Seldon scales by what pods use, and counts no requests"
        yield getattr(on, signal) is not None, f"scale.on.{signal}", uncounted, "take scale.on.cpu"


def _kept(service: Service, shared: Foundation) -> Iterator[Limit]:
    why = needs(shared, PLATFORM, "a SeldonDeployment")
    yield bool(why), "on", why, "or take kubernetes:deployment"
    data = service.data
    yield (
        data.capture is not None,
        "data.capture",
        "requests are not kept here",
        "take kubernetes:kserve, or leave it out",
    )
    logs = "what containers write is the cluster's to keep, not Seldon's"
    yield data.retention is not None, "data.retention", logs, "leave it out, and set it where logs are collected"
