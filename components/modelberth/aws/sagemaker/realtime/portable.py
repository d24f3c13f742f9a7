"""A `Service` as a real-time endpoint with an API before it, or the fields that SageMaker cannot honour."""

from collections.abc import Iterator
from typing import Any

import pulumi

from modelberth.aws.api_gateway.portable import front_door, front_door_args
from modelberth.aws.foundation import AwsFoundation, Foundation
from modelberth.aws.sagemaker import sizes, translation
from modelberth.aws.sagemaker.realtime.config import RealtimeEndpointArgs
from modelberth.aws.sagemaker.realtime.endpoint import RealtimeEndpoint
from modelberth.aws.sagemaker.sizes import Limit
from modelberth.aws.sagemaker.translation import CANDIDATE, GUARDED, STABLE
from modelberth.core.endpoint import ServingEndpoint
from modelberth.core.labels import Labels
from modelberth.core.service import ScaleOn, Service, Translation, Unsupported
from modelberth.core.traffic import Traffic, weights_of

foundation = translation.foundation


def create(
    name: str, made: Translation, foundation: AwsFoundation, opts: pulumi.ResourceOptions | None = None
) -> ServingEndpoint:
    """The endpoint, and the API before it where callers have keys or tokens."""
    options = translation.options(foundation, opts)
    endpoint = RealtimeEndpoint(name, RealtimeEndpointArgs.model_validate(made.endpoint), options)
    return endpoint if made.front_door is None else front_door(name, made.front_door, endpoint, options)


def translate(
    service: Service, traffic: Traffic, labels: Labels, foundation: AwsFoundation
) -> Translation | Unsupported:
    """Pure. Every field of the service is in the translation or refused by name."""
    shared = foundation.shared.model_copy(update=translation.retention(service))
    door = front_door_args(service.access, shared, _versions(traffic), labels, slo=service.slo)
    refused = translation.refusals(
        translation.everywhere(service, shared),
        translation.gates(service),
        sizes.limits(service.size),
        translation.unmoved(service.scale),
        translation.times(service.scale),
        translation.never_none(service.scale, "a real-time variant"),
        translation.strategies(service),
        translation.captured(service),
        _limits(service, traffic),
    )
    if refused or isinstance(door, list):
        return Unsupported((*refused, *(door if isinstance(door, list) else ())))
    return Translation(RealtimeEndpointArgs.parse(_arguments(service, traffic, labels, shared)), door)


def _versions(traffic: Traffic) -> dict[str, str]:
    """Version to the variant that serves it."""
    served = {traffic.stable.version: STABLE}
    if traffic.candidate is None or traffic.mirror:
        return served
    return {**served, traffic.candidate.version: CANDIDATE}


def _arguments(service: Service, traffic: Traffic, labels: Labels, shared: Foundation) -> dict[str, Any]:
    fleet = {"instance_type": sizes.instance_type(service.size), "initial_instance_count": service.scale.min}
    scaled = {**fleet, **_scaling(service)}
    weights = weights_of(traffic)
    stable = {**translation.artefact(traffic.stable, service, shared), **scaled}
    optional = {
        "rollout": translation.rollout(service),
        "slo": service.slo,
        "capture": translation.capture(service, shared),
    }
    arguments = {
        "foundation": shared,
        "variants": {STABLE: {**stable, "weight": weights[traffic.stable.version]}},
        "gates": service.rollout.gates,
        "labels": labels,
        **{name: value for name, value in optional.items() if value is not None},
    }
    if traffic.candidate is None:
        return arguments
    # Without scaling: a scalable variant can be neither promoted nor taken away, and a candidate is one of them.
    # https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-update.html
    candidate = {**translation.artefact(traffic.candidate, service, shared), **fleet}
    if traffic.mirror:
        return {**arguments, "shadows": {CANDIDATE: {**candidate, "sample": traffic.mirror}}}
    variant = {**candidate, "weight": traffic.weight}
    return {**arguments, "variants": {**arguments["variants"], CANDIDATE: variant}}


def _scaling(service: Service) -> dict[str, Any]:
    scale = service.scale
    if scale.min == scale.max and not scale.schedule and scale.on is None:
        return {"scaling": None}
    signal = {} if scale.on is None else _signal(scale.on)
    return {
        "scaling": {
            "min_capacity": scale.min,
            "max_capacity": scale.max,
            "schedule": scale.schedule,
            **signal,
        }
    }


def _signal(on: ScaleOn) -> dict[str, Any]:
    if on.concurrency is not None:
        return {"concurrent_requests": {"target": on.concurrency}}
    if on.requests_per_second is not None:
        return {"invocations_per_instance": {"target": on.requests_per_second * 60}}
    return {"cpu_utilization": {"target": on.cpu}}


def _limits(service: Service, traffic: Traffic) -> Iterator[Limit]:
    """Whether a limit of this kind is met, for which field, why, and what to write instead."""
    none = "instances do not scale to none"
    yield service.scale.min == 0, "scale.min", none, "take aws:sagemaker/components, or write 1"
    idle = service.scale.on is not None and service.scale.on.cpu == 0
    yield idle, "scale.on.cpu", "no processor is kept at 0 while it works", "write a share above 0"
    strategy = next((name for name in GUARDED if getattr(service.rollout, name) is not None), None)
    without = "nothing is rolled back in an update all at once"
    unwatched = strategy is None and bool(service.rollout.gates)
    yield unwatched, "rollout.gates", without, "take canary, linear or blue_green, or leave them out"
    itself = "SageMaker moves the weights itself, and the rollouts file names a candidate"
    named = strategy is not None and traffic.candidate is not None
    yield named, f"rollout.{strategy}", itself, "name the stable version only, or leave the rollout out"
    both = "the rollouts file weighs and mirrors at once; a shadow stands beside one variant"
    yield traffic.mirror > 0 and traffic.weight > 0, "rollout", both, "write one of them"
