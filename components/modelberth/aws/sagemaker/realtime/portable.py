"""A `Service` as a real-time endpoint with an API before it, or the fields that SageMaker cannot honour."""

from collections.abc import Iterator, Mapping
from typing import Any

import pulumi

from modelberth.aws.api_gateway.portable import front_door, front_door_args
from modelberth.aws.foundation import AwsFoundation, Foundation
from modelberth.aws.sagemaker import translation
from modelberth.aws.sagemaker.instances import InstanceType, exact, nearest
from modelberth.aws.sagemaker.realtime.config import RealtimeEndpointArgs
from modelberth.aws.sagemaker.realtime.endpoint import RealtimeEndpoint
from modelberth.aws.sagemaker.translation import CANDIDATE, STABLE, Limit
from modelberth.core.endpoint import ServingEndpoint
from modelberth.core.labels import Labels
from modelberth.core.service import ScaleOn, Service, Size, Translation, Unsupported
from modelberth.core.traffic import Traffic, weights_of

GUARDED = ("blue_green", "canary", "linear", "rolling")


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
    shared = foundation.shared
    door = front_door_args(service.access, shared, _versions(traffic), labels, slo=service.slo)
    refused = translation.refusals(
        translation.everywhere(service, shared), translation.gates(service), _limits(service, traffic)
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
    size = exact(*_asked(service.size))
    fleet = {"instance_type": size.name} if size is not None else {}
    scaled = {**fleet, **_scaling(service), "initial_instance_count": service.scale.min}
    weights = weights_of(traffic)
    stable = {**translation.artefact(traffic.stable, service, shared), **scaled}
    optional = {"rollout": _rollout(service), "slo": service.slo, "capture": translation.capture(service, shared)}
    arguments = {
        "foundation": shared.model_copy(update=translation.retention(service)),
        "variants": {STABLE: {**stable, "weight": weights[traffic.stable.version]}},
        "gates": service.rollout.gates,
        "labels": labels,
        **{name: value for name, value in optional.items() if value is not None},
    }
    if traffic.candidate is None:
        return arguments
    candidate = {**translation.artefact(traffic.candidate, service, shared), **scaled}
    if traffic.mirror:
        del candidate["scaling"]
        return {**arguments, "shadows": {CANDIDATE: {**candidate, "sample": traffic.mirror}}}
    variant = {**candidate, "weight": traffic.weight}
    return {**arguments, "variants": {**arguments["variants"], CANDIDATE: variant}}


def _asked(size: Size) -> tuple[float, float, str | None, int]:
    return size.cpu, size.memory_gib, size.gpu and size.gpu.type, 0 if size.gpu is None else size.gpu.count


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


def _rollout(service: Service) -> dict[str, Any] | None:
    """The service's strategy in SageMaker's words; all at once is what happens without one."""
    rollout = service.rollout
    if rollout.blue_green is not None:
        return {"blue_green": {"bake": rollout.blue_green.bake}}
    if rollout.canary is not None:
        return {"canary": {"percent": min(rollout.canary.steps), "bake": rollout.canary.bake}}
    if rollout.linear is not None:
        return {"linear": {"step": rollout.linear.step, "interval": rollout.linear.interval}}
    return None


def _limits(service: Service, traffic: Traffic) -> Iterator[Limit]:
    """Whether a limit of this kind is met, for which field, why, and what to write instead."""
    scale, rollout = service.scale, service.rollout
    yield from _sizes(service.size)
    yield scale.min == 0, "scale.min", "instances do not scale to none", "take aws:sagemaker/components, or write 1"
    ranged = scale.min == scale.max and scale.on is not None
    yield ranged, "scale.on", f"min and max are both {scale.min}, so nothing moves", "raise max, or leave it out"
    steps = () if rollout.canary is None else rollout.canary.steps
    many = f"SageMaker's canary has one step of 50 % at most, got {list(steps)}"
    yield bool(steps) and (len(steps) > 1 or min(steps) > 50), "rollout.canary.steps", many, "write one, or linear"
    step = 0 if rollout.linear is None else rollout.linear.step
    linear = f"SageMaker's steps are 10 to 50 %, got {step}"
    yield bool(step) and not 10 <= step <= 50, "rollout.linear.step", linear, "write one of these"
    rolling = "SageMaker rolls in shares of the fleet, not in numbers of instances"
    yield rollout.rolling is not None, "rollout.rolling", rolling, "take canary, linear or blue_green"
    yield from _guarded(service, traffic)


def _sizes(size: Size) -> Iterator[Limit]:
    found = nearest(*_asked(size))
    near = ", ".join(_described(type_) for type_ in found)
    for field, why in _unlike(size, found[0]) if exact(*_asked(size)) is None and found else ():
        yield True, f"size.{field}", f"no instance type has exactly this size ({why}); near it: {near}", "write one"


def _described(type_: InstanceType) -> str:
    gpu = f", {type_.gpus} x {type_.gpu_type}" if type_.gpus else ""
    return f"{type_.name} ({type_.vcpus:g} cores, {type_.memory_gib:g} GiB{gpu})"


def _unlike(size: Size, near: InstanceType) -> Iterator[tuple[str, str]]:
    """The fields in which a size differs from the nearest type."""
    yield from [("cpu", f"{size.cpu:g} cores")] if size.cpu != near.vcpus else []
    yield from [("memory_gib", f"{size.memory_gib:g} GiB")] if size.memory_gib != near.memory_gib else []
    if size.gpu is not None:
        yield from [("gpu.type", size.gpu.type)] if size.gpu.type != near.gpu_type else []
        yield from [("gpu.count", f"{size.gpu.count} GPUs")] if size.gpu.count != near.gpus else []


def _guarded(service: Service, traffic: Traffic) -> Iterator[Limit]:
    strategy = next((name for name in GUARDED if getattr(service.rollout, name) is not None), None)
    field = f"rollout.{strategy}"
    if strategy is None:
        why = "nothing is rolled back in an update all at once"
        yield bool(service.rollout.gates), "rollout.gates", why, "take canary, linear or blue_green, or leave them out"
    else:
        watched = service.slo is not None or bool(service.rollout.gates)
        yield not watched, field, "nothing says when to roll back", "give slo or gates"
        why = "SageMaker moves the weights itself, and the rollouts file names a candidate"
        yield traffic.candidate is not None, field, why, "name the stable version only, or leave the rollout out"
    both = traffic.mirror > 0 and traffic.weight > 0
    yield (
        both,
        "rollout",
        "the rollouts file weighs and mirrors at once; a shadow stands beside one variant",
        "write one",
    )
