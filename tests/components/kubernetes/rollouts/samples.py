"""What the tests of Argo Rollouts deploy."""

from collections.abc import Mapping
from typing import Any

from components.kubernetes.deployment.samples import EVERYTHING, FOUNDATION, LABELS, QUERY, SIZE, STABLE, faults

from modelberth.kubernetes.manifest import Manifest
from modelberth.kubernetes.rollouts.config import RolloutEndpointArgs
from modelberth.kubernetes.rollouts.endpoint import objects_of

ARGO: dict[str, Any] = {**FOUNDATION, "addons": ["argo-rollouts"]}
ALL: dict[str, Any] = {**EVERYTHING, "addons": [*EVERYTHING["addons"], "argo-rollouts"]}
LEAST: dict[str, Any] = {"foundation": ARGO, "model": STABLE, "server": {"resources": SIZE}}
ROUTES = ["ranker-front-door", "ranker-front-door-tokens"]
CANARY = {"canary": {"steps": [10, 50], "bake": "10m"}}
GATES: list[dict[str, Any]] = [
    {"error_rate": {"below": "1%", "times_stable": 1.5}},
    {"p50": {"below": "50ms"}, "min_sample": 0},
    {"p95": {"below": "200ms"}},
    {"p99": {"times_stable": 1.2}, "min_sample": 1000},
    {"saturation": {"below": "80%"}},
    {"query": {"query": 'max(drift{version="{version}"})', "below": 0.25}},
]
MOST: dict[str, Any] = {
    "foundation": ALL,
    "model": STABLE,
    "server": {"runtime": "vllm", "resources": SIZE, "load_seconds": "12m"},
    "rollout": {**CANARY, "gates": GATES},
    "routes": ROUTES,
    "scaling": {
        "min_replicas": 2,
        "max_replicas": 6,
        "keda": {"triggers": [{"prometheus": {"query": QUERY, "per_pod": 4}}]},
    },
    "callers": {"namespaces": ["shop"]},
    "slo": {"p95": "30s", "availability": "99.9%"},
    "labels": LABELS,
}

__all__ = [
    "ALL",
    "ARGO",
    "CANARY",
    "EVERYTHING",
    "GATES",
    "LEAST",
    "MOST",
    "ROUTES",
    "SIZE",
    "STABLE",
    "args",
    "faults",
    "objects",
]


def args(given: Mapping[str, Any] = LEAST, **fields: Any) -> RolloutEndpointArgs:
    """The arguments of an endpoint."""
    return RolloutEndpointArgs.parse({**given, **fields})


def objects(given: Mapping[str, Any] = LEAST, name: str = "ranker", **fields: Any) -> dict[str, Manifest]:
    """Resource name to object of all that an endpoint makes."""
    return objects_of(args(given, **fields), name)


def strategy(**fields: Any) -> Manifest:
    """The strategy of the Rollout of an endpoint with everything to hand."""
    return objects(**{"foundation": ALL, "replicas": 10, **fields})["ranker-rollout"]["spec"]["strategy"]
