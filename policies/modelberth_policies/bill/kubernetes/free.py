"""Kubernetes types that cost nothing by themselves, and those that may cost but that nobody can price."""

from collections.abc import Mapping

_CORE = (
    *("ConfigMap", "Endpoints", "LimitRange", "Namespace", "PersistentVolume", "PodTemplate", "ResourceQuota"),
    *("Secret", "ServiceAccount"),
)
_PATCHED = {
    "apps/v1": ("DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"),
    "batch/v1": ("CronJob", "Job"),
    "core/v1": (*_CORE, "Pod", "ReplicationController", "Service", "PersistentVolumeClaim"),
}

_REASONS: Mapping[str, tuple[str, ...]] = {
    "an entry in the cluster's store": (
        *(f"kubernetes:core/v1:{kind}" for kind in _CORE),
        "kubernetes:apiextensions.k8s.io",
        "kubernetes:admissionregistration.k8s.io",
        "kubernetes:scheduling.k8s.io",
        "kubernetes:storage.k8s.io",
        "kubernetes:cert-manager.io",
        "kubernetes:kueue.x-k8s.io",
    ),
    "a patch of an object that is made, and billed, elsewhere": tuple(
        f"kubernetes:{group}:{kind}Patch" for group, kinds in _PATCHED.items() for kind in kinds
    ),
    "permissions and policies cost nothing": (
        "kubernetes:rbac.authorization.k8s.io",
        "kubernetes:policy",
        "kubernetes:security.istio.io",
        "kubernetes:gateway.envoyproxy.io",
        "kubernetes:networking.k8s.io/v1:NetworkPolicy",
        "kubernetes:networking.k8s.io/v1:NetworkPolicyPatch",
        "kubernetes:networking.k8s.io/v1:IngressClass",
    ),
    "a route costs nothing; its gateway's balancer may": (
        "kubernetes:gateway.networking.k8s.io/v1:GRPCRoute",
        "kubernetes:gateway.networking.k8s.io/v1:GatewayClass",
        "kubernetes:gateway.networking.k8s.io/v1beta1:ReferenceGrant",
        "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute",
        "kubernetes:gateway.networking.k8s.io/v1beta1:HTTPRoute",
    ),
    "scaling costs nothing; what it scales is billed at its maximum too": (
        "kubernetes:autoscaling",
        "kubernetes:keda.sh/v1alpha1:ScaledObject",
        "kubernetes:keda.sh/v1alpha1:TriggerAuthentication",
    ),
    "a template; the pods that are made of it are billed": (
        "kubernetes:mlops.seldon.io/v1alpha1:ServerConfig",
        "kubernetes:serving.kserve.io/v1alpha1:ClusterServingRuntime",
        "kubernetes:serving.kserve.io/v1alpha1:ServingRuntime",
    ),
    "it is loaded into pods that are billed": (
        "kubernetes:mlops.seldon.io/v1alpha1:Experiment",
        "kubernetes:mlops.seldon.io/v1alpha1:Model",
        "kubernetes:mlops.seldon.io/v1alpha1:Pipeline",
        "kubernetes:serving.kserve.io/v1alpha1:TrainedModel",
    ),
    "its files lie on the disks of nodes, which are billed": ("kubernetes:serving.kserve.io/v1alpha1:LocalModelCache",),
    "what it copies is billed with the store of secrets that it is in": ("kubernetes:external-secrets.io",),
    "rules for what is watched cost nothing": (
        "kubernetes:monitoring.coreos.com/v1:PodMonitor",
        "kubernetes:monitoring.coreos.com/v1:PrometheusRule",
        "kubernetes:monitoring.coreos.com/v1:ServiceMonitor",
        "kubernetes:argoproj.io/v1alpha1:AnalysisTemplate",
        "kubernetes:grafana.integreatly.org",
    ),
}

FREE: Mapping[str, str] = {type_: reason for reason, types in _REASONS.items() for type_ in types}
"""Type, or the group of all its types (`kubernetes:policy`), → why."""

_BALANCER = "the plan does not show whether the cluster makes a cloud's balancer of it"
_CHART = "the plan does not show what the chart makes"

DECLARED: Mapping[str, str] = {
    "kubernetes:core/v1:PersistentVolumeClaim": "the plan does not show which cloud's disk the cluster makes of it",
    "kubernetes:gateway.networking.k8s.io/v1:Gateway": _BALANCER,
    "kubernetes:gateway.networking.k8s.io/v1beta1:Gateway": _BALANCER,
    "kubernetes:networking.k8s.io/v1:Ingress": _BALANCER,
    "kubernetes:helm.sh/v3:Release": _CHART,
    "kubernetes:serving.kserve.io/v1alpha1:InferenceGraph": "the cluster decides what the graph's router asks for",
}
"""Type → why it has no price here though it may cost."""
