"""What the tests of small boxes deploy: the least and the most."""

from typing import Any

from modelberth.kubernetes.edge.config import EdgeEndpointArgs
from modelberth.kubernetes.edge.endpoint import objects_of
from modelberth.kubernetes.manifest import Manifest

DIGEST = f"sha256:{'1' * 64}"
IMAGE = f"ghcr.io/acme/serving@sha256:{'a' * 64}"
VECTOR = f"docker.io/timberio/vector@sha256:{'b' * 64}"
FOUNDATION: dict[str, Any] = {
    "cluster": {"kubeconfig": "kubeconfig", "context": "box"},
    "namespace": "models",
    "models": {"oci": "ghcr.io/acme/models"},
    "images": {"serving": IMAGE, "triton": IMAGE.replace("serving", "triton")},
    "residency": ["eu"],
}
LABELS: dict[str, Any] = {
    "owner": "search", "environment": "prod", "cost_centre": "4711", "service": "ranker", "model": "ranker",
    "version": "1.4.0", "data_classification": "internal",
}  # fmt: skip
MODEL = {"uri": "models:/ranker/1.4.0", "digest": DIGEST}
FORWARDING: dict[str, Any] = {
    "image": VECTOR,
    "to": "https://metrics.example.com/api/v1/write",
    "reached": [{"cidr": "203.0.113.0/24"}],
    "box": "shop-12",
    "token": "metrics",
}
LEAST: dict[str, Any] = {
    "foundation": FOUNDATION,
    "model": MODEL,
    "server": {"resources": {"cpu": 0.5, "memory_gib": 0.5}},
}
IN_IMAGE: dict[str, Any] = {
    **LEAST,
    "files": "image",
    "foundation": {**FOUNDATION, "models": {"prefix": "s3://models/prod", "egress": [{"cidr": "10.0.0.0/8"}]}},
}
MOST: dict[str, Any] = {
    **IN_IMAGE,
    "forwarding": {**FORWARDING, "storage_class": "local-path", "queue_gib": 2, "every": "1m"},
    "callers": {"namespaces": ["shop"]},
    "labels": LABELS,
}
CASES = {
    "least": LEAST,
    "in the image": IN_IMAGE,
    "forwarding": {**IN_IMAGE, "forwarding": FORWARDING},
    "without a token": {**IN_IMAGE, "forwarding": {k: v for k, v in FORWARDING.items() if k != "token"}},
    "most": MOST,
}


def args(fields: dict[str, Any] = LEAST, **more: Any) -> EdgeEndpointArgs:
    """The arguments of an endpoint."""
    return EdgeEndpointArgs.parse({**fields, **more})


def objects(fields: dict[str, Any] = LEAST, name: str = "ranker", **more: Any) -> dict[str, Manifest]:
    """Resource name to object of all that an endpoint makes."""
    return objects_of(args(fields, **more), name)


def pod_of(made: dict[str, Manifest], name: str = "ranker") -> dict[str, Any]:
    """The pod of a Deployment."""
    return made[name]["spec"]["template"]["spec"]
