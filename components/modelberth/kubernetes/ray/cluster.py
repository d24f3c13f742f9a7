"""The pods of a Ray cluster: a head that schedules, workers that compute. Pure.

Source: https://docs.ray.io/en/latest/cluster/kubernetes/user-guides/config.html
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from modelberth.core.model import ModelVersion
from modelberth.kubernetes.accelerators import Devices, placement, requested
from modelberth.kubernetes.foundation import Foundation
from modelberth.kubernetes.identity import pod_labels
from modelberth.kubernetes.images import image_of
from modelberth.kubernetes.manifest import Manifest, Place, labels_of, manifest, selector
from modelberth.kubernetes.model_files import ModelFiles, files_of
from modelberth.kubernetes.peers import Egress, namespace_peer, tcp
from modelberth.kubernetes.pods import FETCHER_RUNTIME, HARDENED, MODEL_PATH, surroundings, tmp_mount
from modelberth.kubernetes.quantities import Resources, mebibytes, requirements
from modelberth.kubernetes.ray.config import RayCluster, Workers, autoscaled

USER = 1000
"""The user `ray` of Ray's images. Source: ray-project/ray@ray-2.51.0:docker/base-deps/Dockerfile"""

SERVE_PORT, METRICS_PORT = 8000, 8080
HEAD_PORTS = {"gcs": 6379, "dashboard": 8265, "client": 10001, "metrics": METRICS_PORT, "serve": SERVE_PORT}
WORKER_PORTS = {"metrics": METRICS_PORT, "serve": SERVE_PORT}
"""Source: https://docs.ray.io/en/latest/ray-core/configure.html#ports-configurations"""

OPERATOR_PORTS = (8265, 52365, SERVE_PORT)
"""The head's dashboard, each node's agent, each node's proxy.
Source: https://docs.ray.io/en/latest/cluster/kubernetes/troubleshooting/rayservice-troubleshooting.html"""

MEMORY_SHARE = 0.3
"""Ray keeps this share of a node's memory for objects, in /dev/shm; what does not fit there goes to a slow disk.
Source: https://docs.ray.io/en/latest/ray-core/scheduling/memory-management.html"""


def ray_cluster(cluster: RayCluster, model: ModelVersion, foundation: Foundation, place: Place) -> dict[str, Any]:
    """The cluster of a RayService or of a RayJob."""
    moving = autoscaled(cluster.workers)
    scaled = {"enableInTreeAutoscaling": True, "autoscalerOptions": autoscaler()} if moving else {}
    version = {} if cluster.ray_version is None else {"rayVersion": cluster.ray_version}
    files = ray_model_files(model, foundation)
    placed = place.of(model.version)
    labels = {**labels_of(placed), **selector(placed, model.version), **pod_labels(foundation.identity)}

    def template(name: str, pod: Pod) -> Manifest:
        spec = pod_spec(name, pod, cluster, files, foundation, place.instance)
        return {"metadata": {"labels": labels}, "spec": spec}

    return {
        **version,
        **scaled,
        "headGroupSpec": head(template("ray-head", Pod(cluster.head, HEAD_PORTS)), moving),
        "workerGroupSpecs": [workers(cluster.workers, template)],
    }


@dataclass(frozen=True, slots=True)
class Pod:
    """What tells the pods of one group from those of another."""

    resources: Resources
    """Cores and memory."""

    ports: Mapping[str, int]
    """Name of a port to its number."""

    devices: Devices | None = None
    """Accelerators. None: none."""


HOME = {"name": "HOME", "value": "/tmp"}  # noqa: S108 - a path in the pod
"""Whatever Ray keeps goes to the one place where it may write."""


def autoscaler() -> dict[str, Any]:
    """The container beside the head that asks for workers, hardened like the others.

    KubeRay gives it the head's image and account, and of the head's files the logs alone; so /tmp comes from here.
    Source: ray-project/kuberay@v1.5.1:ray-operator/controllers/ray/common/pod.go
    """
    return {
        "resources": requirements(Resources(cpu=0.2, memory_gib=0.5)),
        "securityContext": dict(HARDENED),
        "env": [HOME],
        "volumeMounts": [tmp_mount()],
    }


def head(template: Manifest, asks: bool) -> dict[str, Any]:
    """The head group. `num-cpus: 0` keeps models off it, so that a busy one never slows the cluster's own work.

    `asks`: whether the autoscaler beside it asks the API server for pods, as the service's own account.
    """
    spec = {**template["spec"], "automountServiceAccountToken": asks}
    start = {"dashboard-host": "0.0.0.0", "num-cpus": "0"}  # noqa: S104 - inside the pod
    return {"rayStartParams": start, "template": {**template, "spec": spec}}


def workers(group: Workers, template: Callable[[str, Pod], Manifest]) -> dict[str, Any]:
    """The one group of workers."""
    return {
        "groupName": "workers",
        "replicas": group.min_replicas,
        "minReplicas": group.min_replicas,
        "maxReplicas": group.max_replicas,
        "numOfHosts": group.hosts,
        "rayStartParams": {"num-cpus": str(max(1, int(group.resources.cpu)))},
        "template": template("ray-worker", Pod(group.resources, WORKER_PORTS, group.devices)),
    }


def pod_spec(
    name: str, pod: Pod, cluster: RayCluster, files: ModelFiles, foundation: Foundation, account: str
) -> Manifest:
    """The pods of one group."""
    starters = [dict(container) for container in files.init_containers]
    disk = cluster.scratch_gib + (foundation.models.fetched_gib if starters else 0)
    memory = {"medium": "Memory", "sizeLimit": mebibytes(pod.resources.memory_gib * MEMORY_SHARE)}
    return {
        **surroundings(foundation, USER, account),
        **({"initContainers": starters} if starters else {}),
        "containers": [container(name, pod, cluster.image, files, disk)],
        "volumes": [
            *(dict(volume) for volume in files.volumes),
            {"name": tmp_mount()["name"], "emptyDir": {"sizeLimit": mebibytes(cluster.scratch_gib)}},
            {"name": "shared-memory", "emptyDir": memory},
        ],
        **placement(pod.devices),
    }


def container(name: str, pod: Pod, image: pulumi.Input[str], files: ModelFiles, disk_gib: float) -> Manifest:
    """Ray itself. KubeRay adds its command and its probes.

    To workers it adds a container that waits for the head, with this one's security context and mounts. It leaves
    /dev/shm to whoever mounts it.
    Source: ray-project/kuberay@v1.5.1:ray-operator/controllers/ray/common/pod.go
    """
    shared = {"name": "shared-memory", "mountPath": "/dev/shm"}  # noqa: S108 - a path in the pod
    return {
        "name": name,
        "image": image,
        "env": [HOME],
        "ports": [{"name": port, "containerPort": number} for port, number in pod.ports.items()],
        "resources": requirements(pod.resources, requested(pod.devices), disk_gib),
        "securityContext": dict(HARDENED),
        "volumeMounts": [dict(files.mount), tmp_mount(), shared],
    }


def inside(cluster: RayCluster, place: Place) -> Manifest:
    """Who talks inside a Ray cluster.

    Its pods, to one another, on ports that they choose as they go; and KubeRay's operator, which tells the head what to
    do and asks every pod how it is.
    """
    pods = {"podSelector": {"matchLabels": selector(place)}}
    operator = {"from": [namespace_peer(cluster.operator_namespace)], "ports": tcp(OPERATOR_PORTS)}
    spec = {
        **pods,
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"from": [pods]}, operator],
        "egress": [{"to": [pods]}],
    }
    return manifest("NetworkPolicy", f"{place.instance}-cluster", place, spec=spec)


def asked(cluster: RayCluster, foundation: Foundation) -> tuple[Egress, ...]:
    """What the head asks: the API server, for more workers."""
    server = foundation.cluster.api_server
    return () if server is None or not autoscaled(cluster.workers) else (server,)


def ray_model_files(model: ModelVersion, foundation: Foundation) -> ModelFiles:
    """The files of the model, in every pod at the same path: a replica may be on any of them."""
    fetcher = "" if foundation.models.oci is not None else image_of(foundation.images, FETCHER_RUNTIME)
    return files_of(model, foundation.models, MODEL_PATH, fetcher, HARDENED)
