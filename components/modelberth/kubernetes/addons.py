"""What may be installed in a cluster beside Kubernetes itself, by the names that a foundation uses."""

from typing import Annotated, Literal

from pydantic import AfterValidator

Addon = Literal[
    "argo-rollouts",
    "cert-manager",
    "envoy-gateway",
    "envoy-ratelimit",
    "external-secrets",
    "fluent-bit",
    "gateway-api",
    "grafana-operator",
    "istio",
    "keda",
    "knative",
    "kserve",
    "kueue",
    "leader-worker-set",
    "prometheus-operator",
    "ray",
    "seldon-core-1",
    "seldon-core-2",
]
"""What a platform team installs in a cluster, with custom resources or metrics that a service may use."""

Addons = Annotated[tuple[Addon, ...], AfterValidator(lambda names: tuple(sorted(set(names))))]
"""Add-ons, each once, in alphabetical order: a set cannot be recorded in Pulumi's state."""
