"""Amazon SageMaker AI. Each kind of inference is a package of its own; what they share is here."""

from typing import TYPE_CHECKING

from modelberth.core.lazy import lazily

if TYPE_CHECKING:
    from modelberth.aws.sagemaker.asynchronous.config import AsyncEndpointArgs
    from modelberth.aws.sagemaker.asynchronous.endpoint import AsyncEndpoint
    from modelberth.aws.sagemaker.batch.config import BatchTransformArgs
    from modelberth.aws.sagemaker.batch.transform import BatchTransform
    from modelberth.aws.sagemaker.components.config import InferenceComponentEndpointArgs
    from modelberth.aws.sagemaker.components.endpoint import InferenceComponentEndpoint
    from modelberth.aws.sagemaker.model import Artefact
    from modelberth.aws.sagemaker.model_monitor.config import ModelMonitorArgs
    from modelberth.aws.sagemaker.model_monitor.monitor import ModelMonitor
    from modelberth.aws.sagemaker.realtime.config import RealtimeEndpointArgs
    from modelberth.aws.sagemaker.realtime.endpoint import RealtimeEndpoint
    from modelberth.aws.sagemaker.serverless.config import ServerlessEndpointArgs
    from modelberth.aws.sagemaker.serverless.endpoint import ServerlessEndpoint

__all__ = [
    "Artefact",
    "AsyncEndpoint",
    "AsyncEndpointArgs",
    "BatchTransform",
    "BatchTransformArgs",
    "InferenceComponentEndpoint",
    "InferenceComponentEndpointArgs",
    "ModelMonitor",
    "ModelMonitorArgs",
    "RealtimeEndpoint",
    "RealtimeEndpointArgs",
    "ServerlessEndpoint",
    "ServerlessEndpointArgs",
]

__getattr__ = lazily(
    __name__,
    {
        "asynchronous.config": ("AsyncEndpointArgs",),
        "asynchronous.endpoint": ("AsyncEndpoint",),
        "batch.config": ("BatchTransformArgs",),
        "batch.transform": ("BatchTransform",),
        "components.config": ("InferenceComponentEndpointArgs",),
        "components.endpoint": ("InferenceComponentEndpoint",),
        "model": ("Artefact",),
        "model_monitor.config": ("ModelMonitorArgs",),
        "model_monitor.monitor": ("ModelMonitor",),
        "realtime.config": ("RealtimeEndpointArgs",),
        "realtime.endpoint": ("RealtimeEndpoint",),
        "serverless.config": ("ServerlessEndpointArgs",),
        "serverless.endpoint": ("ServerlessEndpoint",),
    },
)
