"""What serves in a cluster now: asked of its API, not of the engine's state."""

from collections.abc import Iterator, Mapping
from typing import Any

from modelberth.core.traffic import WHOLE, apportion
from modelberth.kubernetes.live_objects import LiveObjects
from modelberth.kubernetes.manifest import VERSION
from modelberth.kubernetes.provider import Cluster

STUCK = frozenset(
    {
        "CrashLoopBackOff",
        "CreateContainerConfigError",
        "CreateContainerError",
        "ErrImageNeverPull",
        "ErrImagePull",
        "ImagePullBackOff",
        "InvalidImageName",
        "RunContainerError",
    }
)
"""Why a container waits that will not start by itself: k8s.io/kubernetes@v1.34.2:pkg/kubelet/images/types.go,
pkg/kubelet/container/sync_result.go"""


class DeploymentLiveTarget:
    """One service of a namespace, entered as the stack's own provider enters it."""

    def __init__(self, cluster: Cluster, namespace: str, service: str) -> None:
        self._objects = LiveObjects(cluster, namespace, service)

    def serving(self) -> Mapping[str, int]:
        """Version to its share of requests, in percent: by the route, and without one by the stable Service.

        A version of which no pod is ready gets no requests that are answered, so it is at 0. Empty: nothing serves.
        Raises `ModelberthError` where the cluster does not answer.
        """
        workloads = self._workloads()
        ready = {version_of(each) for each in workloads if ready_of(each) > 0}
        if not ready:
            return {}
        weights = routed(self._objects.of("HTTPRoute"), self._by_service()) or self._stable()
        return {version: share for version, share in weights.items() if version in ready or share == 0}

    def failure(self, version: str) -> str | None:
        """Why a version does not serve, in Kubernetes' own words. None: it is healthy."""
        workloads = [each for each in self._workloads() if version_of(each) == version]
        if not workloads:
            return f"there is no Deployment of version {version} in {self._objects.namespace}"
        if all(ready_of(each) >= (each["spec"].get("replicas") or 0) and settled(each) for each in workloads):
            return None
        pods = self._objects.of("Pod", f"{VERSION}={version}")
        told = [*dict.fromkeys(why for pod in pods for why in stuck(pod))]
        return "; ".join(told or [why for each in workloads for why in conditions(each)]) or "no pod is ready yet"

    def _workloads(self) -> list[Any]:
        return [*self._objects.of("Deployment"), *self._objects.of("LeaderWorkerSet")]

    def _by_service(self) -> dict[str, str]:
        """Service to the version that it chooses."""
        chosen = ((each["metadata"]["name"], _selected(each)) for each in self._objects.of("Service"))
        return {name: version for name, version in chosen if version is not None}

    def _stable(self) -> dict[str, int]:
        """What is behind the Service of the service's own name; where it chooses no version, what there is."""
        named = self._by_service().get(self._objects.service)
        versions = [named] if named is not None else [version_of(each) for each in self._workloads()]
        return dict.fromkeys(versions[:1], WHOLE)


def version_of(workload: Mapping[str, Any]) -> str:
    """The version of the model that the pods of a workload serve."""
    spec = workload["spec"]
    group = spec.get("leaderWorkerTemplate", {})
    template = spec.get("template") or group.get("leaderTemplate") or group.get("workerTemplate")
    return str(template["metadata"]["labels"].get(VERSION, ""))


def _selected(service: Mapping[str, Any]) -> str | None:
    return (service["spec"].get("selector") or {}).get(VERSION)


def ready_of(workload: Mapping[str, Any]) -> int:
    """How many of its pods, or groups of pods, are ready."""
    return int(workload.get("status", {}).get("readyReplicas") or 0)


def settled(workload: Mapping[str, Any]) -> bool:
    """Whether what runs is what was asked for last."""
    status, spec = workload.get("status", {}), workload["spec"]
    seen = status.get("observedGeneration", workload["metadata"].get("generation"))
    fresh = seen == workload["metadata"].get("generation")
    return fresh and int(status.get("updatedReplicas") or 0) >= int(spec.get("replicas") or 0)


def routed(routes: list[Any], by_service: Mapping[str, str]) -> dict[str, int]:
    """The shares of the last rule that sends to versions: the ones before it pick out requests by a header. Pure."""
    rules = [rule for route in routes for rule in route["spec"].get("rules", [])]
    found: dict[str, float] = {}
    for rule in rules:
        backends = [backend for backend in rule.get("backendRefs", []) if backend["name"] in by_service]
        if backends and not any("headers" in match for match in rule.get("matches", [])):
            found = {by_service[each["name"]]: float(each.get("weight", 1)) for each in backends}
    return apportion(found) if any(found.values()) else {}


def stuck(pod: Mapping[str, Any]) -> Iterator[str]:
    """Why containers of a pod do not run, or why it has no node: a clause for each. Pure."""
    status = pod.get("status", {})
    for condition in status.get("conditions") or []:
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            yield f"{condition.get('reason', 'Unschedulable')}: {condition.get('message', 'it has no node')}"
    for each in (*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])):
        waiting = (each.get("state") or {}).get("waiting") or {}
        if waiting.get("reason") in STUCK:
            yield f"{each['name']}: {waiting['reason']}{_said(each, waiting)}"


def _said(container: Mapping[str, Any], waiting: Mapping[str, Any]) -> str:
    """How it ended last, with the end of its log, which the kubelet keeps as a message; else what the kubelet says."""
    ended = (container.get("lastState") or {}).get("terminated") or {}
    if not ended:
        return f": {waiting['message']}" if waiting.get("message") else ""
    lines = (ended.get("message") or "").strip().splitlines()
    code = f", exit code {ended['exitCode']}" if "exitCode" in ended else ""
    return f"{code}{f': {lines[-1]}' if lines else ''}"


def conditions(workload: Mapping[str, Any]) -> Iterator[str]:
    """What a workload says is not as it should be. Pure."""
    for condition in workload.get("status", {}).get("conditions") or []:
        failed = condition["type"] == "ReplicaFailure" and condition["status"] == "True"
        behind = condition["type"] in ("Available", "Progressing") and condition["status"] == "False"
        if failed or behind:
            yield f"{condition.get('reason', condition['type'])}: {condition.get('message', '')}".rstrip(": ")
