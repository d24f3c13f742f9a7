"""A model over several nodes: LeaderWorkerSet's groups of one leader, which answers, and its workers.

Rules of its webhook: sigs.k8s.io/lws@v0.7.0:pkg/webhooks/leaderworkerset_webhook.go
"""

from typing import Any

from modelberth.kubernetes.deployment.config import Nodes
from modelberth.kubernetes.manifest import Manifest, Place, manifest, selector

LEADER = {"leaderworkerset.sigs.k8s.io/worker-index": "0"}
"""The label that LeaderWorkerSet gives to leaders.
Source: sigs.k8s.io/lws@v0.7.0:api/leaderworkerset/v1/leaderworkerset_types.go"""
EXCLUSIVE = "leaderworkerset.sigs.k8s.io/exclusive-topology"
READY = {"pulumi.com/waitFor": "condition=Available"}
"""Pulumi waits for a custom resource only where it is told for what: pulumi/pulumi-kubernetes issue 3318."""
LONGEST_GROUP_NAME = 45
"""Each group's workers are a StatefulSet `<name>-<group>`, whose pods carry `<its name>-<hash of ten>` as a label: 63
characters at most. This leaves six digits for the group."""


def leader_worker_set(
    name: str, place: Place, nodes: Nodes, template: Manifest, number: dict[str, int], rolling: dict[str, int]
) -> Manifest:
    """The groups of one version, made of the pod that would serve it alone. Pure."""
    group = {
        "size": nodes.count,
        "restartPolicy": "RecreateGroupOnPodRestart",
        "leaderTemplate": _leader(nodes, template),
        "workerTemplate": _worker(nodes, template),
    }
    spec = {
        **number,
        "startupPolicy": "LeaderCreated",
        "rolloutStrategy": {"type": "RollingUpdate", "rollingUpdateConfiguration": rolling},
        "leaderWorkerTemplate": group,
    }
    alone = {} if nodes.together is None else {EXCLUSIVE: nodes.together}
    return manifest("LeaderWorkerSet", name, place, {**READY, **alone}, spec=spec)


def _leader(nodes: Nodes, template: Manifest) -> Manifest:
    return _changed(
        template, {"command": list(nodes.leader)} if nodes.leader else {}, ("args",) if nodes.leader else ()
    )


def _worker(nodes: Nodes, template: Manifest) -> Manifest:
    """Nobody asks a worker, so it has no port but the one by which its life is seen, and nothing to drain."""
    [container] = template["spec"]["containers"]
    known = {each["name"]: each["value"] for each in container["env"]} | nodes.environment
    asked = {"tcpSocket": {"port": nodes.worker_port}}
    change = {
        "command": list(nodes.worker),
        "env": [{"name": variable, "value": value} for variable, value in sorted(known.items())],
        "ports": [{"name": "worker", "containerPort": nodes.worker_port}],
        **{probe: _asking(container[probe], asked) for probe in ("startupProbe", "readinessProbe", "livenessProbe")},
    }
    return _changed(template, change, ("args", "lifecycle"))


def _asking(probe: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    """The same patience, another question."""
    return {**asked, **{field: value for field, value in probe.items() if field not in ("httpGet", "tcpSocket")}}


def _changed(template: Manifest, change: dict[str, Any], without: tuple[str, ...]) -> Manifest:
    """The template with another container. Its pods belong together, so they are not spread either."""
    [container] = template["spec"]["containers"]
    kept = {field: value for field, value in container.items() if field not in without}
    spec = {field: value for field, value in template["spec"].items() if field != "topologySpreadConstraints"}
    return {**template, "spec": {**spec, "containers": [{**kept, **change}]}}


def group_policy(name: str, place: Place) -> Manifest:
    """The NetworkPolicy that lets leaders and workers of a service talk to one another, on any port. Pure."""
    peers = [{"podSelector": {"matchLabels": selector(place)}}]
    spec = {
        "podSelector": {"matchLabels": selector(place)},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"from": peers}],
        "egress": [{"to": peers}],
    }
    return manifest("NetworkPolicy", name, place, spec=spec)
