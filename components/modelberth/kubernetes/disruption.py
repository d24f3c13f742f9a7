"""How many pods may be moved off their nodes at a time, when these are emptied for an upgrade."""

from collections.abc import Mapping

from modelberth.kubernetes.manifest import Manifest, Place, manifest


def disruption_budget(name: str, place: Place, pods: Mapping[str, str]) -> Manifest:
    """Of these pods, one that serves may leave its node at a time; one that is not ready always may, so that a model
    that never loads does not keep its node from being emptied. Pure.

    Source: https://kubernetes.io/docs/tasks/run-application/configure-pdb/#unhealthy-pod-eviction-policy
    """
    selected = {"matchLabels": dict(pods)}
    spec = {"maxUnavailable": 1, "unhealthyPodEvictionPolicy": "AlwaysAllow", "selector": selected}
    return manifest("PodDisruptionBudget", name, place, spec=spec)
