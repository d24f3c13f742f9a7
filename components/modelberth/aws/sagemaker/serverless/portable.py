"""A `Service` as a serverless endpoint with an API before it, or the fields that SageMaker cannot honour."""

from collections.abc import Iterator
from typing import Any

import pulumi

from modelberth.aws.api_gateway.portable import front_door, front_door_args
from modelberth.aws.foundation import AwsFoundation, Foundation
from modelberth.aws.sagemaker import translation
from modelberth.aws.sagemaker.serverless.config import ServerlessEndpointArgs
from modelberth.aws.sagemaker.serverless.endpoint import VARIANT, ServerlessEndpoint
from modelberth.aws.sagemaker.serverless.scaling import MEMORY_SIZES_MB, MOST_CONCURRENT
from modelberth.aws.sagemaker.sizes import Limit
from modelberth.core.endpoint import ServingEndpoint
from modelberth.core.labels import Labels
from modelberth.core.service import Scale, Service, Translation, Unsupported
from modelberth.core.traffic import Traffic

DEFAULT_CONCURRENCY = 20
"""Requests that are answered at once where a service does not scale on concurrency."""

foundation = translation.foundation


def create(
    name: str, made: Translation, foundation: AwsFoundation, opts: pulumi.ResourceOptions | None = None
) -> ServingEndpoint:
    """The endpoint, and the API before it where callers have keys or tokens."""
    options = translation.options(foundation, opts)
    endpoint = ServerlessEndpoint(name, ServerlessEndpointArgs.model_validate(made.endpoint), options)
    return endpoint if made.front_door is None else front_door(name, made.front_door, endpoint, options)


def translate(
    service: Service, traffic: Traffic, labels: Labels, foundation: AwsFoundation
) -> Translation | Unsupported:
    """Pure. Every field of the service is in the translation or refused by name."""
    shared = foundation.shared.model_copy(update=translation.retention(service))
    door = front_door_args(service.access, shared, {traffic.stable.version: VARIANT}, labels, slo=service.slo)
    refused = translation.refusals(
        translation.everywhere(service, shared),
        translation.one_version(traffic, "a serverless endpoint"),
        translation.all_at_once(service, "SageMaker guards no update of a serverless endpoint"),
        _limits(service),
    )
    if refused or isinstance(door, list):
        return Unsupported((*refused, *(door if isinstance(door, list) else ())))
    return Translation(ServerlessEndpointArgs.parse(_arguments(service, traffic, labels, shared)), door)


def _arguments(service: Service, traffic: Traffic, labels: Labels, shared: Foundation) -> dict[str, Any]:
    warm = _warm(service.scale)
    return {
        "foundation": shared,
        "artefact": translation.artefact(traffic.stable, service, shared, archive=True),
        "memory_size_mb": round(service.size.memory_gib * 1024),
        "max_concurrency": _concurrency(service.scale),
        "labels": labels,
        **({} if warm is None else {"provisioned_concurrency": warm}),
        **({} if service.slo is None else {"slo": service.slo}),
    }


def _concurrency(scale: Scale) -> int:
    """Instances at most, times what each of them works on at a time: a serverless one takes one request."""
    return scale.max if "max" in scale.model_fields_set else DEFAULT_CONCURRENCY


def _warm(scale: Scale) -> dict[str, Any] | None:
    """An instance of a serverless endpoint answers one request at a time, so `min` of them warm is `min` at once."""
    if "min" not in scale.model_fields_set or scale.min == 0:
        return None
    return {"min_capacity": scale.min, "max_capacity": scale.min, "schedule": scale.schedule}


def _limits(service: Service) -> Iterator[Limit]:
    """Whether a limit of this kind is met, for which field, why, and what to write instead."""
    size, scale, data = service.size, service.scale, service.data
    yield size.cpu != 1, "size.cpu", "cores come in proportion to memory", "leave it out"
    sizes = ", ".join(f"{memory / 1024:g}" for memory in MEMORY_SIZES_MB)
    allowed = size.memory_gib * 1024 in MEMORY_SIZES_MB
    yield not allowed, "size.memory_gib", f"{size.memory_gib:g} GiB are none of {sizes}", "write one of these"
    yield size.gpu is not None, "size.gpu", "a serverless endpoint has no accelerators", "take realtime"
    most = f"{scale.max} at once are above SageMaker's {MOST_CONCURRENT}"
    yield scale.max > MOST_CONCURRENT, "scale.max", most, "lower it"
    by_itself = "SageMaker adds instances by itself, one for each request in flight"
    yield scale.on is not None, "scale.on", by_itself, "leave it out"
    cold = bool(scale.schedule) and ("min" not in scale.model_fields_set or scale.min == 0)
    yield cold, "scale.schedule", "nothing is kept warm, so there is nothing to schedule", "set scale.min to 1 or more"
    yield from translation.times(scale)
    yield from translation.never_none(scale, "warm capacity")
    most_warm = _concurrency(scale)
    for index, entry in enumerate(scale.schedule):
        above = f"{entry.max} warm are above the {most_warm} that are answered at once"
        yield entry.max > most_warm, f"scale.schedule.{index}.max", above, "raise scale.max, or lower it"
    yield data.capture is not None, "data.capture", "SageMaker captures nothing here", "leave it out, or take realtime"
