"""What the tests of Deployments deploy: a foundation that is there already, the least and the most of an endpoint."""

from collections.abc import Callable, Mapping
from typing import Any

from modelberth.core.errors import ConfigError
from modelberth.kubernetes.deployment.config import DeploymentEndpointArgs
from modelberth.kubernetes.deployment.endpoint import objects_of
from modelberth.kubernetes.manifest import Manifest

DIGEST = f"sha256:{'1' * 64}"
NEWER_DIGEST = f"sha256:{'2' * 64}"
IMAGE = f"ghcr.io/acme/serving@sha256:{'a' * 64}"
ACCELERATORS: dict[str, Any] = {
    "l4": {"node_selector": {"nvidia.com/gpu.product": "NVIDIA-L4"}},
    "slice": {"resource": "nvidia.com/mig-1g.10gb", "node_selector": {"nvidia.com/mig.config": "all-1g.10gb"}},
    "spot": {
        "node_selector": {"nvidia.com/gpu.product": "NVIDIA-L4"},
        "spot": {"karpenter.sh/capacity-type": "spot"},
        "spot_tolerations": [{"key": "spot", "value": "true"}],
    },
}
FOUNDATION: dict[str, Any] = {
    "cluster": {"kubeconfig": "kubeconfig", "context": "models"},
    "namespace": "models",
    "models": {"prefix": "s3://models/prod", "egress": [{"cidr": "10.0.0.0/8"}]},
    "images": {name: IMAGE.replace("serving", name) for name in ("serving", "vllm", "triton", "tensorflow-serving")},
}
EVERYTHING: dict[str, Any] = {
    **FOUNDATION,
    "addons": ["gateway-api", "envoy-gateway", "keda", "leader-worker-set", "prometheus-operator"],
    "gateway": {"name": "models", "namespace": "models", "hostname": "models.example.com", "listener": "https"},
    "prometheus": {"address": "http://prometheus.monitoring.svc:9090", "selector": {"release": "prometheus"}},
    "accelerators": ACCELERATORS,
    "pull_secrets": ["registry"],
    "residency": ["eu"],
}
LABELS: dict[str, Any] = {
    "owner": "search", "environment": "prod", "cost_centre": "4711", "service": "ranker", "model": "ranker",
    "version": "1.4.0", "data_classification": "internal",
}  # fmt: skip
STABLE = {"uri": "models:/ranker/1.4.0", "digest": DIGEST}
CANDIDATE = {"uri": "models:/ranker/1.5.0-rc.1", "version": "1.5.0-rc.1", "digest": NEWER_DIGEST}
SIZE = {"cpu": 2, "memory_gib": 4}
LEAST: dict[str, Any] = {
    "foundation": FOUNDATION,
    "traffic": {"stable": STABLE},
    "server": {"resources": SIZE},
}
QUERY = 'sum(in_flight{namespace="{namespace}",service="{service}",version="{version}"})'
PROMETHEUS: dict[str, Any] = {"prometheus": {"query": QUERY, "per_pod": 4}}
NODES: dict[str, Any] = {
    "count": 2,
    "leader": ["sh", "-c", "serve --address $(LWS_LEADER_ADDRESS)"],
    "worker": ["ray", "start", "--address=$(LWS_LEADER_ADDRESS):6379", "--block"],
    "worker_port": 8076,
}
MOST: dict[str, Any] = {
    "foundation": EVERYTHING,
    "traffic": {"stable": STABLE, "candidate": CANDIDATE, "weight": 10, "mirror": 50},
    "server": {
        "runtime": "vllm",
        "resources": {"cpu": 7.5, "memory_gib": 32},
        "devices": {"accelerator": ACCELERATORS["spot"], "count": 2},
        "load_seconds": "12m",
        "drain_seconds": "2m",
        "environment": {"VLLM_LOGGING_LEVEL": "INFO"},
        "priority_class": "models",
        "user": 2000,
    },
    "scaling": {
        "min_replicas": 2,
        "max_replicas": 6,
        "memory": "80%",
        "behavior": {"down": {"stabilization": "10m", "policies": [{"type": "Pods", "value": 1}]}},
        "keda": {"triggers": [PROMETHEUS], "fallback": {"replicas": 4}},
    },
    "rolling": {"surge": 2, "unavailable": 1},
    "callers": {"namespaces": ["shop"]},
    "slo": {"p95": "30s", "availability": "99.9%"},
    "labels": LABELS,
}


def args(given: Mapping[str, Any] = LEAST, **fields: Any) -> DeploymentEndpointArgs:
    """The arguments of an endpoint."""
    return DeploymentEndpointArgs.parse({**given, **fields})


def objects(given: Mapping[str, Any] = LEAST, name: str = "ranker", **fields: Any) -> dict[str, Manifest]:
    """Resource name to object of all that an endpoint makes."""
    return objects_of(args(given, **fields), name)


def pod_of(workload: Manifest) -> Manifest:
    """The pod spec of a Deployment."""
    return workload["spec"]["template"]["spec"]


def served(**server: Any) -> Manifest:
    """The pod of the least endpoint with another server."""
    return pod_of(objects(server={"resources": SIZE, **server}, foundation=EVERYTHING)["ranker--1-4-0"])


def faults(parse: Callable[[], object]) -> list[str]:
    """The messages of what is refused."""
    try:
        parse()
    except ConfigError as error:
        return [str(fault) for fault in error.faults]
    return []
