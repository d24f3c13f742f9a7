"""A `Service` as Models of Seldon Core 2 with a route before them, or the fields that Seldon cannot honour.

Each version has a Server of its own, so that the size of a service is the size of what runs it.
"""

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
from modelberth.kubernetes.seldon.artifacts import unfetchable
from modelberth.kubernetes.seldon.v2.config import SeldonModelEndpointArgs, both_at_once, unreadable
from modelberth.kubernetes.seldon.v2.endpoint import SeldonModelEndpoint
from modelberth.kubernetes.seldon.v2.models import LONGEST
from modelberth.kubernetes.translation import Limit
from modelberth.runtimes import load

PLATFORM = "seldon-core-2"
MOST = 2**31 - 1
"""The largest number that Kubernetes can write."""

foundation = translation.foundation


def create(
    name: str, made: Translation, foundation: KubernetesFoundation, opts: pulumi.ResourceOptions | None = None
) -> ServingEndpoint:
    """The endpoint, and the route before it where anybody is let in."""
    options = translation.options(foundation, opts)
    endpoint = SeldonModelEndpoint(name, SeldonModelEndpointArgs.model_validate(made.endpoint), options)
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
    shape = translation.server(service, shared)
    arguments: dict[str, Any] = {
        "foundation": shared,
        "traffic": traffic,
        "runtime": shape.pop("runtime"),
        "server": shape,
        "replicas": service.scale.min,
        "labels": labels,
    }
    return Translation(SeldonModelEndpointArgs.parse(arguments), _door(service, door))


def _door(service: Service, door: Config | None) -> Config | None:
    """The route, by header where an A/B test goes by one: a request that names its version gets it."""
    test = service.rollout.ab_test
    if test is None or test.by != "header" or not isinstance(door, FrontDoorArgs):
        return door
    return door.model_copy(update={"route": door.route.model_copy(update={"split_by": "header"})})


def _refused(service: Service, traffic: Traffic, labels: Labels, shared: Foundation) -> tuple[Refusal, ...]:
    whole = translation.everywhere(service, shared)
    return translation.refusals(
        (limit for limit in whole if limit[1] != "runtime"),
        _brought(service, shared),
        translation.versions(service, traffic, labels, LONGEST),
        translation.stepped(service, "ab_test", "shadow"),
        translation.tested(service, traffic),
        translation.shadowed(service, traffic),
        _together(traffic),
        _scaled(service.scale),
        _kept(service, shared),
    )


def _brought(service: Service, shared: Foundation) -> Iterator[Limit]:
    """What is loaded on which server, and from where."""
    platform = load(service.runtime).platform
    own = platform is not None and platform.name == PLATFORM
    other = f"{service.runtime} is no server of Seldon Core 2"
    yield not own, "runtime", other, "write seldon-v2-mlserver or seldon-v2-triton"
    for why in (unfetchable(shared.models), unreadable(shared.models)):
        what, _, fix = why.rpartition("; ")
        yield bool(why), "on", what, f"{fix}, or take kubernetes:deployment"


def _together(traffic: Traffic) -> Iterator[Limit]:
    why, _, fix = both_at_once(traffic).rpartition("; ")
    yield bool(why), "rollout", why, f"{fix} in the rollouts file"


def _scaled(scale: Scale) -> Iterator[Limit]:
    none = "a request that finds no model fails: nothing holds it until one is loaded"
    yield scale.min == 0, "scale.min", none, "take kubernetes:kserve with Knative, or write 1"
    yield scale.min > MOST, "scale.min", f"it is above {MOST}", "write less"
    still = "whether and at what load Seldon scales is set where it is installed, for all models alike"
    yield 0 < scale.min < scale.max, "scale.max", still, f"write {scale.min}, or take kubernetes:deployment"
    yield scale.on is not None, "scale.on", still, "leave it out, or take kubernetes:deployment"
    yield bool(scale.schedule), "scale.schedule", "Seldon does not know the clock", "take kubernetes:deployment"


def _kept(service: Service, shared: Foundation) -> Iterator[Limit]:
    why = needs(shared, PLATFORM, "a Model")
    yield bool(why), "on", why, "or take kubernetes:deployment"
    blind = "what Seldon's metrics show of one version is not documented"
    yield service.slo is not None, "slo", blind, "leave it out, or take kubernetes:deployment"
    data = service.data
    kept = "Seldon logs payloads for as long as its own log is kept, and deletes none"
    yield (
        data.capture is not None,
        "data.capture",
        kept,
        "leave it out, or write native: {loading: {logged_percent: …}}",
    )
    logs = "what containers write is the cluster's to keep, not Seldon's"
    yield data.retention is not None, "data.retention", logs, "leave it out, and set it where logs are collected"
