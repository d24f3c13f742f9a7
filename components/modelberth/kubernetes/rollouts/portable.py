"""A `Service` as a Rollout of Argo with a route before it, or the fields that Argo cannot honour."""

from collections.abc import Iterator
from typing import Any

import pulumi

from modelberth.core.config import Config
from modelberth.core.endpoint import ServingEndpoint
from modelberth.core.labels import Labels
from modelberth.core.service import Refusal, Service, Translation, Unsupported
from modelberth.core.traffic import WHOLE, Traffic, steps_of
from modelberth.kubernetes import translation
from modelberth.kubernetes.foundation import Foundation, KubernetesFoundation, needs, place_of
from modelberth.kubernetes.gateway.config import FrontDoorArgs
from modelberth.kubernetes.gateway.portable import front_door, front_door_args
from modelberth.kubernetes.gateway.route import door_name, ways_of
from modelberth.kubernetes.manifest import unnameable
from modelberth.kubernetes.rollouts.config import ANY_LENGTH, RolloutEndpointArgs
from modelberth.kubernetes.rollouts.endpoint import RolloutEndpoint
from modelberth.kubernetes.rollouts.gates import impossible, moving, unwatched
from modelberth.kubernetes.scale import number_of, scale_limits
from modelberth.kubernetes.translation import Limit
from modelberth.runtimes import load

foundation = translation.foundation


def create(
    name: str, made: Translation, foundation: KubernetesFoundation, opts: pulumi.ResourceOptions | None = None
) -> ServingEndpoint:
    """The endpoint, and the route before it where anybody is let in."""
    options = translation.options(foundation, opts)
    endpoint = RolloutEndpoint(name, RolloutEndpointArgs.model_validate(made.endpoint), options)
    return endpoint if made.front_door is None else front_door(name, made.front_door, endpoint, options)


def translate(
    service: Service, traffic: Traffic, labels: Labels, foundation: KubernetesFoundation
) -> Translation | Unsupported:
    """Pure. Every field of the service is in the translation or refused by name."""
    shared = foundation.shared
    door = front_door_args(service.access, shared, labels, slo=service.slo)
    refused = (*_refused(service, traffic, shared, door), *(door if isinstance(door, list) else ()))
    if refused or isinstance(door, list):
        return Unsupported(refused)
    return Translation(RolloutEndpointArgs.parse(_arguments(service, traffic, labels, shared, door)), door)


def _refused(service: Service, traffic: Traffic, shared: Foundation, door: object) -> tuple[Refusal, ...]:
    return translation.refusals(
        translation.everywhere(service, shared),
        translation.watched(service, shared),
        scale_limits(service, shared),
        _limits(service, traffic, shared),
        _gates(service, shared),
        _countable(service, routed=door is not None),
    )


def _arguments(
    service: Service, traffic: Traffic, labels: Labels, shared: Foundation, door: Config | None
) -> dict[str, Any]:
    return {
        "foundation": shared,
        "model": traffic.stable,
        "server": translation.server(service, shared),
        "rollout": service.rollout.model_copy(update={"all_at_once": None}),
        "routes": _routes(labels, shared, door),
        "labels": labels,
        **number_of(service, None),
        **({} if service.slo is None else {"slo": service.slo}),
    }


def _routes(labels: Labels, shared: Foundation, door: Config | None) -> tuple[str, ...]:
    """The routes of the front door, of which Argo sets the weights."""
    if not isinstance(door, FrontDoorArgs):
        return ()
    place = place_of(shared, labels.service, labels)
    return tuple(door_name(place, way) for way in ways_of(door))


def _limits(service: Service, traffic: Traffic, shared: Foundation) -> Iterator[Limit]:
    """Whether a limit of this kind is met, for which field, why, and what to write instead."""
    data = service.data
    yield bool(why := needs(shared, "argo-rollouts", "a Rollout")), "on", why, "or take kubernetes:deployment"
    itself = "Argo moves the weights itself, and the rollouts file names a candidate"
    yield traffic.candidate is not None, "rollout", itself, "name the stable version only"
    why, fix = unnameable("", traffic.stable.version, ANY_LENGTH) or ("", "")
    yield bool(why), "model.uri", why, fix
    yield data.capture is not None, "data.capture", "requests are not kept here", "take kubernetes:kserve"
    logs = "what containers write is the cluster's to keep"
    yield data.retention is not None, "data.retention", logs, "leave it out, and set it where logs are collected"


def _gates(service: Service, shared: Foundation) -> Iterator[Limit]:
    """What Argo cannot carry out, and what nothing can answer."""
    yield from ((True, *fault) for fault in impossible(service.rollout))
    measured = shared.prometheus is not None
    if load(service.runtime).platform is None:
        yield from ((True, *fault) for fault in unwatched(service.rollout, service.runtime, measured=measured))


def _countable(service: Service, *, routed: bool) -> Iterator[Limit]:
    """Without a route, a share is a number of pods."""
    name = "canary" if service.rollout.canary is not None else "linear"
    strategy = moving(service.rollout)
    smallest = WHOLE if strategy is None else min(steps_of(strategy))
    why = f"{smallest} % of {service.scale.min} pods is no pod, and nobody is let in through a gateway, which splits"
    too_few = not routed and strategy is not None and service.scale.min * smallest < WHOLE
    yield too_few, f"rollout.{name}", why, "give keys or jwt, more pods, or a larger first step"
