"""What serves under Argo Rollouts now: the Rollout's status, asked of the cluster's API."""

from collections.abc import Iterable, Mapping
from typing import Any

from modelberth.core.traffic import WHOLE, apportion
from modelberth.kubernetes.live_objects import LiveObjects
from modelberth.kubernetes.manifest import VERSION
from modelberth.kubernetes.provider import Cluster
from modelberth.kubernetes.rollouts.analysis import HASH_LABEL

UNCLEAR = "InconclusiveAnalysisRun"
"""Why Argo waits for a person. Source: argoproj/argo-rollouts@v1.8.3:pkg/apis/rollouts/v1alpha1/types.go"""


class RolloutLiveTarget:
    """One Rollout of a namespace."""

    def __init__(self, cluster: Cluster, namespace: str, service: str) -> None:
        self._objects = LiveObjects(cluster, namespace, service)

    def serving(self) -> Mapping[str, int]:
        """Version to its share of requests, in percent, as Argo's status has it. Empty: nothing serves.

        Raises `ModelberthError` where the cluster does not answer.
        """
        rollout = self._rollout()
        if rollout is None:
            return {}
        sets = self._objects.of("ReplicaSet")
        versions, shares = versions_by_hash(sets), shares_of(rollout["status"], ready_by_hash(sets))
        # Two revisions of one version count together.
        return together((versions[revision], share) for revision, share in shares.items() if revision in versions)

    def failure(self, version: str) -> str | None:
        """Why a version does not serve, in Argo's words. None: it is healthy, or still on its way.

        Raises `ModelberthError` where the cluster does not answer.
        """
        rollout = self._rollout()
        if rollout is None:
            return f"there is no Rollout of {self._objects.service} in {self._objects.namespace}"
        wanted = rollout["spec"]["template"]["metadata"]["labels"][VERSION]
        if version != wanted:
            return f"the Rollout wants version {wanted}"
        return fault_of(rollout)

    def _rollout(self) -> dict[str, Any] | None:
        """The Rollout once Argo has looked at it."""
        found = self._objects.of("Rollout")
        return next((each for each in found if each.get("status", {}).get("phase")), None)


def versions_by_hash(sets: list[dict[str, Any]]) -> dict[str, str]:
    """Argo's hash of a revision to the version of the model in it. Pure."""
    labels = [each["metadata"].get("labels", {}) for each in sets]
    return {label[HASH_LABEL]: label[VERSION] for label in labels if HASH_LABEL in label and VERSION in label}


def ready_by_hash(sets: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Argo's hash of a revision to its pods that are ready. Pure."""
    found = ((each["metadata"].get("labels", {}).get(HASH_LABEL), each.get("status", {})) for each in sets)
    return {hash_: int(status.get("readyReplicas") or 0) for hash_, status in found if hash_ is not None}


def shares_of(status: Mapping[str, Any], ready: Mapping[str, int]) -> dict[str, int]:
    """Revision to its share of requests. Pure. `ready`: revision to its pods that are ready.

    With routes Argo tells the weights, with blue and green which one is active. Otherwise one Service stands before all
    pods, and each gets as many requests as the next.
    Source: argoproj/argo-rollouts@v1.8.3:pkg/apis/rollouts/v1alpha1/types.go (RolloutStatus)
    """
    weights = (status.get("canary") or {}).get("weights") or {}
    told = [weights[side] for side in ("stable", "canary") if side in weights]
    # Once a change is over both sides are the same revision.
    moved = together((each["podTemplateHash"], int(each["weight"])) for each in told if each.get("podTemplateHash"))
    if moved:
        return moved
    active = (status.get("blueGreen") or {}).get("activeSelector")
    if active:
        return {active: WHOLE}
    up = {revision: pods for revision, pods in ready.items() if pods > 0}
    return apportion(up) if up else {}


def together(shares: Iterable[tuple[str, int]]) -> dict[str, int]:
    """The sum of the shares of each name. Pure."""
    found: dict[str, int] = {}
    for name, share in shares:
        found[name] = found.get(name, 0) + share
    return found


def fault_of(rollout: Mapping[str, Any]) -> str | None:
    """Why the wanted version does not come to serve. None: it does, or is on its way. Pure."""
    status = rollout["status"]
    if str(status.get("observedGeneration", "")) != str(rollout["metadata"].get("generation", "")):
        return None
    if status.get("abort"):
        return f"undone: {status.get('message') or 'an analysis did not succeed'}"
    if any(each.get("reason") == UNCLEAR for each in status.get("pauseConditions") or []):
        return f"{UNCLEAR}: too little is known to judge it, and a person must; promote it or abort it"
    degraded = status.get("phase") == "Degraded"
    return f"Degraded: {status.get('message') or 'no reason given'}" if degraded else None
