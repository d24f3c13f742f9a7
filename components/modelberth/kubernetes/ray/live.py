"""What serves on Ray now: the status of the RayService, asked of the cluster's API."""

from collections.abc import Iterator, Mapping
from typing import Any

from modelberth.core.traffic import WHOLE
from modelberth.kubernetes.live_objects import LiveObjects
from modelberth.kubernetes.manifest import VERSION
from modelberth.kubernetes.provider import Cluster

STARTING = "Initializing"
"""What KubeRay says of a service that has not answered yet.
Source: ray-project/kuberay@v1.5.1:ray-operator/apis/ray/v1/rayservice_types.go"""


class RayLiveTarget:
    """One RayService of a namespace."""

    def __init__(self, cluster: Cluster, namespace: str, service: str) -> None:
        self._objects = LiveObjects(cluster, namespace, service)

    def serving(self) -> Mapping[str, int]:
        """Version to its share of requests, in percent, by the clusters that KubeRay's status names.

        Empty: nothing serves. Raises `ModelberthError` where the cluster does not answer.
        """
        service = self._service()
        if service is None or not is_ready(service["status"]):
            return {}
        versions = {each["metadata"]["name"]: version_of(each["spec"]) for each in self._objects.of("RayCluster")}
        found: dict[str, int] = {}
        for name, share in clusters_of(service["status"]).items():
            if name in versions:
                # Two clusters of one version count together.
                found[versions[name]] = found.get(versions[name], 0) + share
        return found

    def failure(self, version: str) -> str | None:
        """Why a version does not serve, in Ray's words. None: it is healthy, or still on its way.

        Raises `ModelberthError` where the cluster does not answer.
        """
        service = self._service()
        if service is None:
            return f"there is no RayService of {self._objects.service} in {self._objects.namespace}"
        wanted = version_of(service["spec"]["rayClusterConfig"])
        if version != wanted:
            return f"the RayService wants version {wanted}"
        return next(faults_of(service["status"]), None)

    def _service(self) -> dict[str, Any] | None:
        """The RayService once KubeRay has looked at it."""
        return next((each for each in self._objects.of("RayService") if each.get("status")), None)


def version_of(cluster: Mapping[str, Any]) -> str:
    """The version of the model in the pods of a Ray cluster, from its specification. Pure."""
    return str(cluster["headGroupSpec"]["template"]["metadata"]["labels"].get(VERSION, ""))


def is_ready(status: Mapping[str, Any]) -> bool:
    """Whether requests are answered at all. Pure."""
    return any(each["type"] == "Ready" and each["status"] == "True" for each in status.get("conditions") or [])


def clusters_of(status: Mapping[str, Any]) -> dict[str, int]:
    """Ray cluster to its share of requests: of an incremental upgrade what KubeRay routes, else all. Pure.

    Source: ray-project/kuberay@v1.5.1:ray-operator/apis/ray/v1/rayservice_types.go (trafficRoutedPercent)
    """
    parts = [status.get(side) or {} for side in ("activeServiceStatus", "pendingServiceStatus")]
    named = [part for part in parts if part.get("rayClusterName")]
    told = {
        part["rayClusterName"]: int(part["trafficRoutedPercent"]) for part in named if "trafficRoutedPercent" in part
    }
    active = parts[0].get("rayClusterName")
    return told or ({active: WHOLE} if active else {})


def faults_of(status: Mapping[str, Any]) -> Iterator[str]:
    """What an application says of itself, and then KubeRay. Pure."""
    for side in ("pendingServiceStatus", "activeServiceStatus"):
        for name, application in ((status.get(side) or {}).get("applicationStatuses") or {}).items():
            if application.get("status") in ("DEPLOY_FAILED", "UNHEALTHY"):
                said = (application.get("message") or "").strip().splitlines()
                yield f"{name}: {application['status']}{f': {said[-1]}' if said else ''}"
    for condition in status.get("conditions") or []:
        refused = condition["type"] == "Ready" and condition["status"] == "False"
        if refused and condition.get("reason") != STARTING:
            yield f"{condition.get('reason', 'not ready')}: {condition.get('message', '')}".rstrip(": ")
