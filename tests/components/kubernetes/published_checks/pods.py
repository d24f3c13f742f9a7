"""Where the pods are in each kind: for those that the tools know, and for those that hold a pod somewhere inside."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from modelberth.kubernetes.manifest import Manifest

TEMPLATES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("Deployment", "StatefulSet", "DaemonSet", "Job", "Rollout"), ("spec/template",)),
    "CronJob": ("spec/jobTemplate/spec/template",),
    "LeaderWorkerSet": ("spec/leaderWorkerTemplate/leaderTemplate", "spec/leaderWorkerTemplate/workerTemplate"),
    "RayService": tuple(f"spec/rayClusterConfig/{group}/template" for group in ("headGroupSpec", "workerGroupSpecs/*")),
    "RayJob": (
        *(f"spec/rayClusterSpec/{group}/template" for group in ("headGroupSpec", "workerGroupSpecs/*")),
        "spec/submitterPodTemplate",
    ),
    "SeldonDeployment": ("spec/predictors/*/componentSpecs/*",),
}
"""Kind to the paths of its pod templates, with `metadata` and `spec`; `*` is each of a list."""

SPECS: Mapping[str, tuple[str, ...]] = {
    "InferenceService": ("spec/predictor", "spec/predictor/workerSpec", "spec/transformer", "spec/explainer"),
    "LLMInferenceService": ("spec/template", "spec/worker", "spec/prefill/template", "spec/prefill/worker"),
    "Server": ("spec/podSpec",),
}
"""Kind to the paths of its bare pod specs, which may have `labels` of their own."""

CONTAINERS: Mapping[str, tuple[str, ...]] = {
    "RayService": ("spec/rayClusterConfig/autoscalerOptions",),
    "RayJob": ("spec/rayClusterSpec/autoscalerOptions",),
    "SeldonDeployment": ("spec/predictors/*/explainer/containerSpec",),
}
"""Kind to the paths of containers that its operator adds to a pod, which has the account of the others."""

RUNS = ("Job", "CronJob", "RayJob")
"""Kinds whose pods end: nobody asks them anything."""

OF_THE_API = frozenset(("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"))
"""Kinds with pods that both tools read themselves."""


@dataclass(frozen=True)
class Pod:
    """The template of some pods of an object."""

    owner: Manifest
    """The object."""

    path: str
    """Where in it."""

    labels: Mapping[str, str]
    """As its controller gives them."""

    spec: Manifest
    """The pod spec."""


ADDED: Mapping[str, Callable[[Manifest, str], Mapping[str, str]]] = {
    # kserve/kserve@v0.16.0:pkg/constants/constants.go, KServiceComponentLabel
    "InferenceService": lambda _, path: {"component": path.split("/")[1]},
    # kserve/kserve@v0.16.0:pkg/controller/v1alpha1/llmisvc/workload_multi_node.go
    "LLMInferenceService": lambda owner, _: {
        "app.kubernetes.io/name": owner["metadata"]["name"],
        "app.kubernetes.io/part-of": "llminferenceservice",
    },
    # sigs.k8s.io/lws@v0.7.0:api/leaderworkerset/v1/leaderworkerset_types.go, WorkerIndexLabelKey
    "LeaderWorkerSet": lambda _, path: {
        "leaderworkerset.sigs.k8s.io/worker-index": str(int(path.endswith("workerTemplate")))
    },
    # Seldon Core 2 copies a Server's own labels to its pods: what our NetworkPolicy stands on too.
    "Server": lambda owner, _: owner["metadata"]["labels"],
}
"""Kind to the labels that its operator adds to pods."""


def found(root: Any, path: str) -> Iterator[Any]:
    """What is at a path, or nothing."""
    if not path:
        yield root
        return
    step, _, rest = path.partition("/")
    inner = root if step == "*" else [root[step]] if isinstance(root, Mapping) and step in root else []
    for each in inner:
        yield from found(each, rest)


def pods_of(owner: Manifest) -> Iterator[Pod]:
    """Every pod template of an object."""
    kind = owner["kind"]
    added = ADDED.get(kind, lambda *_: {})
    for path in TEMPLATES.get(kind, ()):
        for each in found(owner, path):
            labels = each.get("metadata", {}).get("labels", {})
            yield Pod(owner, path, {**labels, **added(owner, path)}, each["spec"])
    for path in SPECS.get(kind, ()):
        for each in found(owner, path):
            yield Pod(owner, path, {**each.get("labels", {}), **added(owner, path)}, each)


def containers_of(pod: Pod) -> Sequence[Manifest]:
    """The containers of a pod that run together; KServe's own word for one is `model`."""
    return [*pod.spec.get("containers", ()), *([pod.spec["model"]] if "model" in pod.spec else [])]


def extra_containers_of(owner: Manifest) -> Iterator[Manifest]:
    """The containers that the operator of an object adds, as far as the object says them."""
    for path in CONTAINERS.get(owner["kind"], ()):
        yield from found(owner, path)
