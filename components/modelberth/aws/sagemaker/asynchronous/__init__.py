"""Asynchronous endpoints: requests and answers lie in S3."""

from typing import TYPE_CHECKING

from modelberth.core.lazy import lazily

if TYPE_CHECKING:
    from modelberth.aws.sagemaker.asynchronous.config import AsyncEndpointArgs
    from modelberth.aws.sagemaker.asynchronous.endpoint import AsyncEndpoint

__all__ = [
    "AsyncEndpoint",
    "AsyncEndpointArgs",
]

__getattr__ = lazily(
    __name__,
    {
        "config": ("AsyncEndpointArgs",),
        "endpoint": ("AsyncEndpoint",),
    },
)
