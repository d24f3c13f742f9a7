"""GPUs and other accelerators: asked for on purpose, in number, and where they may be."""

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from modelberth_policies.rule import Category, Severity, graph_rule, resource_rule
from modelberth_policies.rules.counts import count
from modelberth_policies.rules.kubernetes.namespaces import namespace_of
from modelberth_policies.rules.kubernetes.pods import PATCHES, SERVING, WORKLOADS, containers_of, label, pod_of
from modelberth_policies.subject import Stack, Subject

# The resource names that the vendors' device plugins register.
_ACCELERATOR = re.compile(
    r"nvidia\.com/(?:gpu[\w.-]*|mig-[\w.-]+)|amd\.com/gpu[\w.-]*|gpu\.intel\.com/[\w.-]+|habana\.ai/gaudi"
    r"|aws\.amazon\.com/neuron[\w.-]*|google\.com/tpu|cloud-tpus\.google\.com/[\w.-]+"
)
_AFFINITY = "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution"


def accelerators_of(container: Subject) -> list[str]:
    """The accelerators that a container asks for, by resource name; those of which it asks for 0 are none."""
    found: set[str] = set()
    for path in ("resources.limits", "resources.requests"):
        given = container.value(path)
        named = [name for name in given if _is_accelerator(name)] if isinstance(given, Mapping) else []
        found.update(name for name in named if count(container, f'{path}["{name}"]') != 0)
    return sorted(found)


def _is_accelerator(name: object) -> bool:
    return isinstance(name, str) and _ACCELERATOR.fullmatch(name) is not None


@resource_rule(
    "k8s-gpu-request-explicit",
    Severity.HIGH,
    Category.COST,
    *WORKLOADS,
    *SERVING,
    frameworks=("FinOps",),
    why="A pod that asks for GPUs by accident, or lands on their nodes without one, costs as much as ten others.",
    fix="Set the same number as request and limit, at most kubernetes.max_gpus, with node_selector and tolerations.",
    over=containers_of,
)
def k8s_gpu_request_explicit(container: Subject) -> Iterator[str]:
    """A request that is left out is the limit; a limit that is left out is refused by the API."""
    most = container.limits.kubernetes.max_gpus
    names = accelerators_of(container)
    for name in names:
        limit, request = (f'resources.{kind}["{name}"]' for kind in ("limits", "requests"))
        number = count(container, limit)
        if number is None or (container.present(request) and count(container, request) != number):
            shown = f"request {container.show(request)}, limit {container.show(limit)}"
            yield f"asks for {name} in {label(container)} by halves ({shown})"
        if number is not None and number > most:
            yield f"asks for {number:g} {name} in {label(container)}; the most is {most}"
    if names:
        pod = pod_of(container)
        if not pod.present("nodeSelector") and not pod.present(_AFFINITY):
            yield f"asks for {names[0]} in {label(container)} without a nodeSelector or node affinity"
        if not pod.present("tolerations"):
            yield f"asks for {names[0]} in {label(container)} without a toleration of the nodes that have it"


@graph_rule(
    "k8s-gpu-env-allow-list",
    Severity.HIGH,
    Category.COST,
    *WORKLOADS,
    *PATCHES,
    *SERVING,
    frameworks=("FinOps",),
    why="GPUs in a trial's namespace are what a month's bill is remembered for.",
    fix="Leave GPUs out here, or name the namespace in kubernetes.gpu_namespaces of the limits.",
    over=containers_of,
)
def k8s_gpu_env_allow_list(container: Subject, stack: Stack) -> Iterator[str]:
    names = accelerators_of(container)
    if not names:
        return
    patterns = container.limits.kubernetes.gpu_namespaces
    asks = f"asks for {', '.join(names)} in {label(container)}"
    if not container.limits.instances.gpu:
        yield f"{asks}; {container.limits.environment} allows no GPUs"
    elif "*" not in patterns:
        namespace = namespace_of(container, stack)
        if not any(fnmatchcase(namespace, pattern) for pattern in patterns):
            yield f"{asks}; GPUs are for the namespaces {', '.join(patterns)}"


RULES = (k8s_gpu_request_explicit, k8s_gpu_env_allow_list)
