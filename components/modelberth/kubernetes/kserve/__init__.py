"""KServe: InferenceServices, graphs of them, and services of large language models. Facts: KServe v0.16.0."""

from typing import TYPE_CHECKING

from modelberth.core.lazy import lazily

if TYPE_CHECKING:
    from modelberth.kubernetes.kserve.config import InferenceServiceEndpointArgs
    from modelberth.kubernetes.kserve.endpoint import InferenceServiceEndpoint
    from modelberth.kubernetes.kserve.graph import GraphNode, GraphStep
    from modelberth.kubernetes.kserve.graph_endpoint import InferenceGraph, InferenceGraphArgs
    from modelberth.kubernetes.kserve.live import KServeLiveTarget
    from modelberth.kubernetes.kserve.llm import LLMInferenceService, LLMInferenceServiceArgs
    from modelberth.kubernetes.kserve.modes import Knative, Standard
    from modelberth.kubernetes.kserve.parts import Batcher, ModelCache, PayloadLogger

__all__ = [
    "Batcher",
    "GraphNode",
    "GraphStep",
    "InferenceGraph",
    "InferenceGraphArgs",
    "InferenceServiceEndpoint",
    "InferenceServiceEndpointArgs",
    "KServeLiveTarget",
    "Knative",
    "LLMInferenceService",
    "LLMInferenceServiceArgs",
    "ModelCache",
    "PayloadLogger",
    "Standard",
]

__getattr__ = lazily(
    __name__,
    {
        "config": ("InferenceServiceEndpointArgs",),
        "endpoint": ("InferenceServiceEndpoint",),
        "graph": ("GraphNode", "GraphStep"),
        "graph_endpoint": ("InferenceGraph", "InferenceGraphArgs"),
        "live": ("KServeLiveTarget",),
        "llm": ("LLMInferenceService", "LLMInferenceServiceArgs"),
        "modes": ("Knative", "Standard"),
        "parts": ("Batcher", "ModelCache", "PayloadLogger"),
    },
)
