"""Ray: one model over several nodes, for those who outgrow one; and programs on a Ray cluster of their own."""

from typing import TYPE_CHECKING

from modelberth.core.lazy import lazily

if TYPE_CHECKING:
    from modelberth.kubernetes.ray.config import Application, RayCluster, RayServiceEndpointArgs, Workers
    from modelberth.kubernetes.ray.endpoint import RayServiceEndpoint
    from modelberth.kubernetes.ray.job import RayBatchJob, RayBatchJobArgs
    from modelberth.kubernetes.ray.upgrade import IncrementalUpgrade, InPlace, NewCluster

__all__ = [
    "Application",
    "InPlace",
    "IncrementalUpgrade",
    "NewCluster",
    "RayBatchJob",
    "RayBatchJobArgs",
    "RayCluster",
    "RayServiceEndpoint",
    "RayServiceEndpointArgs",
    "Workers",
]

__getattr__ = lazily(
    __name__,
    {
        "config": ("Application", "RayCluster", "RayServiceEndpointArgs", "Workers"),
        "endpoint": ("RayServiceEndpoint",),
        "job": ("RayBatchJob", "RayBatchJobArgs"),
        "upgrade": ("InPlace", "IncrementalUpgrade", "NewCluster"),
    },
)
