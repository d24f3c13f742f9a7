"""Stands in for a cluster's machines: registers nodes, and plays on them what a kubelet would report of their pods.

`python -m cluster.node KUBECONFIG` does so until it is ended. No container runs.
"""

import json
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from .access import read
from .api import Api, Manifest, Refused
from .pods import condition, next_status, now

SECONDS_BETWEEN_LEASES = 10
"""As a kubelet does; without, a node is unreachable after 40 seconds."""

SECONDS_OF_A_WATCH = 300
SECONDS_TO_RETRY = 0.3
LEASES = "kube-node-lease"


@dataclass(frozen=True)
class Node:
    """One machine that is played."""

    name: str
    labels: dict[str, str] = field(default_factory=dict)
    """Besides host name, operating system and processor."""

    allocatable: dict[str, str] = field(default_factory=dict)
    """Besides 64 processors, 256 GiB and 250 pods; for example `nvidia.com/gpu`."""

    taints: Sequence[dict[str, str]] = ()


NODES = (
    Node("cpu-a", {"topology.kubernetes.io/zone": "a"}),
    Node("cpu-b", {"topology.kubernetes.io/zone": "b"}),
    Node(
        "gpu-a",
        {"topology.kubernetes.io/zone": "a", "nvidia.com/gpu.product": "NVIDIA-L4", "nvidia.com/gpu.present": "true"},
        {"nvidia.com/gpu": "8", "nvidia.com/mig-1g.10gb": "7"},
        ({"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"},),
    ),
)
"""What a control plane has unless it is told otherwise."""


class Machines:
    """The nodes of one control plane and the pods on them."""

    def __init__(self, api: Api, nodes: Sequence[Node] = NODES) -> None:
        """`api`: kept for as long as this lives. Nothing is registered before `register`."""
        self.api = api
        self.nodes = {node.name: node for node in nodes}

    def register(self) -> None:
        """Makes the nodes and their leases where they are missing."""
        for node in self.nodes.values():
            self.api.apply(manifest_of(node))
            self.api.patch({**_node(node.name), "status": status_of(node)}, "status")
        self.renew()

    def renew(self) -> None:
        """Renews every lease, so that the nodes stay ready."""
        for name in self.nodes:
            spec = {"holderIdentity": name, "leaseDurationSeconds": 40, "renewTime": now("microseconds")}
            metadata = {"name": name, "namespace": LEASES}
            lease = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata, "spec": spec}
            self.api.apply(lease, manager="node")

    def follow(self, ended: threading.Event) -> None:
        """Plays every pod on these nodes until `ended` is set; outlives a restart of the API server."""
        while not ended.is_set():
            try:
                for pod in self._pods():
                    self.play(pod)
            except (httpx.HTTPError, Refused):
                ended.wait(SECONDS_TO_RETRY)

    def beat(self, ended: threading.Event) -> None:
        """Registers the nodes, then renews their leases until `ended` is set; outlives a restart of the API server."""
        step, pause = self.register, 0.0
        while not ended.wait(pause):
            try:
                step()
                step, pause = self.renew, SECONDS_BETWEEN_LEASES
            except (httpx.HTTPError, Refused):  # the leases' namespace is made a moment after the API server is ready
                pause = SECONDS_TO_RETRY

    def play(self, pod: Manifest) -> None:
        """Takes one pod a step on: to what its annotation, its kind of life and its end want of it."""
        if pod["spec"].get("nodeName") not in self.nodes:
            return
        if "deletionTimestamp" in pod["metadata"]:
            self._remove(pod)
        elif (status := next_status(pod)) is not None:
            self._report(pod, status)

    def _report(self, pod: Manifest, status: Manifest) -> None:
        metadata = {word: pod["metadata"][word] for word in ("name", "namespace", "uid")}
        self._unless_gone({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "status": status})

    def _unless_gone(self, patch: Manifest) -> None:
        try:
            self.api.patch(patch, "status")
        except Refused as refusal:
            if refusal.status not in (404, 409):
                raise

    def _remove(self, pod: Manifest) -> None:
        metadata = pod["metadata"]
        same = {"uid": metadata["uid"]}
        try:
            self.api.delete(
                "v1", "Pod", metadata["name"], metadata["namespace"], gracePeriodSeconds=0, preconditions=same
            )
        except Refused as refusal:
            if refusal.status not in (404, 409):
                raise

    def _pods(self) -> Iterator[Manifest]:
        path, placed = self.api.path("v1", "Pod"), {"fieldSelector": "spec.nodeName!="}
        listed = self.api.http.get(path, params=placed)
        listed.raise_for_status()
        yield from listed.json()["items"] or []
        since = {"watch": "true", "resourceVersion": listed.json()["metadata"]["resourceVersion"]}
        lasting = {"timeoutSeconds": str(SECONDS_OF_A_WATCH)}
        with self.api.http.stream(
            "GET", path, params={**placed, **since, **lasting}, timeout=SECONDS_OF_A_WATCH + 30
        ) as answer:
            answer.raise_for_status()
            for line in answer.iter_lines():
                event = json.loads(line)
                if event["type"] == "ERROR":  # the version is too old: list again
                    return
                if event["type"] in ("ADDED", "MODIFIED"):
                    yield event["object"]


def manifest_of(node: Node) -> Manifest:
    """The Node object without its status."""
    labels = {
        "kubernetes.io/hostname": node.name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        **node.labels,
    }
    made = _node(node.name)
    made["metadata"]["labels"] = labels
    return {**made, "spec": {"taints": list(node.taints)}} if node.taints else made


def status_of(node: Node) -> Manifest:
    """What a kubelet reports of a machine that is well."""
    heard = {**condition("Ready", reason="KubeletReady"), "lastHeartbeatTime": now()}
    room = {"cpu": "64", "memory": "256Gi", "pods": "250", "ephemeral-storage": "1Ti", **node.allocatable}
    return {"capacity": room, "allocatable": room, "conditions": [heard]}


def _node(name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}}


def main() -> None:
    """Plays NODES until it is ended."""
    never = threading.Event()
    machines = Machines(Api(read(Path(sys.argv[1]))))
    threading.Thread(target=machines.beat, args=(never,), daemon=True).start()
    machines.follow(never)


if __name__ == "__main__":
    main()
