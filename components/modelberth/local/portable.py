"""A `Service` in this machine's words, or the fields that a plain machine cannot honour."""

from collections.abc import Iterator, Mapping
from typing import Any

import pulumi

from modelberth.core.endpoint import ServingEndpoint
from modelberth.core.labels import Labels
from modelberth.core.rollout import STRATEGIES
from modelberth.core.service import Refusal, Service, Translation, Unsupported
from modelberth.core.traffic import Traffic
from modelberth.local.config import LEAST_MEMORY_MIB, MOST_THREADS, LocalEndpointArgs
from modelberth.local.endpoint import LocalEndpoint
from modelberth.local.foundation import LocalFoundation, LocalFoundationArgs
from modelberth.runtimes import load


def foundation(
    name: str, args: Mapping[str, Any], labels: Labels, opts: pulumi.ResourceOptions | None = None
) -> LocalFoundation:
    """The directory, supervisor, registry and certificate that all services of the stack share; none carries labels."""
    return LocalFoundation(name, LocalFoundationArgs.parse(args, f"foundation.{name}"), opts)


def create(
    name: str, made: Translation, foundation: LocalFoundation, opts: pulumi.ResourceOptions | None = None
) -> ServingEndpoint:
    """The endpoint of a translation, which guards itself."""
    return LocalEndpoint(name, LocalEndpointArgs.model_validate(made.endpoint), opts)


def translate(
    service: Service, traffic: Traffic, labels: Labels, foundation: LocalFoundation
) -> Translation | Unsupported:
    """Pure. Every field of the service is in the translation or refused by name."""
    refusals = tuple(Refusal(field, why, fix) for applies, field, why, fix in _limits(service) if applies)
    if refusals:
        return Unsupported(refusals)
    return Translation(
        LocalEndpointArgs(
            foundation=foundation,
            traffic=traffic,
            clients=service.access.keys,
            jwt=service.access.jwt,
            rate=service.access.rate,
            runtime=service.runtime,
            threads=max(1, round(service.size.cpu)),
            memory_mib=round(service.size.memory_gib * 1024),
            labels=labels,
        )
    )


def _limits(service: Service) -> Iterator[tuple[bool, str, str, str]]:
    """Whether a limit of a plain machine is met, for which field, why, and what to write instead."""
    size, scale, rollout, data = service.size, service.scale, service.rollout, service.data
    jwt = service.access.jwt
    one = "a version runs as one process here"
    yield load(service.runtime).process is None, "runtime", f"{service.runtime} needs a container", "write serving"
    threads = f"{size.cpu:g} cores are no whole number of threads from 1 to {MOST_THREADS}"
    yield size.cpu not in range(1, MOST_THREADS + 1), "size.cpu", threads, "write one of these"
    memory = f"{size.memory_gib:g} GiB are below the {LEAST_MEMORY_MIB} MiB that a model server needs to start"
    yield size.memory_gib * 1024 < LEAST_MEMORY_MIB, "size.memory_gib", memory, "raise it"
    yield size.gpu is not None, "size.gpu", "no accelerator is reserved on a plain machine", "leave it out"
    yield scale.min != 1, "scale.min", f"got {scale.min}; {one}", "write 1"
    yield scale.max != 1, "scale.max", f"got {scale.max}; {one}", "write 1"
    yield scale.on is not None, "scale.on", one, "leave it out"
    yield bool(scale.schedule), "scale.schedule", one, "leave it out"
    for strategy in STRATEGIES:
        wanted = strategy != "all_at_once" and getattr(rollout, strategy) is not None
        yield wanted, f"rollout.{strategy}", "nothing carries out steps here", "change the weight in the rollouts file"
    yield bool(rollout.gates), "rollout.gates", "nothing watches gates here", "leave them out"
    remote = jwt is not None and jwt.jwks.startswith(("https:", "http:"))
    yield remote, "access.jwt.jwks", "the gateway fetches nothing", "save the key set and write the path of the file"
    yield service.access.public is not None, "access.public", "the gateway listens on 127.0.0.1 only", "leave it out"
    yield service.slo is not None, "slo", "no alarm is made here", "leave it out"
    yield data.residency is not None, "data.residency", "a machine does not know where it stands", "leave it out"
    yield data.capture is not None, "data.capture", "requests are never kept here", "leave it out"
    yield data.retention is not None, "data.retention", "logs are kept by size, not by age", "leave it out"
