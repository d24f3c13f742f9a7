"""A `Service` as Deployments with a route before them, or the fields that plain Kubernetes cannot honour."""

from collections.abc import Iterator
from typing import Any

import pulumi

from modelberth.core.endpoint import ServingEndpoint
from modelberth.core.labels import Labels
from modelberth.core.service import Refusal, Service, Translation, Unsupported
from modelberth.core.traffic import Traffic
from modelberth.kubernetes import translation
from modelberth.kubernetes.deployment.config import DeploymentEndpointArgs
from modelberth.kubernetes.deployment.endpoint import DeploymentEndpoint
from modelberth.kubernetes.foundation import Foundation, KubernetesFoundation
from modelberth.kubernetes.gateway.portable import front_door, front_door_args, split_as_tested
from modelberth.kubernetes.manifest import LONGEST_NAME
from modelberth.kubernetes.monitoring.promql import ANY_VERSION
from modelberth.kubernetes.scale import number_of, scale_limits
from modelberth.kubernetes.translation import Limit

foundation = translation.foundation


def create(
    name: str, made: Translation, foundation: KubernetesFoundation, opts: pulumi.ResourceOptions | None = None
) -> ServingEndpoint:
    """The endpoint, and the route before it where anybody is let in."""
    options = translation.options(foundation, opts)
    endpoint = DeploymentEndpoint(name, DeploymentEndpointArgs.model_validate(made.endpoint), options)
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
    return Translation(
        DeploymentEndpointArgs.parse(_arguments(service, traffic, labels, shared)), split_as_tested(service, door)
    )


def _refused(service: Service, traffic: Traffic, labels: Labels, shared: Foundation) -> tuple[Refusal, ...]:
    return translation.refusals(
        translation.everywhere(service, shared),
        translation.versions(service, traffic, labels, LONGEST_NAME),
        translation.split(service, traffic, shared),
        translation.stepped(service, "rolling", "ab_test", "shadow"),
        translation.tested(service, traffic),
        translation.shadowed(service, traffic),
        translation.watched(service, shared),
        scale_limits(service, shared),
        _limits(service, traffic),
    )


def _arguments(service: Service, traffic: Traffic, labels: Labels, shared: Foundation) -> dict[str, Any]:
    rolling = service.rollout.rolling
    in_place = {} if rolling is None else {"replace": "in_place", "rolling": rolling}
    return {
        "foundation": shared,
        "traffic": traffic,
        "server": translation.server(service, shared),
        "labels": labels,
        **number_of(service, ANY_VERSION if rolling is None else None),
        **in_place,
        **({} if service.slo is None else {"slo": service.slo}),
    }


def _limits(service: Service, traffic: Traffic) -> Iterator[Limit]:
    """Whether a limit of this kind is met, for which field, why, and what to write instead."""
    data, rolling = service.data, service.rollout.rolling
    one = "pods of one Deployment are replaced, so there is one version, and the rollouts file names a candidate"
    named = rolling is not None and traffic.candidate is not None
    yield named, "rollout.rolling", one, "name the stable version only, or leave rolling out"
    kept = "take kubernetes:kserve, or leave it out"
    yield data.capture is not None, "data.capture", "requests are not kept here", kept
    logs = "what containers write is the cluster's to keep, not a Deployment's"
    yield data.retention is not None, "data.retention", logs, "leave it out, and set it where logs are collected"
