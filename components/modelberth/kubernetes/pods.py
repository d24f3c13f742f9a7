"""The pods of every product: hardened to the restricted Pod Security Standard, with the model's files and its server.

Source of the controls: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
"""

import math
from collections.abc import Mapping
from typing import Any

from modelberth.core.model import ModelVersion
from modelberth.kubernetes.accelerators import placement, requested
from modelberth.kubernetes.foundation import Foundation
from modelberth.kubernetes.identity import pod_labels
from modelberth.kubernetes.images import image_of
from modelberth.kubernetes.manifest import Manifest, Place, labels_of, selector
from modelberth.kubernetes.model_files import ModelFiles, files_of
from modelberth.kubernetes.quantities import mebibytes, requirements
from modelberth.kubernetes.server import ModelServer
from modelberth.models.reference import parse
from modelberth.runtimes import Runtime, fill, load

SERVER = "server"
SHARED_MEMORY = "shared-memory"
MODEL_PATH = "/mnt/models"
"""Where the files of a model are, where its server has no opinion."""
FETCHER_RUNTIME = "serving"
"""Whose image fetches models."""
TMP_GIB = 1
"""Room for temporary files: the rest of the file system is read-only."""
PROBE_SECONDS = 5
LEAVING_SECONDS = 10
"""How long a pod that is told to stop goes on as if nothing were: so long it may take until no proxy in the cluster
sends it a request any more. The kubelet itself waits, so no shell is needed in the image. Kubernetes 1.30 or later;
k8s.io/kubernetes@v1.34.2:pkg/features/kube_features.go, PodLifecycleSleepAction."""

HARDENED: Mapping[str, Any] = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "privileged": False,
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
}
"""The security context of every container."""


def hardened_pod(user: int) -> dict[str, Any]:
    """The security context of every pod."""
    return {
        "runAsNonRoot": True,
        "runAsUser": user,
        "runAsGroup": user,
        "fsGroup": user,
        "fsGroupChangePolicy": "OnRootMismatch",
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def pod_template(
    server: ModelServer, model: ModelVersion, foundation: Foundation, place: Place, account: str
) -> Manifest:
    """The template of the pods that serve one version: metadata and spec. Pure.

    `account` is the service account that they run as. Raises `ConfigError` where the server has no image, or the
    version cannot be a label.
    """
    placed = place.of(model.version)
    labels = {**labels_of(placed), **selector(placed, model.version), **pod_labels(foundation.identity)}
    return {"metadata": {"labels": labels}, "spec": pod_spec(server, model, foundation, placed, account)}


def pod_spec(server: ModelServer, model: ModelVersion, foundation: Foundation, place: Place, account: str) -> Manifest:
    """The pod of one version. Pure."""
    files = model_files(server, model, foundation)
    starters = [dict(container) for container in files.init_containers]
    return {
        **surroundings(foundation, server.user, account),
        **({} if server.priority_class is None else {"priorityClassName": server.priority_class}),
        "terminationGracePeriodSeconds": LEAVING_SECONDS + round(server.drain_seconds) + PROBE_SECONDS,
        **({"initContainers": starters} if starters else {}),
        "containers": [server_container(server, model, foundation, place, files)],
        "volumes": [*(dict(volume) for volume in files.volumes), tmp_volume(), *shared_memory(server)],
        "topologySpreadConstraints": spread(selector(place, model.version)),
        **placement(server.devices),
    }


def surroundings(foundation: Foundation, user: int, account: str) -> dict[str, Any]:
    """What every pod has: its account without a token, its security context, how its images are pulled."""
    secrets = [{"name": name} for name in foundation.pull_secrets]
    return {
        "serviceAccountName": account,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": hardened_pod(user),
        **({"imagePullSecrets": secrets} if secrets else {}),
    }


def model_files(server: ModelServer, model: ModelVersion, foundation: Foundation) -> ModelFiles:
    """How the files of a model reach the pods of its server."""
    runtime = load(server.runtime)
    name = parse(model.uri).name
    [path] = fill([runtime.model_path or MODEL_PATH], {"name": name, "version": model.version})
    store = foundation.models
    fetcher = "" if store.oci is not None else image_of(foundation.images, FETCHER_RUNTIME)
    return files_of(model, store, path, fetcher, HARDENED)


def server_container(
    server: ModelServer, model: ModelVersion, foundation: Foundation, place: Place, files: ModelFiles
) -> Manifest:
    """The container that serves. Pure."""
    runtime = load(server.runtime)
    values = _values(server, model, runtime, str(files.mount["mountPath"]))
    shared = [{"name": SHARED_MEMORY, "mountPath": "/dev/shm"}] if shared_memory(server) else []  # noqa: S108 - in the pod
    disk = TMP_GIB + (foundation.models.fetched_gib if files.init_containers else 0)
    return {
        "name": SERVER,
        "image": server.image if server.image is not None else image_of(foundation.images, server.runtime),
        **_started(runtime, values),
        "env": _environment(server, runtime, values),
        "ports": [{"name": name, "containerPort": port} for name, port in runtime.ports.items()],
        "resources": requirements(server.resources, requested(server.devices), disk),
        "securityContext": dict(HARDENED),
        "volumeMounts": [dict(files.mount), tmp_mount(), *shared],
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "lifecycle": {"preStop": {"sleep": {"seconds": LEAVING_SECONDS}}},
        **probes(runtime, server.load_seconds),
    }


def _values(server: ModelServer, model: ModelVersion, runtime: Runtime, path: str) -> dict[str, str | int]:
    """What the words in braces of a runtime's command stand for."""
    ports = {f"{name}_port": port for name, port in runtime.ports.items()}
    return {
        "model": path,
        "name": parse(model.uri).name,
        "version": model.version,
        "host": "0.0.0.0",  # noqa: S104 - inside the pod; who reaches it, network policies say
        "port": runtime.ports.get("http", 8080),
        "threads": max(1, round(server.resources.cpu)),
        "memory_mib": round(server.resources.memory_gib * 1024),
        "drain_seconds": round(server.drain_seconds),
        # What is registered with this library is an MLflow model, which each of these servers lists first.
        "implementation": next(iter(runtime.implementations.values()), ""),
        **ports,
    }


def _started(runtime: Runtime, values: Mapping[str, str | int]) -> dict[str, Any]:
    if runtime.container is None:
        return {}
    command = list(fill(runtime.container.command, values))
    arguments = list(fill(runtime.container.arguments, values))
    return {**({"command": command} if command else {}), **({"args": arguments} if arguments else {})}


def _environment(server: ModelServer, runtime: Runtime, values: Mapping[str, str | int]) -> list[dict[str, Any]]:
    own = {} if runtime.container is None else runtime.container.environment
    filled = {name: fill([value], values)[0] for name, value in own.items()}
    # Whatever a server caches goes to the one place where it may write.
    given = {"HOME": "/tmp", **filled, **server.environment}  # noqa: S108 - a path in the pod
    return [{"name": name, "value": value} for name, value in sorted(given.items())]


def probes(runtime: Runtime, load_seconds: float) -> dict[str, Any]:
    """The three probes. While a model loads, only the first is asked, so that nothing kills it for being slow.

    A server that documents one page only is asked there for both; one that documents none, whether its port is open.
    """
    health = runtime.health
    ready = _probe(runtime, None if health is None else health.ready or health.live)
    live = _probe(runtime, None if health is None else health.live)
    attempts = max(1, math.ceil(load_seconds / PROBE_SECONDS))
    return {
        "startupProbe": {**ready, "periodSeconds": PROBE_SECONDS, "timeoutSeconds": 2, "failureThreshold": attempts},
        "readinessProbe": {**ready, "periodSeconds": PROBE_SECONDS, "timeoutSeconds": 2},
        "livenessProbe": {**live, "periodSeconds": 10, "timeoutSeconds": 5, "failureThreshold": 6},
    }


def _probe(runtime: Runtime, path: str | None) -> dict[str, Any]:
    """An HTTP request where a path is documented, else whether the port is open."""
    if path is not None and "http" in runtime.ports:
        return {"httpGet": {"path": path, "port": "http"}}
    return {"tcpSocket": {"port": next(name for name in ("http", "grpc") if name in runtime.ports)}}


def spread(labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """Over zones and nodes, where there is room: a lost zone is then not a lost service."""
    return [
        {
            "maxSkew": 1,
            "topologyKey": key,
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": dict(labels)},
        }
        for key in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
    ]


def shared_memory(server: ModelServer) -> list[dict[str, Any]]:
    """Room in memory for what the processes of several devices tell one another: /dev/shm has 64 MiB otherwise.

    It counts as the container's memory, so it may take half of that.
    Source: https://kubernetes.io/docs/concepts/storage/volumes/#emptydir
    """
    if server.devices is None or server.devices.count == 1:
        return []
    room = {"medium": "Memory", "sizeLimit": mebibytes(server.resources.memory_gib / 2)}
    return [{"name": SHARED_MEMORY, "emptyDir": room}]


def tmp_volume() -> dict[str, Any]:
    """Room for temporary files."""
    return {"name": "tmp", "emptyDir": {"sizeLimit": f"{TMP_GIB}Gi"}}


def tmp_mount() -> dict[str, Any]:
    """Where it is in a container."""
    return {"name": "tmp", "mountPath": "/tmp"}  # noqa: S108 - a path in the pod
