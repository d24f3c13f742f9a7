"""Containers without the rights of their node: the `restricted` Pod Security Standard, field by field.

Facts: k8s.io/pod-security-admission v0.34.2, package policy. Each function here is one control; the rules below and
those on the pods of KServe and Seldon ask the same ones.
"""

from collections.abc import Iterator
from typing import Any

from modelberth_policies.resources import MISSING
from modelberth_policies.rule import Category, Severity, resource_rule
from modelberth_policies.rules.kubernetes.pods import (
    PATCHES,
    RUNTIMES,
    WORKLOADS,
    containers_of,
    is_windows,
    label,
    pod_of,
)
from modelberth_policies.subject import Subject

_PROFILES = ("RuntimeDefault", "Localhost")
_MAY_ADD = ("NET_BIND_SERVICE",)


def _of_pod(container: Subject, path: str) -> tuple[Any, str]:
    """The setting of the container's pod, and how to show it. A KServe runtime has none: the API drops the field."""
    if container.type in RUNTIMES:
        return MISSING, "unset"
    pod = pod_of(container)
    return pod.value(f"securityContext.{path}"), pod.show(f"securityContext.{path}")


def _inherited(container: Subject, path: str) -> tuple[Any, str]:
    """The container's setting, else its pod's, and how to show it. Only what Kubernetes hands down may be asked."""
    full = f"securityContext.{path}"
    own = container.value(full)
    return _of_pod(container, path) if own is MISSING else (own, container.show(full))


def runs_as_root(container: Subject) -> Iterator[str]:
    """Half a sentence if the container may run as root, or if the pod says that it shall, whatever this one says."""
    non_root, shown = _inherited(container, "runAsNonRoot")
    user, _ = _inherited(container, "runAsUser")
    if non_root is not True:
        yield f"may run {label(container)} as root (runAsNonRoot is {shown})"
    elif _of_pod(container, "runAsNonRoot")[0] not in (True, MISSING):
        yield "lets its pod run as root (runAsNonRoot of the pod is not true)"
    if user in (0, "0"):
        yield f"runs {label(container)} as root (runAsUser is 0)"
    elif _of_pod(container, "runAsUser")[0] in (0, "0"):
        yield "runs its pod as root (runAsUser of the pod is 0)"


def gains_privileges(container: Subject) -> Iterator[str]:
    """Half a sentence if a process may have more rights than the one that started it."""
    path = "securityContext.allowPrivilegeEscalation"
    if container.value(path) is not False and not is_windows(container):
        yield f"lets {label(container)} gain privileges (allowPrivilegeEscalation is {container.show(path)})"


def is_privileged(container: Subject) -> Iterator[str]:
    """Half a sentence if the container has all rights of its node."""
    path = "securityContext.privileged"
    if container.value(path, False) is not False:
        yield f"runs {label(container)} privileged (privileged is {container.show(path)})"
    host_process, shown = _inherited(container, "windowsOptions.hostProcess")
    if host_process not in (MISSING, False):
        yield f"runs {label(container)} as a process of the node (hostProcess is {shown})"


def keeps_capabilities(container: Subject) -> Iterator[str]:
    """Half a sentence if the container keeps capabilities, or adds others than to bind low ports."""
    capabilities = container.at("securityContext.capabilities")
    added = [each.text("") for each in capabilities.each("add")]
    dropped = [each.text("") for each in capabilities.each("drop")]
    more = [each for each in added if each not in _MAY_ADD]
    if more:
        yield f"gives {label(container)} the capabilities {capabilities.show('add')}"
    if "ALL" not in dropped and not is_windows(container):
        yield f"lets {label(container)} keep its capabilities (drop is {capabilities.show('drop')}, not ['ALL'])"


def is_unconfined(container: Subject) -> Iterator[str]:
    """Half a sentence if the container may make every system call."""
    profile, shown = _inherited(container, "seccompProfile.type")
    pod, _ = _of_pod(container, "seccompProfile.type")
    if (profile not in _PROFILES or pod not in (*_PROFILES, MISSING)) and not is_windows(container):
        where = f"{label(container)} (seccompProfile.type is {shown})" if profile not in _PROFILES else "its pod"
        yield f"does not confine the system calls of {where}"


@resource_rule(
    "k8s-run-as-non-root",
    Severity.HIGH,
    Category.SECURITY,
    *WORKLOADS,
    frameworks=("PSS restricted", "CIS K8s 5.2.7"),
    anchors=("KSV-0012", "C-0013", "kube-linter:run-as-non-root", "polaris:runAsRootAllowed", "CKV_K8S_23"),
    why="Root in a container is root on its node as soon as one wall gives way.",
    fix="Set run_as_non_root to true in the security_context of the pod, and a run_as_user other than 0.",
    over=containers_of,
)
def k8s_run_as_non_root(container: Subject) -> Iterator[str]:
    return runs_as_root(container)


@resource_rule(
    "k8s-no-privilege-escalation",
    Severity.HIGH,
    Category.SECURITY,
    *WORKLOADS,
    frameworks=("PSS restricted", "CIS K8s 5.2.6"),
    anchors=(
        *("KSV-0001", "C-0016", "kube-linter:privilege-escalation-container"),
        *("polaris:privilegeEscalationAllowed", "CKV_K8S_20"),
    ),
    why="A setuid program in an image hands root to whoever breaks into the server.",
    fix="Set allow_privilege_escalation to false in the security_context of every container.",
    over=containers_of,
)
def k8s_no_privilege_escalation(container: Subject) -> Iterator[str]:
    return gains_privileges(container)


@resource_rule(
    "k8s-no-privileged",
    Severity.CRITICAL,
    Category.SECURITY,
    *WORKLOADS,
    *PATCHES,
    frameworks=("PSS baseline", "CIS K8s 5.2.2"),
    anchors=("KSV-0017", "C-0057", "kube-linter:privileged-container", "polaris:runAsPrivileged", "CKV_K8S_16"),
    why="A privileged container owns its node, and every pod and secret on it.",
    fix="Leave privileged out of the security_context; ask for GPUs as resources, which needs no privileges.",
    over=containers_of,
)
def k8s_no_privileged(container: Subject) -> Iterator[str]:
    return is_privileged(container)


@resource_rule(
    "k8s-drop-all-capabilities",
    Severity.MEDIUM,
    Category.SECURITY,
    *WORKLOADS,
    frameworks=("PSS restricted", "CIS K8s 5.2.8", "CIS K8s 5.2.9", "CIS K8s 5.2.10"),
    anchors=("KSV-0003", "KSV-0106", "C-0046", "polaris:insecureCapabilities", "CKV_K8S_37"),
    why="A model server needs none of the fourteen rights that a container starts with, raw sockets among them.",
    fix="Set capabilities to drop ALL in the security_context; add at most NET_BIND_SERVICE.",
    over=containers_of,
)
def k8s_drop_all_capabilities(container: Subject) -> Iterator[str]:
    return keeps_capabilities(container)


@resource_rule(
    "k8s-seccomp-runtime-default",
    Severity.MEDIUM,
    Category.SECURITY,
    *WORKLOADS,
    frameworks=("PSS restricted",),
    anchors=("KSV-0030", "KSV-0104", "C-0055", "polaris:linuxHardening", "CKV_K8S_31"),
    why="Most ways out of a container go through a system call that no model server ever makes.",
    fix="Set seccomp_profile with the type RuntimeDefault in the security_context of the pod.",
    over=containers_of,
)
def k8s_seccomp_runtime_default(container: Subject) -> Iterator[str]:
    return is_unconfined(container)


@resource_rule(
    "k8s-readonly-rootfs",
    Severity.MEDIUM,
    Category.SECURITY,
    *WORKLOADS,
    frameworks=("NSA",),
    anchors=(
        *("KSV-0014", "C-0017", "kube-linter:no-read-only-root-fs"),
        *("pulumi:apps/v1/Deployment/enableReadOnlyRootFilesystem", "CKV_K8S_22"),
    ),
    why="Who breaks in cannot leave a program behind where nothing can be written.",
    fix="Set read_only_root_filesystem to true; mount an empty_dir where the model cache and /tmp are.",
    over=containers_of,
)
def k8s_readonly_rootfs(container: Subject) -> Iterator[str]:
    path = "securityContext.readOnlyRootFilesystem"
    if container.value(path) is not True and not is_windows(container):
        yield f"lets {label(container)} write to its root (readOnlyRootFilesystem is {container.show(path)})"


RULES = (
    k8s_run_as_non_root,
    k8s_no_privilege_escalation,
    k8s_no_privileged,
    k8s_drop_all_capabilities,
    k8s_seccomp_runtime_default,
    k8s_readonly_rootfs,
)
