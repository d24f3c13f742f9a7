"""A `Service` as an inference component with an API before it, or the fields that SageMaker cannot honour."""

from collections.abc import Iterator
from typing import Any

import pulumi

from modelberth.aws.api_gateway.config import FrontDoorArgs
from modelberth.aws.api_gateway.portable import front_door, front_door_args
from modelberth.aws.foundation import AwsFoundation, Foundation
from modelberth.aws.sagemaker import sizes, translation
from modelberth.aws.sagemaker.components.config import InferenceComponentEndpointArgs
from modelberth.aws.sagemaker.components.endpoint import InferenceComponentEndpoint
from modelberth.aws.sagemaker.components.inference_component import component_name_of
from modelberth.aws.sagemaker.instances import InstanceType, instance
from modelberth.aws.sagemaker.sizes import Limit
from modelberth.aws.sagemaker.translation import STABLE
from modelberth.core.endpoint import ServingEndpoint
from modelberth.core.labels import Labels
from modelberth.core.service import Scale, ScaleOn, Service, Translation, Unsupported
from modelberth.core.traffic import Traffic

KIND = "aws:sagemaker/components"

RESERVED_MIB = 1024
"""Memory that a copy reserves. What places copies one to an instance is the rest of the reservation; more memory than
SageMaker has left would be refused."""

AT_ONCE = "copies are replaced all at once, or in shares of them, which is native: {rolling: {batch: 50}}"


foundation = translation.foundation


def create(
    name: str, made: Translation, foundation: AwsFoundation, opts: pulumi.ResourceOptions | None = None
) -> ServingEndpoint:
    """The endpoint, and the API before it where callers have keys or tokens."""
    options = translation.options(foundation, opts)
    endpoint = InferenceComponentEndpoint(name, InferenceComponentEndpointArgs.model_validate(made.endpoint), options)
    if made.front_door is None:
        return endpoint
    return front_door(name, named(made.front_door, name), endpoint, options)


def named(door: Any, name: str) -> FrontDoorArgs:
    """The API with the components' names in AWS, which a translation does not know: it knows no stack."""
    versions = {version: component_name_of(name, component) for version, component in door.versions.items()}
    return door.model_copy(update={"versions": versions})


def translate(
    service: Service, traffic: Traffic, labels: Labels, foundation: AwsFoundation
) -> Translation | Unsupported:
    """Pure. Every field of the service is in the translation or refused by name.

    `scale.min` 0 is what this target is for: nothing runs while nobody calls. The first request then fails and wakes
    the model, which takes about 5 minutes, and what was running is paid for about 25 minutes after the last request.
    """
    shared = foundation.shared.model_copy(update=translation.retention(service))
    version = traffic.stable.version
    door = front_door_args(service.access, shared, {version: STABLE}, labels, slo=service.slo)
    refused = translation.refusals(
        translation.everywhere(service, shared),
        translation.all_at_once(service, AT_ONCE),
        translation.one_version(traffic, KIND),
        translation.times(service.scale),
        _limits(service),
    )
    if refused or isinstance(door, list):
        return Unsupported((*refused, *(door if isinstance(door, list) else ())))
    arguments = InferenceComponentEndpointArgs.parse(_arguments(service, traffic, labels, shared))
    return Translation(arguments, None if door is None else _asking(door, version))


def _asking(door: FrontDoorArgs, version: str) -> FrontDoorArgs:
    """The API that names the component in each request."""
    given = {field: getattr(door, field) for field in door.model_fields_set}
    return FrontDoorArgs.parse({**given, "request": {"target": "inference_component", "default_version": version}})


def _arguments(service: Service, traffic: Traffic, labels: Labels, shared: Foundation) -> dict[str, Any]:
    size, scale = instance(sizes.instance_type(service.size)), service.scale
    made = translation.artefact(traffic.stable, service, shared)
    model = {"version": made["version"], "container": made["containers"][0], "requirements": alone(size)}
    arguments = {
        "foundation": shared,
        "instance_type": size.name,
        "instances": {
            "min_instance_count": min(scale.min, *(entry.min for entry in scale.schedule), scale.max),
            "max_instance_count": max(scale.max, *(entry.max for entry in scale.schedule), 1),
        },
        "components": {STABLE: {**model, **_copies(scale)}},
        "labels": labels,
    }
    return {**arguments, **({} if service.slo is None else {"slo": service.slo})}


def alone(size: InstanceType) -> dict[str, Any]:
    """What a copy reserves so that no second one has room beside it: an instance is then what the service calls one."""
    if size.gpus > 0:
        return {"min_memory_mib": RESERVED_MIB, "accelerators": size.gpus}
    return {"min_memory_mib": RESERVED_MIB, "cpu_cores": size.vcpus / 2 + 0.25}


def _copies(scale: Scale) -> dict[str, Any]:
    if _fixed(scale):
        return {"copies": scale.min}
    signal = {} if scale.on is None else _signal(scale.on)
    return {"scaling": {"min_capacity": scale.min, "max_capacity": scale.max, "schedule": scale.schedule, **signal}}


def _fixed(scale: Scale) -> bool:
    return scale.min == scale.max and not scale.schedule and scale.on is None


def _signal(on: ScaleOn) -> dict[str, Any]:
    if on.concurrency is not None:
        return {"concurrent_requests_per_copy": {"target": on.concurrency}}
    if on.requests_per_second is not None:
        return {"invocations_per_copy": {"target": on.requests_per_second * 60}}
    raise ValueError("a share of the processor is refused before")


def _limits(service: Service) -> Iterator[Limit]:
    """Whether a limit of this kind is met, for which field, why, and what to write instead."""
    scale, data = service.scale, service.data
    yield from sizes.limits(service.size)
    busy = "copies follow requests, not processors"
    cpu = scale.on is not None and scale.on.cpu is not None
    yield cpu, "scale.on.cpu", busy, "write concurrency or requests_per_second"
    down = scale.on is None and (scale.min == 0 or any(entry.min == 0 for entry in scale.schedule))
    yield down, "scale.on", "min is 0, and nothing goes down to it", "write concurrency or requests_per_second"
    ranges = [(scale.min, scale.max), *((entry.min, entry.max) for entry in scale.schedule)]
    still = scale.on is not None and all(low == high for low, high in ranges)
    yield still, "scale.on", f"min and max are both {scale.min}, so nothing moves", "raise max, or leave it out"
    kept = "requests to inference components are not kept here"
    yield data.capture is not None, "data.capture", kept, "take aws:sagemaker/realtime, or leave it out"
