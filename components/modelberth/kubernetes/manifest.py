"""Objects of the Kubernetes API as plain data: what `kubectl apply` takes, with Outputs where a value comes late.

Every product here is pure functions that give manifests, and a thin component that creates them. So a test can put each
of them before a real API server, and a plan of two hundred services costs what its objects cost.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pulumi

from modelberth.core.errors import ConfigError, Fault
from modelberth.core.labels import Labels, render
from modelberth.core.naming import fingerprint

Manifest = dict[str, Any]
"""An object, or a part of one, in the API's own words."""

API_VERSIONS: Mapping[str, str] = {
    "ConfigMap": "v1",
    "CronJob": "batch/v1",
    "DaemonSet": "apps/v1",
    "Deployment": "apps/v1",
    "HorizontalPodAutoscaler": "autoscaling/v2",
    "Job": "batch/v1",
    "LimitRange": "v1",
    "Namespace": "v1",
    "NetworkPolicy": "networking.k8s.io/v1",
    "PersistentVolumeClaim": "v1",
    "Pod": "v1",
    "PodDisruptionBudget": "policy/v1",
    "ReplicaSet": "apps/v1",
    "ResourceQuota": "v1",
    "Role": "rbac.authorization.k8s.io/v1",
    "RoleBinding": "rbac.authorization.k8s.io/v1",
    "Secret": "v1",
    "Service": "v1",
    "ServiceAccount": "v1",
    "StatefulSet": "apps/v1",
    # Add-ons, in the versions whose schemas the tests load.
    "AnalysisTemplate": "argoproj.io/v1alpha1",
    "Rollout": "argoproj.io/v1alpha1",
    "Certificate": "cert-manager.io/v1",
    "ExternalSecret": "external-secrets.io/v1",
    "BackendTrafficPolicy": "gateway.envoyproxy.io/v1alpha1",
    "ClientTrafficPolicy": "gateway.envoyproxy.io/v1alpha1",
    "EnvoyExtensionPolicy": "gateway.envoyproxy.io/v1alpha1",
    "HTTPRouteFilter": "gateway.envoyproxy.io/v1alpha1",
    "SecurityPolicy": "gateway.envoyproxy.io/v1alpha1",
    "Gateway": "gateway.networking.k8s.io/v1",
    "GRPCRoute": "gateway.networking.k8s.io/v1",
    "HTTPRoute": "gateway.networking.k8s.io/v1",
    "ReferenceGrant": "gateway.networking.k8s.io/v1beta1",
    "GrafanaDashboard": "grafana.integreatly.org/v1beta1",
    "AuthorizationPolicy": "security.istio.io/v1",
    "PeerAuthentication": "security.istio.io/v1",
    "RequestAuthentication": "security.istio.io/v1",
    "ScaledObject": "keda.sh/v1alpha1",
    "TriggerAuthentication": "keda.sh/v1alpha1",
    "LocalQueue": "kueue.x-k8s.io/v1beta1",
    "LeaderWorkerSet": "leaderworkerset.x-k8s.io/v1",
    "SeldonDeployment": "machinelearning.seldon.io/v1",
    "Experiment": "mlops.seldon.io/v1alpha1",
    "Model": "mlops.seldon.io/v1alpha1",
    "Pipeline": "mlops.seldon.io/v1alpha1",
    "Server": "mlops.seldon.io/v1alpha1",
    "PodMonitor": "monitoring.coreos.com/v1",
    "PrometheusRule": "monitoring.coreos.com/v1",
    "ServiceMonitor": "monitoring.coreos.com/v1",
    "RayCluster": "ray.io/v1",
    "RayJob": "ray.io/v1",
    "RayService": "ray.io/v1",
    "InferenceGraph": "serving.kserve.io/v1alpha1",
    "InferenceService": "serving.kserve.io/v1beta1",
    "LLMInferenceService": "serving.kserve.io/v1alpha1",
    "LocalModelCache": "serving.kserve.io/v1alpha1",
}
"""Kind to the version of the API that it is written in. Kinds of two groups with one name are not both used here."""

MANAGED_BY = {"app.kubernetes.io/managed-by": "modelberth"}
INSTANCE = "app.kubernetes.io/instance"
VERSION = "app.kubernetes.io/version"
"""The labels by which pods are found: their service, and the version of the model that they serve.
Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/"""


@dataclass(frozen=True, slots=True)
class Place:
    """What all objects of one service have in common."""

    namespace: pulumi.Input[str]
    """Where they are."""

    instance: str
    """The service: the name that they share."""

    labels: Labels | None = None
    """Who owns them and what they are. None: only what Kubernetes recommends."""

    rendered: Mapping[str, str] = field(init=False, compare=False, repr=False)
    """The same as Kubernetes has them: worked out once, because every object of the place carries them."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "rendered", {} if self.labels is None else render(self.labels, "kubernetes"))

    def of(self, version: str) -> "Place":
        """The place of what belongs to one version of the model."""
        return (
            self if self.labels is None else replace(self, labels=self.labels.model_copy(update={"version": version}))
        )


def labels_of(place: Place) -> dict[str, str]:
    """The labels of every object in a place."""
    return {**place.rendered, INSTANCE: place.instance, **MANAGED_BY}


def selector(place: Place, version: str | None = None) -> dict[str, str]:
    """The labels that find the pods of a service, or of one version of it. They never change: a selector cannot."""
    return {INSTANCE: place.instance, **({} if version is None else {VERSION: version})}


def manifest(
    kind: str, name: pulumi.Input[str], place: Place, annotations: Mapping[str, str] | None = None, **body: Any
) -> Manifest:
    """An object of one kind in a place; `body` is what it holds besides: `spec`, `data`, `rules`."""
    metadata = {"name": name, "namespace": place.namespace, "labels": labels_of(place)}
    return {
        "apiVersion": API_VERSIONS[kind],
        "kind": kind,
        "metadata": {**metadata, **({} if not annotations else {"annotations": dict(annotations)})},
        **body,
    }


def slug(version: str) -> str:
    """A version as part of a name: `1.4.0` is `1-4-0`.

    What follows a release's number (`1.4.0-rc.1`) ends in a hash: with its dots and capitals gone, two could be one.
    """
    release, _, rest = version.partition("-")
    numbers = release.replace(".", "-")
    return numbers if not rest else f"{numbers}-{rest.replace('.', '-').lower()}-{fingerprint(version)[:4]}"


LONGEST_NAME = 63
"""Characters of a name that is also a part of a host name, and of a label's value.
Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names"""
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")


VERSION_MARK = "--"
"""What stands between a service and a version in a name."""


def version_name(place: Place, version: str, longest: int = LONGEST_NAME) -> str:
    """The name of what one version has: `ranker--1-4-0`. Raises `ConfigError` where Kubernetes would not take it.

    No service has two hyphens in a row in its name, so this is never another service's.
    """
    if why := unnameable(place.instance, version, longest):
        raise ConfigError([Fault("version", *why)], place.instance)
    return f"{place.instance}{VERSION_MARK}{slug(version)}"


def unnameable(instance: str, version: str, longest: int = LONGEST_NAME) -> tuple[str, str] | None:
    """Why a version can have no name of its own in a cluster, and what to do. None where it can."""
    if len(version) > LONGEST_NAME or _LABEL.fullmatch(version) is None:
        allowed = f"{LONGEST_NAME} letters, digits, '.', '_' and '-', a letter or digit at both ends"
        return f"{version!r} cannot be a label, allowed are {allowed}", "give it another version"
    name = f"{instance}{VERSION_MARK}{slug(version)}"
    if len(name) > longest:
        return (
            f"the name {name} has {len(name)} characters, allowed are {longest}",
            "shorten the service's name or the version",
        )
    return None
