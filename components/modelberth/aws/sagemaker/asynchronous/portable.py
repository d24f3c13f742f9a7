"""A `Service` as an asynchronous endpoint, or the fields that SageMaker cannot honour.

Requests and answers lie in the endpoint's own bucket, where they expire: whoever may read the registry reads models,
and no payloads. `native.expiration_days` says when.
"""

from collections.abc import Iterator
from typing import Any

import pulumi

from modelberth.aws.foundation import AwsFoundation, Foundation
from modelberth.aws.sagemaker import sizes, translation
from modelberth.aws.sagemaker.asynchronous.config import AsyncEndpointArgs
from modelberth.aws.sagemaker.asynchronous.endpoint import AsyncEndpoint
from modelberth.aws.sagemaker.sizes import Limit
from modelberth.core.endpoint import ServingEndpoint
from modelberth.core.labels import Labels
from modelberth.core.service import Service, Translation, Unsupported
from modelberth.core.traffic import Traffic

foundation = translation.foundation


def create(
    name: str, made: Translation, foundation: AwsFoundation, opts: pulumi.ResourceOptions | None = None
) -> ServingEndpoint:
    """The endpoint; whoever may invoke it is granted that in IAM."""
    options = translation.options(foundation, opts)
    return AsyncEndpoint(name, AsyncEndpointArgs.model_validate(made.endpoint), options)


def translate(
    service: Service, traffic: Traffic, labels: Labels, foundation: AwsFoundation
) -> Translation | Unsupported:
    """Pure. Every field of the service is in the translation or refused by name."""
    shared = foundation.shared.model_copy(update=translation.retention(service))
    refused = translation.refusals(
        translation.everywhere(service, shared),
        translation.one_version(traffic, "an asynchronous endpoint"),
        sizes.limits(service.size),
        translation.strategies(service),
        _limits(service),
    )
    return Unsupported(refused) if refused else Translation(_arguments(service, traffic, labels, shared))


def _arguments(service: Service, traffic: Traffic, labels: Labels, shared: Foundation) -> AsyncEndpointArgs:
    folder, scale = labels.service, service.scale
    rollout = translation.rollout(service)
    moves = scale.min != scale.max or bool(scale.schedule)
    scaling = {"min_capacity": scale.min, "max_capacity": scale.max, "schedule": scale.schedule, **_signal(service)}
    optional = {"rollout": rollout, "slo": service.slo, "scaling": scaling if moves else None}
    arguments: dict[str, Any] = {
        "foundation": shared,
        "artefact": translation.artefact(traffic.stable, service, shared),
        "instance_type": sizes.instance_type(service.size),
        "requests": {"prefix": f"{folder}-requests/"},
        "answers": {"prefix": f"{folder}-answers/", "failures": f"{folder}-failures/"},
        "initial_instance_count": max(1, scale.min),
        "labels": labels,
        **{name: value for name, value in optional.items() if value is not None},
    }
    return AsyncEndpointArgs.parse(arguments)


def _signal(service: Service) -> dict[str, Any]:
    on = service.scale.on
    return {} if on is None or on.concurrency is None else {"backlog_per_instance": {"target": on.concurrency}}


def _limits(service: Service) -> Iterator[Limit]:
    """Whether a limit of this kind is met, for which field, why, and what to write instead."""
    scale, access, on = service.scale, service.access, service.scale.on
    waits = "requests wait in a queue, and it is the queue that is watched"
    for signal in ("requests_per_second", "cpu"):
        wanted = on is not None and getattr(on, signal) is not None
        yield wanted, f"scale.on.{signal}", waits, "write concurrency: requests that may wait for each instance"
    yield from translation.woken(scale, ("concurrency",))
    yield from translation.times(scale)
    yield from translation.unmoved(scale)
    days = "leave it out; native.expiration_days says for how long"
    yield service.data.capture is not None, "data.capture", "requests and answers lie in S3 anyway", days
    lie = "requests lie in S3, and no API stands before them"
    for field in ("keys", "jwt", "rate", "public"):
        wanted = bool(getattr(access, field))
        yield wanted, f"access.{field}", lie, "leave it out; grant callers invoke in IAM"
    alarmed = "the alarms are those of the SLO here"
    yield bool(service.rollout.gates), "rollout.gates", alarmed, "write the limits as slo"
