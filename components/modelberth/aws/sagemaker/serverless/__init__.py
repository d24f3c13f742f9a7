"""Serverless endpoints."""

from typing import TYPE_CHECKING

from modelberth.core.lazy import lazily

if TYPE_CHECKING:
    from modelberth.aws.sagemaker.serverless.config import ServerlessEndpointArgs
    from modelberth.aws.sagemaker.serverless.endpoint import ServerlessEndpoint

__all__ = [
    "ServerlessEndpoint",
    "ServerlessEndpointArgs",
]

__getattr__ = lazily(
    __name__,
    {
        "config": ("ServerlessEndpointArgs",),
        "endpoint": ("ServerlessEndpoint",),
    },
)
