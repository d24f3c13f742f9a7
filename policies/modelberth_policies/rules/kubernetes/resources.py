"""What a container asks of its node, and how it says that it works."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, resource_rule
from modelberth_policies.rules.kubernetes.pods import (
    RAY,
    WORKLOADS,
    containers_of,
    is_ephemeral,
    is_sized_by_kuberay,
    label,
    pod_of,
    running_containers_of,
)
from modelberth_policies.subject import Subject

_RESOURCES = ("requests.cpu", "requests.memory", "limits.memory")
"""No CPU limit: it throttles a server that could use what its neighbours leave, and protects nobody."""
_PROBES = ("readinessProbe", "livenessProbe", "startupProbe")
_TASKS = ("kubernetes:batch/v1:CronJob", "kubernetes:batch/v1:Job")
SERVERS = tuple(type_ for type_ in WORKLOADS if type_ not in (*_TASKS, *RAY))
"""Workloads that are there to answer: a job is done when it ends. KubeRay probes its pods itself."""


@resource_rule(
    "k8s-resources-set",
    Severity.MEDIUM,
    Category.RELIABILITY,
    *WORKLOADS,
    frameworks=("CIS", "NSA"),
    anchors=(
        *("KSV-0011", "KSV-0015", "KSV-0016", "KSV-0018", "C-0004", "C-0050"),
        *("kube-linter:unset-memory-requirements", "polaris:memoryLimitsMissing"),
    ),
    why="Without requests pods are packed where they starve; without a memory limit one leak takes its node down.",
    fix="Set resources with requests for cpu and memory and a limit for memory, from what a load test measured.",
    over=containers_of,
)
def k8s_resources_set(container: Subject) -> Iterator[str]:
    """A request that is left out is that of the limit, so the limit counts as both."""
    if is_ephemeral(container) or is_sized_by_kuberay(container):
        return
    given = container.at("resources")
    missing = [
        path for path in _RESOURCES if not given.present(path) and not given.present(path.replace("requests", "limits"))
    ]
    if missing:
        yield f"runs {label(container)} without {', '.join(missing)}"


@resource_rule(
    "k8s-probes",
    Severity.MEDIUM,
    Category.RELIABILITY,
    *SERVERS,
    anchors=("C-0018", "C-0056", "kube-linter:no-readiness-probe", "polaris:readinessProbeMissing", "CKV_K8S_8"),
    why="Requests reach a server whose model is still loading, or one that has hung, unless probes say so.",
    fix="Set readiness_probe, liveness_probe and startup_probe; give the last the time that the model needs to load.",
    over=running_containers_of,
)
def k8s_probes(container: Subject) -> Iterator[str]:
    """A pod that is not restarted is a task, which has nothing to be ready for."""
    if pod_of(container).value("restartPolicy", "Always") != "Always":
        return
    missing = [probe for probe in _PROBES if not container.present(probe)]
    if missing:
        yield f"runs {label(container)} without {', '.join(missing)}"


RULES = (k8s_resources_set, k8s_probes)
