"""What the tests of Seldon deploy: a foundation that is there already, and the least and the most of each kind."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from modelberth.core.errors import ConfigError
from modelberth.kubernetes.manifest import Manifest
from modelberth.kubernetes.seldon import SeldonDeploymentEndpointArgs, SeldonModelEndpointArgs
from modelberth.kubernetes.seldon.v1.endpoint import objects_of as objects_of_v1
from modelberth.kubernetes.seldon.v2.endpoint import objects_of as objects_of_v2

DIGEST = f"sha256:{'1' * 64}"
NEWER_DIGEST = f"sha256:{'2' * 64}"
IMAGE = f"ghcr.io/acme/serving@sha256:{'a' * 64}"
ADDONS = ["seldon-core-1", "seldon-core-2", "gateway-api", "envoy-gateway", "prometheus-operator"]
L4: dict[str, Any] = {"node_selector": {"nvidia.com/gpu.product": "NVIDIA-L4"}}
FOUNDATION: dict[str, Any] = {
    "cluster": {"kubeconfig": "kubeconfig", "context": "models"},
    "namespace": "models",
    "models": {"prefix": "s3://models/prod", "egress": [{"cidr": "10.0.0.0/8"}]},
    "images": {name: IMAGE.replace("serving", name) for name in ("serving", "mlserver", "triton", "torchserve")},
    "addons": ADDONS,
}
EVERYTHING: dict[str, Any] = {
    **FOUNDATION,
    "gateway": {"name": "models", "namespace": "models", "hostname": "models.example.com", "listener": "https"},
    "prometheus": {"address": "http://prometheus.monitoring.svc:9090"},
    "accelerators": {"l4": L4},
    "pull_secrets": ["registry"],
    "residency": ["eu"],
}
CREDENTIALS = {"secret": "keys", "key": "credentials", "variable": "AWS_SHARED_CREDENTIALS_FILE"}
LABELS: dict[str, Any] = {
    "owner": "search", "environment": "prod", "cost_centre": "4711", "service": "ranker", "model": "ranker",
    "version": "1.4.0", "data_classification": "internal",
}  # fmt: skip
STABLE = {"uri": "models:/ranker/1.4.0", "digest": DIGEST}
CANDIDATE = {"uri": "models:/ranker/1.5.0", "digest": NEWER_DIGEST}
EXPLAINS = {"uri": "models:/ranker-explainer/0.1.0", "digest": DIGEST}
BOTH: dict[str, Any] = {"stable": STABLE, "candidate": CANDIDATE, "weight": 10}
COPIED: dict[str, Any] = {"stable": STABLE, "candidate": CANDIDATE, "mirror": 20}
SIZE = {"cpu": 2, "memory_gib": 4}
UNIT: dict[str, Any] = {"image": IMAGE.replace("serving", "features"), "resources": {"cpu": 0.5, "memory_gib": 1}}
SERVER_UNIT = {"name": "server"}
ORCHESTRATOR: dict[str, Any] = {"resources": {"cpu": 0.5, "memory_gib": 0.5}}
CHAIN: dict[str, Any] = {
    "name": "scale",
    "type": "TRANSFORMER",
    "container": UNIT,
    "parameters": {"mean": 0.5, "bins": 3, "clip": True, "unit": "m"},
    "children": [SERVER_UNIT],
}
EXPLAINER: dict[str, Any] = {
    "type": "AnchorTabular",
    "model": EXPLAINS,
    "image": IMAGE.replace("serving", "alibi"),
    "resources": SIZE,
    "config": {"threshold": "0.95"},
}

LEAST_V1: dict[str, Any] = {
    "foundation": FOUNDATION,
    "traffic": {"stable": STABLE},
    "server": {"resources": SIZE},
}
PREPACKAGED: dict[str, Any] = {
    "foundation": FOUNDATION,
    "traffic": {"stable": STABLE},
    "server": {"prepackaged": "seldon-v1-sklearn", "resources": SIZE},
}
MOST_V1: dict[str, Any] = {
    "foundation": EVERYTHING,
    "traffic": {**BOTH, "mirror": 20},
    "server": {
        "prepackaged": "seldon-v1-triton",
        "image": IMAGE.replace("serving", "tritonserver"),
        "resources": {"cpu": 7.5, "memory_gib": 32},
        "devices": {"accelerator": L4, "count": 2},
        "environment": {"LOG": "info"},
        "load_seconds": "12m",
        "user": 2000,
    },
    "graph": CHAIN,
    "orchestrator": {**ORCHESTRATOR, "environment": {"SELDON_LOG_LEVEL": "INFO"}},
    "scaling": {"min_replicas": 2, "max_replicas": 6, "cpu": "70%", "memory": "80%"},
    "explainer": EXPLAINER,
    "callers": {"namespaces": ["shop"]},
    "labels": LABELS,
}

LEAST_V2: dict[str, Any] = {"foundation": FOUNDATION, "traffic": {"stable": STABLE}}
SHAPE: dict[str, Any] = {
    "resources": {"cpu": 4, "memory_gib": 16},
    "devices": {"accelerator": L4},
    "image": IMAGE.replace("serving", "mlserver"),
    "extra_capabilities": ["ranking"],
    "user": 2000,
}
MOST_V2: dict[str, Any] = {
    "foundation": EVERYTHING,
    "traffic": COPIED,
    "runtime": "seldon-v2-triton",
    "loading": {
        "requirements": ["onnx"],
        "memory_gib": 2,
        "secret": "rclone-s3",
        "parameters": {"threads": "4"},
        "logged_percent": 5,
    },
    "server": SHAPE,
    "replicas": 2,
    "explainer": {"type": "anchor_tabular", "model": EXPLAINS},
    "callers": {"namespaces": ["shop"], "cidrs": ["10.2.0.0/16"], "pods": [{"namespace": "a", "labels": {"b": "c"}}]},
    "labels": LABELS,
}
SERVER: dict[str, Any] = {"foundation": FOUNDATION, "shape": {"resources": SIZE}}
EXPERIMENT: dict[str, Any] = {"foundation": FOUNDATION, "candidates": {"a": 90, "b": 10}}
PIPELINE: dict[str, Any] = {"foundation": FOUNDATION, "version": "1.0.0", "steps": [{"name": "scale"}]}
MOST_OF_A_PIPELINE: dict[str, Any] = {
    "foundation": EVERYTHING,
    "version": "1.0.0",
    "steps": [
        {"name": "scale", "inputs": ["fraud.inputs.raw"], "batch": {"size": 8, "window": "50ms"}},
        {"name": "drift", "inputs": ["scale.outputs"]},
        {
            "name": "score",
            "inputs": ["scale.outputs.OUTPUT0", "fraud.inputs"],
            "inputs_join": "outer",
            "join_window": "200ms",
            "tensor_map": {"scale.outputs.OUTPUT0": "INPUT0"},
            "triggers": ["drift.outputs.ok", "late"],
            "triggers_join": "any",
        },
        {"name": "late", "inputs": ["score"]},
    ],
    "output": {
        "steps": ["score", "late.outputs.out"],
        "join": "any",
        "join_window": 1,
        "tensor_map": {"score.outputs.a": "b"},
    },
    "max_step_revisits": 10,
    "callers": {"namespaces": ["shop"]},
    "labels": LABELS,
}


def v1(given: Mapping[str, Any] = LEAST_V1, name: str = "ranker", **fields: Any) -> dict[str, Manifest]:
    """Resource name to object of all that an endpoint on Seldon Core 1 makes."""
    return objects_of_v1(SeldonDeploymentEndpointArgs.parse({**given, **fields}), name)


def v2(given: Mapping[str, Any] = LEAST_V2, name: str = "ranker", **fields: Any) -> dict[str, Manifest]:
    """Resource name to object of all that an endpoint on Seldon Core 2 makes."""
    return objects_of_v2(SeldonModelEndpointArgs.parse({**given, **fields}), name)


def predictors(given: Mapping[str, Any] = LEAST_V1, **fields: Any) -> list[Manifest]:
    """The predictors of a SeldonDeployment."""
    return v1(given, **fields)["ranker"]["spec"]["predictors"]


def pods_of(manifests: Mapping[str, Manifest], namespace: str) -> Iterator[Manifest]:
    """The pods that Seldon makes of its objects, as far as they say it themselves; images that it adds are any."""
    for name, manifest in manifests.items():
        for number, spec in enumerate(_specs(manifest)):
            filled = [{"image": IMAGE, **container} for container in spec["containers"]]
            metadata = {"name": f"{name}-{number}", "namespace": namespace}
            yield {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {**spec, "containers": filled}}


def _specs(manifest: Manifest) -> Iterator[Manifest]:
    if manifest["kind"] == "Server":
        yield manifest["spec"]["podSpec"]
    for predictor in manifest["spec"]["predictors"] if manifest["kind"] == "SeldonDeployment" else ():
        for component in predictor["componentSpecs"]:
            # Seldon drops the pod's own security context, so that the containers alone must hold.
            yield {field: value for field, value in component["spec"].items() if field != "securityContext"}


def faults(parse: Callable[[], object]) -> list[str]:
    """The messages of what is refused."""
    try:
        parse()
    except ConfigError as error:
        return [str(fault) for fault in error.faults]
    return []
