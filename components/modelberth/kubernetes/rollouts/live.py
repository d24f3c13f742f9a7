"""What serves under Argo Rollouts now: the Rollout's status, asked of the cluster's API."""

from collections.abc import Mapping
from typing import Any

from modelberth.core.traffic import WHOLE
from modelberth.kubernetes.live_objects import LiveObjects
from modelberth.kubernetes.manifest import VERSION
from modelberth.kubernetes.provider import Cluster
from modelberth.kubernetes.rollouts.analysis import HASH_LABEL


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
        versions = versions_by_hash(self._objects.of("ReplicaSet", api_version="apps/v1"))
        shares: dict[str, int] = {}
        for revision, share in shares_of(rollout["status"]).items():
            if revision in versions:
                # Two revisions of one version count together.
                shares[versions[revision]] = shares.get(versions[revision], 0) + share
        return shares

    def failure(self, version: str) -> str | None:
        """Why a version does not serve, in Argo's words. None: it is healthy, or still on its way."""
        rollout = self._rollout()
        if rollout is None:
            return f"there is no Rollout of {self._objects.service} in {self._objects.namespace}"
        status, wanted = rollout["status"], rollout["spec"]["template"]["metadata"]["labels"][VERSION]
        if version != wanted:
            return f"the Rollout wants version {wanted}"
        if status.get("abort"):
            return f"undone: {status.get('message') or 'an analysis did not succeed'}"
        degraded = status.get("phase") == "Degraded"
        return f"{status['phase']}: {status.get('message', 'no reason given')}" if degraded else None

    def _rollout(self) -> dict[str, Any] | None:
        """The Rollout once Argo has looked at it."""
        found = self._objects.of("Rollout")
        return next((each for each in found if each.get("status", {}).get("phase")), None)


def versions_by_hash(sets: list[dict[str, Any]]) -> dict[str, str]:
    """Argo's hash of a revision to the version of the model in it. Pure."""
    labels = [each["metadata"].get("labels", {}) for each in sets]
    return {label[HASH_LABEL]: label[VERSION] for label in labels if HASH_LABEL in label and VERSION in label}


def shares_of(status: Mapping[str, Any]) -> dict[str, int]:
    """Revision to its share of requests. Pure.

    Argo tells weights while it moves them; otherwise the one revision that is stable, or active, has all.
    Source: argoproj/argo-rollouts@v1.8.3:pkg/apis/rollouts/v1alpha1/types.go (RolloutStatus)
    """
    weights = (status.get("canary") or {}).get("weights") or {}
    told = [weights[side] for side in ("stable", "canary") if side in weights]
    moved = {each["podTemplateHash"]: int(each["weight"]) for each in told if each.get("podTemplateHash")}
    if moved:
        return moved
    active = (status.get("blueGreen") or {}).get("activeSelector") or status.get("stableRS")
    return {active: WHOLE} if active else {}
