"""What the tests of Ray deploy."""

from collections.abc import Mapping
from typing import Any

from components.kubernetes.deployment.samples import ACCELERATORS, EVERYTHING, FOUNDATION, IMAGE, LABELS, STABLE, faults

from modelberth.kubernetes.manifest import Manifest
from modelberth.kubernetes.ray import endpoint, job
from modelberth.kubernetes.ray.config import RayServiceEndpointArgs
from modelberth.kubernetes.ray.job import RayBatchJobArgs

API_SERVER = {"api_server": {"cidr": "10.0.0.1/32"}}
RAY: dict[str, Any] = {**FOUNDATION, "addons": ["ray"]}
ALL: dict[str, Any] = {
    **EVERYTHING,
    "cluster": {**FOUNDATION["cluster"], **API_SERVER},
    "addons": [*EVERYTHING["addons"], "kueue", "ray"],
}
SIZE = {"cpu": 4, "memory_gib": 16}
CLUSTER: dict[str, Any] = {"image": IMAGE, "head": {"cpu": 2, "memory_gib": 8}, "workers": {"resources": SIZE}}
MOVING: dict[str, Any] = {**CLUSTER, "workers": {"resources": SIZE, "min_replicas": 1, "max_replicas": 4}}
APPLICATION: dict[str, Any] = {"import_path": "ranker.serving:app"}
LEAST: dict[str, Any] = {"foundation": RAY, "model": STABLE, "application": APPLICATION, "cluster": CLUSTER}
INCREMENTAL: dict[str, Any] = {
    "kind": "NewClusterWithIncrementalUpgrade",
    "gateway_class_name": "istio",
    "address": "http://ranker-gateway-istio.models.svc",
    "step_percent": 10,
    "interval": "1m",
}
MOST: dict[str, Any] = {
    "foundation": ALL,
    "model": STABLE,
    "application": {
        **APPLICATION,
        "route_prefix": "/v1/rank",
        "args": {"threshold": 0.5, "classes": ["a", "b"]},
        "deployments": [{"name": "Ranker", "autoscaling_config": {"min_replicas": 1, "max_replicas": 4}}],
    },
    "cluster": {
        **CLUSTER,
        "ray_version": "2.51.0",
        "workers": {
            "resources": {"cpu": 12, "memory_gib": 96},
            "devices": {"accelerator": ACCELERATORS["spot"], "count": 8},
            "min_replicas": 1,
            "max_replicas": 2,
            "hosts": 4,
        },
        "scratch_gib": 50,
        "operator_namespace": "ray-system",
    },
    "upgrade": INCREMENTAL,
    "callers": {"namespaces": ["istio-ingress"]},
    "labels": LABELS,
}
RUN: dict[str, Any] = {"foundation": RAY, "model": STABLE, "command": ["python", "predict.py"], "cluster": CLUSTER}

__all__ = ["IMAGE", "STABLE", "faults"]


def args(given: Mapping[str, Any] = LEAST, **fields: Any) -> RayServiceEndpointArgs:
    """The arguments of an endpoint."""
    return RayServiceEndpointArgs.parse({**given, **fields})


def objects(given: Mapping[str, Any] = LEAST, name: str = "ranker", **fields: Any) -> dict[str, Manifest]:
    """Resource name to object of all that an endpoint makes."""
    return endpoint.objects_of(args(given, **fields), name)


def run(**fields: Any) -> dict[str, Manifest]:
    """Resource name to object of all that a job makes."""
    return job.objects_of(RayBatchJobArgs.parse({**RUN, **fields}), "scoring")


def clusters(made: Mapping[str, Manifest]) -> list[Manifest]:
    """The Ray clusters in what is made."""
    specs = [each["spec"] for each in made.values() if each["kind"] in ("RayService", "RayJob")]
    return [spec.get("rayClusterConfig") or spec["rayClusterSpec"] for spec in specs]
