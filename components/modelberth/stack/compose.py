"""A whole environment: parse, harden, translate every service, create the components, export what came of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import pulumi

from modelberth.core.config import parse_under
from modelberth.core.endpoint import MetricQuery, ServingEndpoint, Signal
from modelberth.core.errors import ConfigError, Fault, closest
from modelberth.core.labels import Labels
from modelberth.core.service import Service, Translation, Unsupported
from modelberth.core.traffic import Traffic
from modelberth.models.reference import parse
from modelberth.stack import profiles, targets
from modelberth.stack.config import Pins, StackConfig, labels_of, parse_stack, shared_labels
from modelberth.stack.files import files_of, read_yaml
from modelberth.stack.record import RolloutRecord
from modelberth.stack.rollouts import Rollouts, parse_rollouts, traffic_of


@dataclass(frozen=True, slots=True)
class Environment:
    """Everything that one environment's files say, pinned and hardened."""

    name: str
    config: StackConfig
    rollouts: Rollouts
    traffic: Mapping[str, Traffic]


def read(
    name: str, stack: Mapping[str, Any] | None, rollouts: Mapping[str, Any], pins: Mapping[str, Any]
) -> Environment:
    """An environment from the contents of its files. Pure. Raises `ConfigError` with all faults of a bad one."""
    config = hardened(stack, name)
    source = f"rollouts.{name}.yaml"
    parsed = parse_rollouts(rollouts, source, config.services)
    pinned = parse_under(Pins, "digests", pins, f"pins.{name}.yaml")
    unknown = [Fault(f"services.{key}.on", targets.unknown(service.on)) for key, service in config.services.items()]
    traffic = {
        service: traffic_of(service, wanted, parsed.services.get(service), pinned)
        for service, wanted in config.services.items()
    }
    found = _without_faults(traffic, name, [*(fault for fault in unknown if fault.what), *_unused(config)])
    return Environment(name, config, parsed, found)


def _unused(config: StackConfig) -> list[Fault]:
    used = {targets.cloud_of(service.on) for service in config.services.values()}
    why = f"no service is on it; the services are on {', '.join(sorted(used))}"
    return [Fault(f"foundation.{cloud}", why, "remove it") for cloud in config.foundation if cloud not in used]


R = TypeVar("R")


def _without_faults(results: Mapping[str, R | list[Fault]], name: str, others: list[Fault]) -> dict[str, R]:
    """The results, if each service has one. Raises `ConfigError` with the faults of all services."""
    faults = [*others, *(fault for result in results.values() if isinstance(result, list) for fault in result)]
    if faults:
        raise ConfigError(faults, f"Pulumi.{name}.yaml")
    return {service: result for service, result in results.items() if not isinstance(result, list)}


def hardened(stack: Mapping[str, Any] | None, environment: str) -> StackConfig:
    """The configuration of an environment under its profile. Pure. Raises `ConfigError`."""
    return profiles.apply(parse_stack(stack, environment), environment)


def run() -> None:
    """The program of this repository: the environment is the stack, its files lie where Pulumi.yaml says."""
    name = pulumi.get_stack()
    files = files_of(Path(pulumi.get_root_directory()), name)
    stack = pulumi.Config("modelberth").get_object("stack")
    deploy(read(name, stack, read_yaml(files.rollouts), read_yaml(files.pins)))


def deploy(environment: Environment) -> dict[str, ServingEndpoint]:
    """Create everything and export `endpoints` and `api_keys`. Raises `ConfigError` with every refused field."""
    foundations = _foundations(environment.config, environment.name)
    translations = {name: _translate(environment, name, foundations) for name in environment.config.services}
    arguments = _without_faults(translations, environment.name, [])
    endpoints = {name: _create(environment, name, made, foundations) for name, made in arguments.items()}
    pulumi.export(
        "endpoints", {name: output_of(environment.config.services[name].on, e) for name, e in endpoints.items()}
    )
    keys = {name: endpoint.api_keys for name, endpoint in endpoints.items()}
    pulumi.export("api_keys", pulumi.Output.secret(pulumi.Output.from_input(keys)))
    return endpoints


def output_of(on: str, endpoint: ServingEndpoint) -> dict[str, Any]:
    """What a stack says of one endpoint."""
    return {
        "target": on,
        "url": endpoint.url,
        "protocols": list(endpoint.protocols),
        "resource_id": endpoint.resource_id,
        "versions": endpoint.versions,
        "metrics": endpoint.metrics.apply(_plain_queries),
        "traffic_control": endpoint.traffic_control,
        "ca_certificate_file": endpoint.ca_certificate_file,
    }


def _plain_queries(metrics: Mapping[Signal, MetricQuery]) -> dict[str, dict[str, str]]:
    return {signal: query.model_dump() for signal, query in metrics.items()}


def _foundations(config: StackConfig, environment: str) -> dict[str, Any]:
    by_cloud = {targets.cloud_of(service.on): service.on for service in config.services.values()}
    return {
        cloud: targets.load(on).foundation(cloud, config.foundation.get(cloud, {}), shared_labels(config, environment))
        for cloud, on in by_cloud.items()
    }


def _translate(environment: Environment, name: str, foundations: Mapping[str, Any]) -> Translation | list[Fault]:
    service, traffic = environment.config.services[name], environment.traffic[name]
    labels, foundation = _labels(environment, name, traffic), foundations[targets.cloud_of(service.on)]
    try:
        result = targets.load(service.on).translate(service, traffic, labels, foundation)
        return _refused(result, service.on, name) if isinstance(result, Unsupported) else native_over(result, service)
    except ConfigError as error:
        return [replace(fault, path=f"services.{name}.{fault.path}") for fault in error.faults]


def _refused(result: Unsupported, on: str, name: str) -> list[Fault]:
    return [
        Fault(f"services.{name}.{refusal.field}", refusal.why, refusal.fix, target=on) for refusal in result.refusals
    ]


def _labels(environment: Environment, name: str, traffic: Traffic) -> Labels:
    model = parse(environment.config.services[name].model.uri).name
    return labels_of(environment.config, environment.name, name, model, traffic.stable.version)


def native_over(translation: Translation, service: Service) -> Translation:
    """The translation with the service's `native` words added, validated like any other.

    They add and never override: else they would pass by the profile, the pins and the generation. Raises `ConfigError`
    with paths that begin with `native`.
    """
    endpoint = translation.endpoint
    given = {field: getattr(endpoint, field) for field in endpoint.model_fields_set}
    open_words = [word for word in type(endpoint).model_fields if word not in given]
    faults = [_native_fault(word, word in given, open_words) for word in service.native if word not in open_words]
    words = {word: value for word, value in service.native.items() if word in open_words}
    try:
        result = type(endpoint).parse({**given, **words}, "native")
    except ConfigError as error:
        raise ConfigError([*error.faults, *faults]) from None
    if faults:
        raise ConfigError(faults)
    return replace(translation, endpoint=result)


def _native_fault(word: str, taken: bool, open_words: list[str]) -> Fault:
    if taken:
        return Fault(f"native.{word}", "the service says it itself", "write it there")
    return Fault(f"native.{word}", f"no such word; allowed: {', '.join(open_words)}", closest(word, open_words))


def _create(environment: Environment, name: str, made: Translation, foundations: Mapping[str, Any]) -> ServingEndpoint:
    service = environment.config.services[name]
    rollout = environment.rollouts.services.get(name)
    # Recorded also where no rollouts file names the service, so that a checkout from before it did is found stale.
    generation = 0 if rollout is None else rollout.generation
    record = RolloutRecord(f"{name}-rollout", name, generation, environment.traffic[name], environment.config.edits)
    opts = pulumi.ResourceOptions(depends_on=[record])
    return targets.load(service.on).create(name, made, foundations[targets.cloud_of(service.on)], opts)
