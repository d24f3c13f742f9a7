"""What the tests of KServe deploy: a foundation that is there already, and the least and the most of an endpoint."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, get_args

from modelberth.core.errors import ConfigError
from modelberth.kubernetes.kserve.config import InferenceServiceEndpointArgs
from modelberth.kubernetes.kserve.endpoint import objects_of
from modelberth.kubernetes.kserve.modes import Feature
from modelberth.kubernetes.manifest import Manifest

DIGEST = f"sha256:{'1' * 64}"
NEWER_DIGEST = f"sha256:{'2' * 64}"
IMAGE = f"ghcr.io/acme/serving@sha256:{'a' * 64}"
IN_CONTAINERS = ("serving", "mlserver", "triton", "vllm", "torchserve", "tensorflow-serving")
L4: dict[str, Any] = {"node_selector": {"nvidia.com/gpu.product": "NVIDIA-L4"}}
SPOT: dict[str, Any] = {**L4, "spot": {"karpenter.sh/capacity-type": "spot"}}
FOUNDATION: dict[str, Any] = {
    "cluster": {"kubeconfig": "kubeconfig", "context": "models"},
    "namespace": "models",
    "models": {"prefix": "s3://models/prod", "egress": [{"cidr": "10.0.0.0/8"}]},
    "images": {name: IMAGE.replace("serving", name) for name in IN_CONTAINERS},
    "addons": ["kserve", "knative", "keda", "gateway-api", "envoy-gateway", "leader-worker-set", "prometheus-operator"],
}
EVERYTHING: dict[str, Any] = {
    **FOUNDATION,
    "gateway": {"name": "models", "namespace": "models", "hostname": "models.example.com", "listener": "https"},
    "prometheus": {"address": "http://prometheus.monitoring.svc:9090"},
    "accelerators": {"l4": L4},
    "pull_secrets": ["registry"],
    "residency": ["eu"],
}
LABELS: dict[str, Any] = {
    "owner": "search", "environment": "prod", "cost_centre": "4711", "service": "ranker", "model": "ranker",
    "version": "1.4.0", "data_classification": "internal",
}  # fmt: skip
STABLE = {"uri": "models:/ranker/1.4.0", "digest": DIGEST}
CANDIDATE = {"uri": "models:/ranker/1.5.0", "digest": NEWER_DIGEST}
BOTH: dict[str, Any] = {"stable": STABLE, "candidate": CANDIDATE, "weight": 10}
SIZE = {"cpu": 2, "memory_gib": 4}
ALL_FEATURES = get_args(Feature)
KNATIVE: dict[str, Any] = {"kind": "knative", "max_replicas": 4, "features": ALL_FEATURES}
STEP: dict[str, Any] = {"image": IMAGE.replace("serving", "features"), "resources": {"cpu": 0.5, "memory_gib": 1}}
SINK: dict[str, Any] = {
    "url": "http://sink.audit.svc",
    "mode": "request",
    "retention": "14d",
    "egress": [{"namespace": "audit", "ports": [8080]}],
}
RUNTIME: dict[str, Any] = {
    "name": "kserve-sklearnserver",
    "image": IMAGE.replace("serving", "sklearnserver"),
    "model_format": "sklearn",
    "protocol": "v1",
    "resources": SIZE,
}
LEAST: dict[str, Any] = {
    "foundation": FOUNDATION,
    "traffic": {"stable": STABLE},
    "server": {"resources": SIZE},
}
BY_RUNTIME: dict[str, Any] = {"foundation": FOUNDATION, "traffic": {"stable": STABLE}, "runtime": RUNTIME}
QUERY = 'sum(in_flight{namespace="{namespace}",service="{service}",version="{version}"})'
TRIGGERS: list[dict[str, Any]] = [
    {"of": "cpu", "target_percent": 70},
    {"of": "memory", "target_percent": 90},
    {"of": "prometheus", "query": QUERY, "threshold": 4, "authentication": "prometheus"},
]
KEDA: dict[str, Any] = {"by": "keda", "max_replicas": 6, "triggers": TRIGGERS, "scale_down_seconds": 600}
MOST: dict[str, Any] = {
    "foundation": EVERYTHING,
    "traffic": {**BOTH, "mirror": 20},
    "server": {
        "runtime": "mlserver",
        "resources": {"cpu": 7.5, "memory_gib": 32},
        "devices": {"accelerator": SPOT, "count": 2},
        "load_seconds": "12m",
        "drain_seconds": "2m",
        "environment": {"MLSERVER_DEBUG": "false"},
        "user": 2000,
    },
    "mode": {"kind": "standard", "scaling": KEDA, "rolling": {"surge": 2, "unavailable": 1}},
    "transformer": {**STEP, "command": ["transform"], "arguments": ["--quiet"], "ready": "/ready", "max_replicas": 3},
    "explainer": {**STEP, "environment": {"SAMPLES": "100"}},
    "logger": SINK,
    "callers": {"namespaces": ["shop"]},
    "slo": {"p95": "30s", "availability": "99.9%"},
    "labels": LABELS,
}


def args(given: Mapping[str, Any] = LEAST, **fields: Any) -> InferenceServiceEndpointArgs:
    """The arguments of an endpoint."""
    return InferenceServiceEndpointArgs.parse({**given, **fields})


def objects(given: Mapping[str, Any] = LEAST, name: str = "ranker", **fields: Any) -> dict[str, Manifest]:
    """Resource name to object of all that an endpoint makes."""
    return objects_of(args(given, **fields), name)


def service(given: Mapping[str, Any] = LEAST, **fields: Any) -> Manifest:
    """The only InferenceService of an endpoint."""
    [found] = [each for each in objects(given, **fields).values() if each["kind"] == "InferenceService"]
    return found


def predictor(given: Mapping[str, Any] = LEAST, **fields: Any) -> Manifest:
    """Its predictor."""
    return service(given, **fields)["spec"]["predictor"]


OF_A_POD = (
    "affinity", "automountServiceAccountToken", "containers", "enableServiceLinks", "imagePullSecrets",
    "initContainers", "nodeSelector", "securityContext", "serviceAccountName", "terminationGracePeriodSeconds",
    "tolerations", "topologySpreadConstraints", "volumes",
)  # fmt: skip


def pods_of(manifests: Mapping[str, Manifest], namespace: str) -> Iterator[Manifest]:
    """The pods that KServe makes of InferenceServices, as far as they say it themselves."""
    for name, manifest in manifests.items():
        for part, component in manifest["spec"].items() if manifest["kind"] == "InferenceService" else ():
            if "containers" in component:
                spec = {field: component[field] for field in OF_A_POD if field in component}
                metadata = {"name": f"{name}-{part}", "namespace": namespace, "labels": component["labels"]}
                yield {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def faults(parse: Callable[[], object]) -> list[str]:
    """The messages of what is refused."""
    try:
        parse()
    except ConfigError as error:
        return [str(fault) for fault in error.faults]
    return []
