"""A `Service` on a small box, or the fields that one pod without a network cannot honour."""

from collections.abc import Iterator
from typing import Any

import pulumi

from modelberth.core.endpoint import ServingEndpoint
from modelberth.core.labels import Labels
from modelberth.core.service import Refusal, Service, Translation, Unsupported
from modelberth.core.traffic import Traffic
from modelberth.kubernetes import translation
from modelberth.kubernetes.edge.config import FETCHED, EdgeEndpointArgs
from modelberth.kubernetes.edge.endpoint import EdgeEndpoint
from modelberth.kubernetes.foundation import Foundation, KubernetesFoundation
from modelberth.kubernetes.gateway.portable import front_door, front_door_args
from modelberth.kubernetes.manifest import unnameable
from modelberth.kubernetes.translation import Limit

foundation = translation.foundation

ANY_LENGTH = 2**16
"""No object is named after a version."""


def create(
    name: str, made: Translation, foundation: KubernetesFoundation, opts: pulumi.ResourceOptions | None = None
) -> ServingEndpoint:
    """The endpoint, and the route before it where anybody is let in."""
    options = translation.options(foundation, opts)
    endpoint = EdgeEndpoint(name, EdgeEndpointArgs.model_validate(made.endpoint), options)
    return endpoint if made.front_door is None else front_door(name, made.front_door, endpoint, options)


def translate(
    service: Service, traffic: Traffic, labels: Labels, foundation: KubernetesFoundation
) -> Translation | Unsupported:
    """Pure. Every field of the service is in the translation or refused by name."""
    shared = foundation.shared
    door = front_door_args(service.access, shared, labels, slo=None)
    refused = (*_refused(service, traffic, shared), *(door if isinstance(door, list) else ()))
    if refused or isinstance(door, list):
        return Unsupported(refused)
    return Translation(EdgeEndpointArgs.parse(_arguments(service, traffic, labels, shared)), door)


def _refused(service: Service, traffic: Traffic, shared: Foundation) -> tuple[Refusal, ...]:
    return translation.refusals(
        translation.everywhere(service, shared),
        translation.stepped(service),
        _stands_there(shared),
        _one(service, traffic),
        _limits(service, traffic),
    )


def _arguments(service: Service, traffic: Traffic, labels: Labels, shared: Foundation) -> dict[str, Any]:
    return {
        "foundation": shared,
        "model": traffic.stable,
        "server": translation.server(service, shared),
        "labels": labels,
    }


def _stands_there(shared: Foundation) -> Iterator[Limit]:
    """Whether what runs can stand on the box before it runs."""
    why, _, fix = FETCHED.rpartition("; ")
    yield shared.models.oci is None, "on", why, fix
    pulled = "foundation.pull_secrets is given, and no image is pulled on the box"
    yield bool(shared.pull_secrets), "on", pulled, "leave it out"


def _one(service: Service, traffic: Traffic) -> Iterator[Limit]:
    """There is one pod: never none, never two."""
    scale = service.scale
    one = "there is one pod, and memory for one"
    yield scale.min != 1, "scale.min", one, "write 1"
    yield scale.max != 1, "scale.max", one, "write 1"
    yield scale.on is not None, "scale.on", one, "leave it out"
    yield bool(scale.schedule), "scale.schedule", one, "leave it out"
    beside = "one version takes the place of the other, and the rollouts file names a candidate"
    yield traffic.candidate is not None, "rollout", beside, "name the stable version only"


def _limits(service: Service, traffic: Traffic) -> Iterator[Limit]:
    """Whether a limit of this kind is met, for which field, why, and what to write instead."""
    data = service.data
    silent = "nothing on the box watches: metrics are forwarded, and alarms are raised where they arrive"
    yield service.slo is not None, "slo", silent, "leave it out"
    yield data.capture is not None, "data.capture", "requests are not kept here", "leave it out"
    logs = "what containers write is the box's to keep"
    yield data.retention is not None, "data.retention", logs, "leave it out, and set it on the box"
    why, fix = unnameable("", traffic.stable.version, ANY_LENGTH) or ("", "")
    yield bool(why), "model.uri", why, fix
