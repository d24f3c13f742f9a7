"""A `Service` as InferenceServices with a route before them, or the fields that KServe cannot honour.

Knative runs what only Knative can do, where it is there: no pods at all while nobody asks, and their number by
requests. Everything else are plain Deployments, as KServe itself has it by default.
"""

from collections.abc import Iterator
from typing import Any, get_args

import pulumi

from modelberth.core.endpoint import ServingEndpoint
from modelberth.core.labels import Labels
from modelberth.core.service import Refusal, Service, Translation, Unsupported
from modelberth.core.traffic import WHOLE, Traffic
from modelberth.kubernetes import translation
from modelberth.kubernetes.foundation import Foundation, KubernetesFoundation, needs
from modelberth.kubernetes.gateway.portable import front_door, front_door_args, split_as_tested
from modelberth.kubernetes.kserve.config import InferenceServiceEndpointArgs
from modelberth.kubernetes.kserve.endpoint import InferenceServiceEndpoint
from modelberth.kubernetes.kserve.modes import Feature
from modelberth.kubernetes.kserve.ports import container_ports
from modelberth.kubernetes.kserve.rollout import KNATIVE_SUFFIX, LONGEST
from modelberth.kubernetes.kserve.validation import WHOLLY
from modelberth.kubernetes.scale import load_query
from modelberth.kubernetes.translation import Limit
from modelberth.runtimes import load

foundation = translation.foundation

LONGEST_SERVICE = LONGEST - len("isvc.") - len("-predictor")
"""Characters of an InferenceService's name on plain Deployments; see `rollout.check_name`."""
LONGEST_KNATIVE = LONGEST - len(f"{KNATIVE_SUFFIX}-predictor-00001-private")
MOST = 2**31 - 1
"""The largest number that KServe can write."""
SIGNALS = {"concurrency": "concurrency", "requests_per_second": "rps"}
"""A service's signal to Knative's metric."""
LEAST, LARGEST = 0.001, 1e12
"""Amounts that a ScaledObject can write."""


def create(
    name: str, made: Translation, foundation: KubernetesFoundation, opts: pulumi.ResourceOptions | None = None
) -> ServingEndpoint:
    """The endpoint, and the route before it where anybody is let in."""
    options = translation.options(foundation, opts)
    endpoint = InferenceServiceEndpoint(name, InferenceServiceEndpointArgs.model_validate(made.endpoint), options)
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
    arguments = {
        "foundation": shared,
        "traffic": traffic,
        "server": translation.server(service, shared),
        "mode": _mode(service, shared),
        "labels": labels,
        **({} if service.slo is None else {"slo": service.slo}),
    }
    return Translation(InferenceServiceEndpointArgs.parse(arguments), split_as_tested(service, door))


def on_knative(service: Service, shared: Foundation) -> bool:
    """Whether a service is run by Knative: it is there, and what is asked for only it can do. Pure."""
    on = service.scale.on
    by_requests = on is not None and on.cpu is None
    return "knative" in shared.addons and (service.scale.min == 0 or by_requests)


def _mode(service: Service, shared: Foundation) -> dict[str, Any]:
    scale, on = service.scale, service.scale.on
    bounds = {"min_replicas": scale.min, "max_replicas": scale.max}
    if on_knative(service, shared):
        wanted = {} if on is None else {SIGNALS[name]: getattr(on, name) for name in SIGNALS}
        aims = [{"metric": metric, "target": int(value)} for metric, value in wanted.items() if value is not None]
        return {"kind": "knative", **bounds, **(aims[0] if aims else {}), "features": _features(shared)}
    if on is None:
        return {"kind": "standard", "scaling": {"by": "none", "replicas": scale.min}}
    if on.cpu is not None:
        return {"kind": "standard", "scaling": {"by": "hpa", **bounds, "target_percent": round(on.cpu * 100)}}
    return {"kind": "standard", "scaling": {"by": "keda", **bounds, "triggers": list(_triggers(service))}}


def _features(shared: Foundation) -> list[str]:
    """The flags that its pods may use, which the cluster must have enabled as far as they do.

    A pod without one of the others is a pod too: it is then not spread over zones by our own rule.
    """
    credentials = shared.models.credentials is not None
    spared = {"podspec-topologyspreadconstraints", *(() if credentials else ("podspec-securitycontext",))}
    return [feature for feature in get_args(Feature) if feature not in spared]


def _triggers(service: Service) -> Iterator[dict[str, Any]]:
    for signal in SIGNALS:
        wanted, query = getattr(service.scale.on, signal), load_query(service.runtime, signal)
        if wanted is not None and query is not None:
            yield {"of": "prometheus", "query": query, "threshold": wanted}


def _refused(service: Service, traffic: Traffic, labels: Labels, shared: Foundation) -> tuple[Refusal, ...]:
    knative = on_knative(service, shared)
    return translation.refusals(
        translation.everywhere(service, shared),
        translation.versions(service, traffic, labels, LONGEST_KNATIVE if knative else LONGEST_SERVICE),
        _split(service, traffic, shared, knative),
        translation.stepped(service, "ab_test", "shadow"),
        translation.tested(service, traffic),
        translation.shadowed(service, traffic),
        translation.watched(service, shared),
        _scaled(service, shared),
        _by_knative(service, traffic, shared) if knative else _by_deployments(service, shared),
        _kept(service, shared),
    )


def _split(service: Service, traffic: Traffic, shared: Foundation, knative: bool) -> Iterator[Limit]:
    """Knative splits by itself, but it copies nothing."""
    yield from translation.split(service, traffic.model_copy(update={"weight": 0}) if knative else traffic, shared)


def _kept(service: Service, shared: Foundation) -> Iterator[Limit]:
    why = needs(shared, "kserve", "an InferenceService")
    yield bool(why), "on", why, "or take kubernetes:deployment"
    data = service.data
    sink = "KServe sends every request to a sink of yours, takes no sample and deletes nothing"
    yield data.capture is not None, "data.capture", sink, "leave it out, and name the sink in native: {logger: …}"
    logs = "what containers write is the cluster's to keep, not KServe's"
    yield data.retention is not None, "data.retention", logs, "leave it out, and set it where logs are collected"


def _scaled(service: Service, shared: Foundation) -> Iterator[Limit]:
    scale = service.scale
    yield scale.min > MOST, "scale.min", f"it is above {MOST}", "write less"
    yield scale.max > MOST, "scale.max", f"it is above {MOST}", "write less"
    clock = "neither KServe nor Knative knows the clock"
    yield bool(scale.schedule), "scale.schedule", clock, "leave it out, or take kubernetes:deployment"
    fixed = scale.on is not None and scale.min == scale.max
    yield fixed, "scale.on", f"min and max are both {scale.min}, so nothing moves", "raise max, or leave it out"


def _by_knative(service: Service, traffic: Traffic, shared: Foundation) -> Iterator[Limit]:
    scale, on, access = service.scale, service.scale.on, service.access
    let_in = bool(access.keys) or access.jwt is not None or access.public is not None
    passed = "the gateway asks pods directly, past what holds a request until one is up"
    yield scale.min == 0 and let_in, "scale.min", passed, "write 1, or let nobody in through the gateway"
    idle = on is not None and on.cpu is not None
    least = "by it Knative goes down to 1 at least, and scale.min is 0"
    yield idle, "scale.on.cpu", least, "raise scale.min, or take concurrency"
    for signal in SIGNALS:
        wanted = getattr(on, signal, None)
        whole = wanted is None or (wanted == int(wanted) and 1 <= wanted <= MOST)
        yield not whole, f"scale.on.{signal}", "KServe takes whole numbers from 1 on", f"write 1 to {MOST}"
    what, _, fix = WHOLLY.partition("; ")
    yield traffic.candidate is not None and traffic.weight == WHOLE, "rollout", what, fix
    yield from _alarms(service)


def _alarms(service: Service) -> Iterator[Limit]:
    runtime = load(service.runtime)
    if service.slo is None or runtime.metrics is None or runtime.platform is not None:
        return
    hidden = runtime.metrics.port != next(iter(container_ports(service.runtime)), None)
    why = "Knative shows only the port for requests, and the metrics are on another"
    yield hidden, "slo", why, "leave it out, or scale by cpu with a pod at least"


def _by_deployments(service: Service, shared: Foundation) -> Iterator[Limit]:
    scale, on = service.scale, service.scale.on
    none = "a request that finds no pod fails: nothing holds it until one is up"
    yield scale.min == 0, "scale.min", none, "name knative in foundation.addons, or write 1"
    idle = 0 < scale.min < scale.max and on is None and not scale.schedule
    still = f"min is {scale.min}, and nothing moves it up"
    yield idle, "scale.max", still, "give scale.on, or write the same"
    if on is None:
        return
    small = on.cpu is not None and round(on.cpu * 100) < 1
    yield small, "scale.on.cpu", "Kubernetes takes whole percent from 1 on", "write 1% or more"
    for signal in SIGNALS:
        wanted, field = getattr(on, signal), f"scale.on.{signal}"
        if wanted is None:
            continue
        yield not LEAST <= wanted <= LARGEST, field, f"{wanted:g} cannot be written as an amount", "write 0.001 or more"
        why = needs(shared, "keda", "without Knative, scaling by requests")
        yield bool(why), field, why, "or name knative, or take scale.on.cpu"
        blind = "there is no Prometheus that counts requests"
        yield shared.prometheus is None, field, blind, "name it in foundation.prometheus, or take scale.on.cpu"
        silent = f"{service.runtime} shows no such number"
        yield load_query(service.runtime, signal) is None, field, silent, "take scale.on.cpu"
