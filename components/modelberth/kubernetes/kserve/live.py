"""What serves on KServe now: the status of its InferenceServices, asked of the cluster's API."""

from collections.abc import Iterator, Mapping
from typing import Any

from modelberth.core.traffic import WHOLE, apportion
from modelberth.kubernetes.live_objects import LiveObjects
from modelberth.kubernetes.manifest import VERSION
from modelberth.kubernetes.provider import Cluster

REVISION = "serving.knative.dev/v1"
PARTS = ("predictor", "transformer", "explainer")


class KServeLiveTarget:
    """One service of a namespace, entered as the stack's own provider enters it."""

    def __init__(self, cluster: Cluster, namespace: str, service: str) -> None:
        self._objects = LiveObjects(cluster, namespace, service)

    def serving(self) -> Mapping[str, int]:
        """Version to its share of requests, in percent.

        Knative: as KServe's status has it, by revision. Plain Deployments: by the route, and without one what is behind
        the Service of the service's own name; a version that is not ready is not there. Empty: nothing serves.
        Raises `ModelberthError` where the cluster does not answer.
        """
        services = self._services()
        shares = [share for each in services for share in traffic_of(each)]
        if shares:
            return by_version(shares, self._revisions())
        ready = {version_of(each) for each in services if is_ready(each)}
        weights = routed(self._objects.of("HTTPRoute"), services) or self._stable()
        return {version: share for version, share in weights.items() if version in ready}

    def failure(self, version: str) -> str | None:
        """Why a version does not serve, in KServe's own words. None: it is healthy."""
        own = [each for each in self._services() if version_of(each) == version]
        if own:
            return next(iter(reasons(own[0])), None) if not is_ready(own[0]) else None
        revisions = [each for each in self._revisions() if labels_of(each).get(VERSION) == version]
        if not revisions:
            return f"there is no InferenceService of version {version} in {self._objects.namespace}"
        newest = max(revisions, key=lambda each: str(each["metadata"].get("creationTimestamp", "")))
        return None if is_ready(newest) else next(iter(reasons(newest)), None)

    def _services(self) -> list[Any]:
        return self._objects.of("InferenceService")

    def _revisions(self) -> list[Any]:
        return self._objects.of("Revision", api_version=REVISION)

    def _stable(self) -> dict[str, int]:
        named = [each for each in self._objects.of("Service") if each["metadata"]["name"] == self._objects.service]
        version = (named[0]["spec"].get("selector") or {}).get(VERSION) if named else None
        return {} if version is None else {version: WHOLE}


def labels_of(found: Mapping[str, Any]) -> Mapping[str, str]:
    """The labels of an object."""
    return found["metadata"].get("labels") or {}


def version_of(service: Mapping[str, Any]) -> str:
    """The version whose spec an InferenceService holds."""
    return str((service["spec"]["predictor"].get("labels") or {}).get(VERSION, ""))


def is_ready(found: Mapping[str, Any]) -> bool:
    """Whether what was asked for last is up."""
    conditions = found.get("status", {}).get("conditions") or []
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def traffic_of(service: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """How Knative splits between revisions; nothing on plain Deployments. Pure."""
    components = service.get("status", {}).get("components") or {}
    return list((components.get("predictor") or {}).get("traffic") or [])


def by_version(shares: list[Mapping[str, Any]], revisions: list[Mapping[str, Any]]) -> dict[str, int]:
    """Version to percent, of revision to percent; several revisions of a version count together. Pure."""
    versions = {each["metadata"]["name"]: labels_of(each).get(VERSION) for each in revisions}
    found: dict[str, int] = {}
    for share in shares:
        name = share.get("revisionName", "")
        version = versions.get(name) or name
        found[version] = found.get(version, 0) + int(share.get("percent") or 0)
    return found


def routed(routes: list[Any], services: list[Any]) -> dict[str, int]:
    """The shares of the last rule of a route that sends to versions: those before it go by a header. Pure."""
    versions = {f"{each['metadata']['name']}-{part}": version_of(each) for each in services for part in PARTS}
    found: dict[str, float] = {}
    for rule in (rule for route in routes for rule in route["spec"].get("rules", [])):
        backends = [backend for backend in rule.get("backendRefs", []) if backend["name"] in versions]
        if backends and not any("headers" in match for match in rule.get("matches", [])):
            found = {versions[each["name"]]: float(each.get("weight", 1)) for each in backends}
    return apportion(found) if any(found.values()) else {}


def reasons(found: Mapping[str, Any]) -> Iterator[str]:
    """Why something is not ready: why the model does not load, then what KServe says of each part. Pure."""
    status = found.get("status", {})
    last = (status.get("modelStatus") or {}).get("lastFailureInfo") or {}
    if last:
        yield f"{last.get('reason', 'failed')}: {last.get('message', '')}".rstrip(": ")
    for each in status.get("conditions") or []:
        said = [each[field] for field in ("reason", "message") if each.get(field)]
        if each["status"] == "False" and said:
            yield ": ".join([each["type"], *said])
    transition = (status.get("modelStatus") or {}).get("transitionStatus")
    yield f"it is not ready yet; KServe says {transition or 'nothing'} of its model"
