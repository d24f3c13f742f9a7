"""What serves on Seldon Core 1 now: the status of its SeldonDeployment, asked of the cluster's API."""

from collections.abc import Iterator, Mapping
from typing import Any

from modelberth.kubernetes.live_objects import LiveObjects
from modelberth.kubernetes.manifest import VERSION, slug
from modelberth.kubernetes.provider import Cluster
from modelberth.kubernetes.seldon.conditions import reasons


class SeldonDeploymentLiveTarget:
    """One SeldonDeployment of a namespace."""

    def __init__(self, cluster: Cluster, namespace: str, service: str) -> None:
        self._objects = LiveObjects(cluster, namespace, service)

    def serving(self) -> Mapping[str, int]:
        """Version to its share of requests, in percent, by the SeldonDeployment; the route has the same numbers.

        A version of which no pod is available gets no requests that are answered, so it is not there unless it is at 0.
        Empty: nothing serves. Raises `ModelberthError` where the cluster does not answer.
        """
        found = self._found()
        if found is None:
            return {}
        up = {version for version in shares(found) if available(found, version)}
        return {version: share for version, share in shares(found).items() if up and (version in up or share == 0)}

    def failure(self, version: str) -> str | None:
        """Why a version does not serve, in Seldon's words. None: it is healthy."""
        found = self._found()
        if found is None or version not in shares(found):
            return f"there is no predictor of version {version} in {self._objects.namespace}"
        if available(found, version):
            return None
        return "; ".join(told(found)) or "no pod is available yet"

    def _found(self) -> dict[str, Any] | None:
        return next(iter(self._objects.of("SeldonDeployment")), None)


def shares(found: Mapping[str, Any]) -> dict[str, int]:
    """Version to its share; a shadow has none. Pure."""
    return {
        _version(predictor): 0 if predictor.get("shadow") else int(predictor.get("traffic") or 0)
        for predictor in found["spec"]["predictors"]
    }


def _version(predictor: Mapping[str, Any]) -> str:
    return str(predictor["componentSpecs"][0]["metadata"]["labels"][VERSION])


def available(found: Mapping[str, Any], version: str) -> bool:
    """Whether each Deployment of a predictor has a pod that answers. Pure. Those of an explainer do not count."""
    start = f"{found['metadata']['name']}-{slug(version)}-"
    deployments: Mapping[str, Any] = (found.get("status") or {}).get("deploymentStatus") or {}
    own = [each for name, each in deployments.items() if name.startswith(start) and not each.get("explainerFor")]
    return bool(own) and all(int(each.get("availableReplicas") or 0) > 0 for each in own)


def told(found: Mapping[str, Any]) -> Iterator[str]:
    """What a SeldonDeployment says of itself. Pure.

    Source: SeldonIO/seldon-core operator/apis/machinelearning.seldon.io/v1/seldon_deployment_status.go
    """
    status = found.get("status") or {}
    if status.get("state") == "Failed":
        yield str(status.get("description") or "Failed")
    yield from reasons(found)
