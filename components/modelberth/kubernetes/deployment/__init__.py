"""Deployments of one's own: every part of it is plain Kubernetes."""

from typing import TYPE_CHECKING

from modelberth.core.lazy import lazily

if TYPE_CHECKING:
    from modelberth.kubernetes.deployment.config import DeploymentEndpointArgs, Nodes
    from modelberth.kubernetes.deployment.endpoint import DeploymentEndpoint
    from modelberth.kubernetes.deployment.live import DeploymentLiveTarget

__all__ = ["DeploymentEndpoint", "DeploymentEndpointArgs", "DeploymentLiveTarget", "Nodes"]

__getattr__ = lazily(
    __name__,
    {
        "config": ("DeploymentEndpointArgs", "Nodes"),
        "endpoint": ("DeploymentEndpoint",),
        "live": ("DeploymentLiveTarget",),
    },
)
