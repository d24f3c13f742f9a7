"""Models on small boxes (k3s): offline starts, little memory, metrics that wait, versions that are carried there."""

from typing import TYPE_CHECKING

from modelberth.core.lazy import lazily

if TYPE_CHECKING:
    from modelberth.kubernetes.edge.bundle import EdgeBundle, bundle_of
    from modelberth.kubernetes.edge.config import EdgeEndpointArgs, Forwarding
    from modelberth.kubernetes.edge.endpoint import EdgeEndpoint
    from modelberth.kubernetes.edge.updater import EdgeUpdater, EdgeUpdaterArgs

__all__ = [
    "EdgeBundle",
    "EdgeEndpoint",
    "EdgeEndpointArgs",
    "EdgeUpdater",
    "EdgeUpdaterArgs",
    "Forwarding",
    "bundle_of",
]

__getattr__ = lazily(
    __name__,
    {
        "bundle": ("EdgeBundle", "bundle_of"),
        "config": ("EdgeEndpointArgs", "Forwarding"),
        "endpoint": ("EdgeEndpoint",),
        "updater": ("EdgeUpdater", "EdgeUpdaterArgs"),
    },
)
