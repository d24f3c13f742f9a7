"""Inference components: several models on shared instances, down to none."""

from typing import TYPE_CHECKING

from modelberth.core.lazy import lazily

if TYPE_CHECKING:
    from modelberth.aws.sagemaker.components.config import InferenceComponentEndpointArgs
    from modelberth.aws.sagemaker.components.endpoint import InferenceComponentEndpoint

__all__ = [
    "InferenceComponentEndpoint",
    "InferenceComponentEndpointArgs",
]

__getattr__ = lazily(
    __name__,
    {
        "config": ("InferenceComponentEndpointArgs",),
        "endpoint": ("InferenceComponentEndpoint",),
    },
)
