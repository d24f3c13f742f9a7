"""A `Service` of a large language model as a RayService, or the fields that Ray cannot honour."""

from collections.abc import Iterator
from typing import Any

import pulumi

from modelberth.core.endpoint import ServingEndpoint
from modelberth.core.labels import Labels
from modelberth.core.service import Scale, Service, Translation, Unsupported
from modelberth.core.traffic import Traffic
from modelberth.kubernetes import translation
from modelberth.kubernetes.foundation import Foundation, KubernetesFoundation, devices_of, needs
from modelberth.kubernetes.gateway.portable import front_door, front_door_args
from modelberth.kubernetes.manifest import unnameable
from modelberth.kubernetes.pods import MODEL_PATH
from modelberth.kubernetes.ray.config import RayServiceEndpointArgs
from modelberth.kubernetes.ray.endpoint import RayServiceEndpoint
from modelberth.kubernetes.translation import Limit, devices_per_node
from modelberth.models.reference import parse

RUNTIME = "ray-llm"
IMPORT_PATH = "ray.serve.llm:build_openai_app"
"""Source: https://docs.ray.io/en/latest/serve/llm/index.html"""

HEAD = {"cpu": 2, "memory_gib": 8}
"""What a head takes that computes nothing. Source: https://docs.ray.io/en/latest/cluster/kubernetes/user-guides/config.html"""

LEAST_CORES = 2
"""Source: https://docs.ray.io/en/latest/serve/resource-allocation.html (one for each replica, the router being one)"""

foundation = translation.foundation


def create(
    name: str, made: Translation, foundation: KubernetesFoundation, opts: pulumi.ResourceOptions | None = None
) -> ServingEndpoint:
    """The endpoint, and the route before it where anybody is let in."""
    options = translation.options(foundation, opts)
    endpoint = RayServiceEndpoint(name, RayServiceEndpointArgs.model_validate(made.endpoint), options)
    return endpoint if made.front_door is None else front_door(name, made.front_door, endpoint, options)


def translate(
    service: Service, traffic: Traffic, labels: Labels, foundation: KubernetesFoundation
) -> Translation | Unsupported:
    """Pure. Every field of the service is in the translation or refused by name."""
    shared = foundation.shared
    door = front_door_args(service.access, shared, labels, slo=service.slo)
    refused = translation.refusals(
        translation.everywhere(service, shared, spread=True),
        translation.stepped(service),
        _limits(service, traffic, shared),
    )
    if refused or isinstance(door, list):
        return Unsupported((*refused, *(door if isinstance(door, list) else ())))
    arguments = {
        "foundation": shared,
        "model": traffic.stable,
        "application": {"import_path": IMPORT_PATH, "args": {"llm_configs": [_llm(service, traffic, shared)]}},
        "cluster": {
            "image": shared.images[service.runtime],
            "head": HEAD,
            "workers": _workers(service, shared),
        },
        "labels": labels,
    }
    return Translation(RayServiceEndpointArgs.parse(arguments), door)


def hosts_of(service: Service, shared: Foundation) -> int:
    """Over how many nodes one instance goes: as many as its devices need."""
    gpu = service.size.gpu
    return 1 if gpu is None else -(-gpu.count // devices_per_node(shared, gpu.type))


def _workers(service: Service, shared: Foundation) -> dict[str, Any]:
    """The size of a service is that of one whole instance; each of its nodes has an equal part."""
    size, hosts = service.size, hosts_of(service, shared)
    gpu = size.gpu
    devices = None if gpu is None else devices_of(shared, gpu.type, gpu.count // hosts)
    return {
        "resources": {"cpu": size.cpu / hosts, "memory_gib": size.memory_gib / hosts},
        **({} if devices is None else {"devices": devices}),
        "min_replicas": service.scale.min,
        "max_replicas": service.scale.max,
        "hosts": hosts,
    }


def _llm(service: Service, traffic: Traffic, shared: Foundation) -> dict[str, Any]:
    """One model, as Ray Serve LLM takes it: tensors are split inside a node, layers between nodes.

    Source: https://docs.ray.io/en/latest/serve/llm/user-guides/cross-node-parallelism.html
    """
    hosts = hosts_of(service, shared)
    devices = 1 if service.size.gpu is None else service.size.gpu.count // hosts
    source = {"model_id": parse(traffic.stable.uri).name, "model_source": MODEL_PATH}
    engine = {"tensor_parallel_size": devices, "pipeline_parallel_size": hosts}
    return {
        "model_loading_config": source,
        "engine_kwargs": engine,
        "deployment_config": {"autoscaling_config": _autoscaling(service.scale)},
    }


def _autoscaling(scale: Scale) -> dict[str, Any]:
    target = {} if scale.on is None else {"target_ongoing_requests": scale.on.concurrency}
    return {"min_replicas": scale.min, "max_replicas": scale.max, **target}


def _limits(service: Service, traffic: Traffic, shared: Foundation) -> Iterator[Limit]:
    """Whether a limit of this kind is met, for which field, why, and what to write instead."""
    scale, gpu = service.scale, service.size.gpu
    yield bool(why := needs(shared, "ray", "a RayService")), "on", why, "or take kubernetes:deployment"
    other = f"{service.runtime} is no application of Ray Serve"
    yield service.runtime != RUNTIME, "runtime", other, f"write {RUNTIME}, or take kubernetes:deployment"
    hosts = hosts_of(service, shared)
    none_given = gpu is None and service.runtime == RUNTIME
    yield none_given, "size.gpu", "its models run on GPUs only", "give size.gpu, or take kubernetes:deployment"
    cramped = int(service.size.cpu / hosts) * hosts < LEAST_CORES
    kept = f"the router and a replica keep a whole core each, and {service.size.cpu:g} are not {LEAST_CORES}"
    yield cramped, "size.cpu", kept, f"write {LEAST_CORES} or more"
    uneven = gpu is not None and gpu.count % hosts != 0
    yield uneven, "size.gpu.count", f"they are no equal parts for {hosts} nodes", "write a multiple of it"
    none = "the last replica of a model is hours of loading away from the next request"
    yield scale.min == 0, "scale.min", none, "write 1"
    unmoved = scale.on is None and not scale.schedule and 0 < scale.min != scale.max
    yield unmoved, "scale.max", "nothing moves the number between min and max", "give scale.on, or write max like min"
    signal = scale.on is not None and scale.on.concurrency is None
    yield signal, "scale.on", "Ray Serve scales on requests in flight only", "write concurrency"
    few = scale.on is not None and scale.on.concurrency is not None and not 0 < scale.on.concurrency <= 1e6
    yield few, "scale.on.concurrency", "Ray Serve takes no such target", "write one up to 1000000"
    yield bool(scale.schedule), "scale.schedule", "nothing here goes by the clock", "leave it out"
    itself = "KubeRay moves the requests itself, and the rollouts file names a candidate"
    yield traffic.candidate is not None, "rollout", itself, "name the stable version only"
    version, fix = unnameable("", traffic.stable.version, 10**6) or ("", "")
    yield bool(version), "model.uri", version, fix
    mute = 0 < scale.min != scale.max and shared.cluster.api_server is None
    yield mute, "scale.max", "Ray's autoscaler cannot ask the API server", "give foundation.cluster.api_server"
    yield service.slo is not None, "slo", "Ray's series tell nothing of one model's requests", "leave it out"
    yield service.data.capture is not None, "data.capture", "requests are not kept here", "leave it out"
    yield service.data.retention is not None, "data.retention", "the cluster's collector keeps logs", "set it there"
