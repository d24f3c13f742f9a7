"""Real-time endpoints on instances."""

from typing import TYPE_CHECKING

from modelberth.core.lazy import lazily

if TYPE_CHECKING:
    from modelberth.aws.sagemaker.realtime.config import RealtimeEndpointArgs
    from modelberth.aws.sagemaker.realtime.endpoint import RealtimeEndpoint

__all__ = [
    "RealtimeEndpoint",
    "RealtimeEndpointArgs",
]

__getattr__ = lazily(
    __name__,
    {
        "config": ("RealtimeEndpointArgs",),
        "endpoint": ("RealtimeEndpoint",),
    },
)
