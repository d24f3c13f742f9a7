"""What serves on Seldon Core 2 now: the status of its Experiment and Models, asked of the cluster's API."""

from collections.abc import Mapping
from typing import Any

from modelberth.core.traffic import apportion
from modelberth.kubernetes.live_objects import LiveObjects
from modelberth.kubernetes.provider import Cluster
from modelberth.kubernetes.seldon.conditions import is_ready, label_of, reasons


class SeldonModelLiveTarget:
    """One service of a namespace: its Experiment, and a Model for each version."""

    def __init__(self, cluster: Cluster, namespace: str, service: str) -> None:
        self._objects = LiveObjects(cluster, namespace, service)

    def serving(self) -> Mapping[str, int]:
        """Version to its share of requests, in percent, by the Experiment; the route has the same numbers.

        A version that is not ready is not there; one that is and gets none is at 0. Empty: nothing serves. Raises
        `ModelberthError` where the cluster does not answer.
        """
        versions = {each["metadata"]["name"]: label_of(each) for each in self._models() if is_ready(each)}
        weights = next((weights_of(each) for each in self._objects.of("Experiment")), {})
        return {version: weights.get(name, 0) for name, version in versions.items()} if weights else {}

    def failure(self, version: str) -> str | None:
        """Why a version does not serve, in Seldon's words. None: it is healthy."""
        own = [each for each in self._models() if label_of(each) == version]
        if not own:
            return f"there is no Model of version {version} in {self._objects.namespace}"
        if is_ready(own[0]):
            return None
        return "; ".join(reasons(own[0])) or "Seldon has not placed it yet"

    def _models(self) -> list[dict[str, Any]]:
        """Those of versions; an explainer has none."""
        return [each for each in self._objects.of("Model") if label_of(each)]


def weights_of(experiment: Mapping[str, Any]) -> dict[str, int]:
    """Model to its share of requests, in percent. Pure."""
    weights = {each["name"]: float(each["weight"]) for each in experiment["spec"]["candidates"]}
    return apportion(weights) if any(weights.values()) else {}
