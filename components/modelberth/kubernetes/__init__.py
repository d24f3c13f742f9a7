"""Components for Kubernetes. What several products share is here; each product is a package of its own."""

from typing import TYPE_CHECKING

from modelberth.core.lazy import lazily

if TYPE_CHECKING:
    from modelberth.kubernetes.accelerators import Accelerator, Devices, Toleration
    from modelberth.kubernetes.encryption import ExternalSecret, Issuer, RemoteKey, SealedSecret, SecretStore
    from modelberth.kubernetes.foundation import Foundation, KubernetesFoundation, KubernetesFoundationArgs, Prometheus
    from modelberth.kubernetes.identity import Aks, ClusterToken, Eks, Gke
    from modelberth.kubernetes.model_files import CredentialsFile, ModelStore
    from modelberth.kubernetes.namespace import ContainerLimits, NamespaceRef, NamespaceShape, Quota
    from modelberth.kubernetes.network import Callers, Gateway, GatewayShape
    from modelberth.kubernetes.peers import Dns, Egress, PodEgress, Pods
    from modelberth.kubernetes.provider import Cluster
    from modelberth.kubernetes.quantities import Resources
    from modelberth.kubernetes.rights import Right
    from modelberth.kubernetes.server import ModelServer
    from modelberth.kubernetes.serving_gateway import ServingGateway, ServingGatewayArgs
    from modelberth.kubernetes.serving_namespace import ServingNamespace, ServingNamespaceArgs
    from modelberth.kubernetes.shared import SharedArgs, exported, shared_from

__all__ = [
    "Accelerator",
    "Aks",
    "Callers",
    "Cluster",
    "ClusterToken",
    "ContainerLimits",
    "CredentialsFile",
    "Devices",
    "Dns",
    "Egress",
    "Eks",
    "ExternalSecret",
    "Foundation",
    "Gateway",
    "GatewayShape",
    "Gke",
    "Issuer",
    "KubernetesFoundation",
    "KubernetesFoundationArgs",
    "ModelServer",
    "ModelStore",
    "NamespaceRef",
    "NamespaceShape",
    "PodEgress",
    "Pods",
    "Prometheus",
    "Quota",
    "RemoteKey",
    "Resources",
    "Right",
    "SealedSecret",
    "SecretStore",
    "ServingGateway",
    "ServingGatewayArgs",
    "ServingNamespace",
    "ServingNamespaceArgs",
    "SharedArgs",
    "Toleration",
    "exported",
    "shared_from",
]

__getattr__ = lazily(
    __name__,
    {
        "accelerators": (
            "Accelerator",
            "Devices",
            "Toleration",
        ),
        "encryption": (
            "ExternalSecret",
            "Issuer",
            "RemoteKey",
            "SealedSecret",
            "SecretStore",
        ),
        "foundation": (
            "Foundation",
            "KubernetesFoundation",
            "KubernetesFoundationArgs",
            "Prometheus",
        ),
        "identity": (
            "Aks",
            "ClusterToken",
            "Eks",
            "Gke",
        ),
        "model_files": (
            "CredentialsFile",
            "ModelStore",
        ),
        "namespace": (
            "ContainerLimits",
            "NamespaceRef",
            "NamespaceShape",
            "Quota",
        ),
        "network": (
            "Callers",
            "Gateway",
            "GatewayShape",
        ),
        "peers": (
            "Dns",
            "Egress",
            "PodEgress",
            "Pods",
        ),
        "provider": ("Cluster",),
        "quantities": ("Resources",),
        "rights": ("Right",),
        "server": ("ModelServer",),
        "serving_gateway": (
            "ServingGateway",
            "ServingGatewayArgs",
        ),
        "serving_namespace": (
            "ServingNamespace",
            "ServingNamespaceArgs",
        ),
        "shared": (
            "SharedArgs",
            "exported",
            "shared_from",
        ),
    },
)
