"""Pods apart from their node: its namespaces, its ports and its disks are not theirs."""

from collections.abc import Iterator, Mapping

from modelberth_policies.rule import Category, Severity, resource_rule
from modelberth_policies.rules.kubernetes.pods import (
    PATCHES,
    WORKLOADS,
    containers_of,
    is_container,
    label,
    pods_of,
    volumes_of,
)
from modelberth_policies.subject import Subject

_HOST = ("hostNetwork", "hostPID", "hostIPC")
_VOLUMES = frozenset(
    (
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "image",
        "persistentVolumeClaim",
        "projected",
        "secret",
    )
)
"""What the restricted standard allows: k8s.io/pod-security-admission v0.34.2, check_restrictedVolumes.go."""


def shares_the_host(pod: Subject) -> Iterator[str]:
    """Half a sentence for each namespace of the node that the pod is in."""
    for field in _HOST:
        if pod.value(field, False) is not False:
            yield f"shares its node's {field.removeprefix('host')} ({field} is {pod.show(field)})"


def takes_host_ports(container: Subject) -> Iterator[str]:
    """Half a sentence for each port of the node that the container takes."""
    for port in container.each("ports"):
        if port.value("hostPort", 0) != 0:
            yield f"takes a port of its node for {label(container)} (hostPort is {port.show('hostPort')})"


def is_of_the_node(volume: Subject) -> Iterator[str]:
    """Half a sentence if a volume is none that the restricted standard allows. One without a source is an emptyDir."""
    given = volume.value()
    sources = {key for key, value in given.items() if value is not None} if isinstance(given, Mapping) else set()
    for source in sorted(sources - _VOLUMES - {"name"}):
        yield f"mounts the volume {volume.show('name')} of type {source}"


def _pods_and_containers(resource: Subject) -> Iterator[Subject]:
    yield from pods_of(resource)
    yield from containers_of(resource)


@resource_rule(
    "k8s-no-host-namespaces",
    Severity.CRITICAL,
    Category.SECURITY,
    *WORKLOADS,
    *PATCHES,
    frameworks=("PSS baseline", "CIS K8s 5.2.3", "CIS K8s 5.2.4", "CIS K8s 5.2.5"),
    anchors=("KSV-0008", "KSV-0009", "KSV-0010", "C-0038", "C-0041", "C-0044", "kube-linter:host-network"),
    why="In its node's namespaces a pod sees every process and passes every network policy.",
    fix="Leave out host_network, host_pid, host_ipc and host_port; reach the pod through a Service.",
    over=_pods_and_containers,
)
def k8s_no_host_namespaces(part: Subject) -> Iterator[str]:
    return takes_host_ports(part) if is_container(part) else shares_the_host(part)


@resource_rule(
    "k8s-volume-types-restricted",
    Severity.HIGH,
    Category.SECURITY,
    *WORKLOADS,
    *PATCHES,
    frameworks=("PSS restricted", "CIS K8s 5.2.12"),
    anchors=("KSV-0023", "KSV-0028", "C-0048", "kube-linter:sensitive-host-mounts"),
    why="A path of the node in a pod leads to other pods' data and to the node's own credentials.",
    fix="Use persistent_volume_claim, empty_dir, config_map, secret, projected, csi or ephemeral volumes only.",
    over=volumes_of,
)
def k8s_volume_types_restricted(volume: Subject) -> Iterator[str]:
    return is_of_the_node(volume)


RULES = (k8s_no_host_namespaces, k8s_volume_types_restricted)
