"""Where pods, their containers and their volumes stand in every kind of object.

A `*Patch` states some fields of an object that somebody else made, so only rules that forbid something are asked of it,
not those that miss something. The parts of a pod are told apart by where they stand: see `role_of`.
"""

from collections.abc import Iterable, Iterator, Mapping

from modelberth_policies.resources import MISSING, UNKNOWN
from modelberth_policies.subject import Subject, Undeterminable

_TEMPLATE = "spec.template.spec"
_CORE: Mapping[str, str] = {
    "kubernetes:apps/v1:DaemonSet": _TEMPLATE,
    "kubernetes:apps/v1:Deployment": _TEMPLATE,
    "kubernetes:apps/v1:ReplicaSet": _TEMPLATE,
    "kubernetes:apps/v1:StatefulSet": _TEMPLATE,
    "kubernetes:batch/v1:CronJob": "spec.jobTemplate.spec.template.spec",
    "kubernetes:batch/v1:Job": _TEMPLATE,
    "kubernetes:core/v1:Pod": "spec",
    "kubernetes:core/v1:PodTemplate": "template.spec",
    "kubernetes:core/v1:ReplicationController": _TEMPLATE,
}
RAY: Mapping[str, str] = {
    "kubernetes:ray.io/v1:RayCluster": "spec",
    "kubernetes:ray.io/v1:RayJob": "spec.rayClusterSpec",
    "kubernetes:ray.io/v1:RayService": "spec.rayClusterConfig",
}
"""Type → where its cluster stands. Facts: github.com/ray-project/kuberay/ray-operator v1.5.1."""
_RAY_GROUPS = ("headGroupSpec.template.spec", "workerGroupSpecs[].template.spec")
_SUBMITTER = "spec.submitterPodTemplate.spec"
_RAY_JOB = "kubernetes:ray.io/v1:RayJob"
_AUTOSCALER = "autoscalerOptions"
_CUSTOM: Mapping[str, tuple[str, ...]] = {
    "kubernetes:argoproj.io/v1alpha1:Rollout": (_TEMPLATE,),
    "kubernetes:leaderworkerset.x-k8s.io/v1:LeaderWorkerSet": (
        "spec.leaderWorkerTemplate.leaderTemplate.spec",
        "spec.leaderWorkerTemplate.workerTemplate.spec",
    ),
    **{type_: tuple(f"{cluster}.{group}" for group in _RAY_GROUPS) for type_, cluster in RAY.items()},
    _RAY_JOB: (*(f"{RAY[_RAY_JOB]}.{group}" for group in _RAY_GROUPS), _SUBMITTER),
}
_FRAMEWORKS = (
    *("model", "sklearn", "xgboost", "tensorflow", "pytorch", "triton"),
    *("onnx", "huggingface", "pmml", "lightgbm", "paddle"),
)
KSERVE: Mapping[str, tuple[str, ...]] = {
    "kubernetes:serving.kserve.io/v1beta1:InferenceService": (
        *("spec.predictor", "spec.predictor.workerSpec"),
        *("spec.transformer", "spec.explainer"),
    ),
    "kubernetes:serving.kserve.io/v1alpha1:ServingRuntime": ("spec", "spec.workerSpec"),
    "kubernetes:serving.kserve.io/v1alpha1:ClusterServingRuntime": ("spec", "spec.workerSpec"),
    "kubernetes:serving.kserve.io/v1alpha1:LLMInferenceService": (
        *("spec.template", "spec.worker"),
        *("spec.prefill.template", "spec.prefill.worker"),
    ),
}
RUNTIMES = (
    "kubernetes:serving.kserve.io/v1alpha1:ServingRuntime",
    "kubernetes:serving.kserve.io/v1alpha1:ClusterServingRuntime",
)
"""What has the containers of a pod, and little else of it."""
SELDON: Mapping[str, tuple[str, ...]] = {
    "kubernetes:machinelearning.seldon.io/v1:SeldonDeployment": ("spec.predictors[].componentSpecs[].spec",),
    "kubernetes:mlops.seldon.io/v1alpha1:Server": ("spec.podSpec",),
    "kubernetes:mlops.seldon.io/v1alpha1:ServerConfig": ("spec.podSpec",),
}
_SINGLE: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "kubernetes:serving.kserve.io/v1beta1:InferenceService": {
        "spec.predictor": _FRAMEWORKS,
        "spec.explainer": ("art",),
    },
    "kubernetes:machinelearning.seldon.io/v1:SeldonDeployment": {"spec.predictors[].explainer": ("containerSpec",)},
    "kubernetes:mlops.seldon.io/v1alpha1:Server": {"spec.imageOverrides": ("init", "agent", "rclone")},
}
"""Type → where fields stand that are one container each → those fields."""
_PODS: Mapping[str, tuple[str, ...]] = {
    **{type_: (path,) for type_, path in _CORE.items()},
    **{f"{type_}Patch": (path,) for type_, path in _CORE.items()},
    **_CUSTOM,
    **KSERVE,
    **SELDON,
}
"""Type → paths of its pods; `[]` stands for every item."""

WORKLOADS = (*_CORE, *_CUSTOM)
"""What runs pods, as Kubernetes, its batch and rollout controllers and KubeRay know it."""
PATCHES = tuple(f"{type_}Patch" for type_ in _CORE)
SERVING = (*KSERVE, *SELDON)
"""What a controller turns into pods that serve a model."""

_INITIAL, _EPHEMERAL = "initContainers", "ephemeralContainers"
_CONTAINERS = ("containers", _INITIAL, _EPHEMERAL)
_ROLES = frozenset(
    {*_CONTAINERS, _AUTOSCALER, *(field for each in _SINGLE.values() for fields in each.values() for field in fields)}
)


def pods_of(resource: Subject) -> Iterator[Subject]:
    """The pod specs in a resource, as parts."""
    for path in _PODS[resource.type]:
        yield from _at(resource, path)


def containers_of(resource: Subject) -> Iterator[Subject]:
    """All containers in a resource, those that start first and those for debugging included."""
    for pod in pods_of(resource):
        yield from _in_pod(pod, _CONTAINERS)
    for path, fields in _SINGLE.get(resource.type, {}).items():
        for owner in _at(resource, path):
            yield from _in_pod(owner, fields)
    yield from _added_by_kuberay(resource)


def _added_by_kuberay(resource: Subject) -> Iterator[Subject]:
    """The container beside the head that asks for workers, and the one that hands in a job: bare unless told."""
    for cluster in _at(resource, RAY[resource.type]) if resource.type in RAY else ():
        if cluster.whole is UNKNOWN:
            continue
        yield from _where(cluster, "enableInTreeAutoscaling", (True,), _AUTOSCALER)
    if resource.type == _RAY_JOB and not list(items(resource, _SUBMITTER)):
        yield from _where(
            resource, "spec.submissionMode", (MISSING, "K8sJobMode", "SidecarMode"), f"{_SUBMITTER}.containers"
        )


def _where(owner: Subject, field: str, values: tuple[object, ...], path: str) -> Iterator[Subject]:
    """What stands at `path`, or a part that says nothing, where the field has one of the values or is unknown."""
    try:
        if owner.value(field) in values:
            yield from list(items(owner, path)) or (Subject(owner.resource, owner.limits, {}, owner.full(path)),)
    except Undeterminable as unknown:
        yield Subject(owner.resource, owner.limits, UNKNOWN, unknown.path)


def _in_pod(pod: Subject, fields: tuple[str, ...]) -> Iterator[Subject]:
    """What stands in these fields; of a pod that is unknown, the pod, so that it is said once."""
    if pod.whole is UNKNOWN:
        yield pod
        return
    for field in fields:
        yield from items(pod, field)


def _at(resource: Subject, path: str) -> Iterable[Subject]:
    parts: Iterable[Subject] = (resource,)
    for step in path.split("[]."):
        parts = [item for part in parts for item in items(part, step)]
    return parts


def running_containers_of(resource: Subject) -> Iterator[Subject]:
    """The containers that run as long as the pod does: not those that end before it starts, nor those for debugging."""
    for container in containers_of(resource):
        role = role_of(container)
        if role != _EPHEMERAL and (role != _INITIAL or container.value("restartPolicy") == "Always"):
            yield container


def volumes_of(resource: Subject) -> Iterator[Subject]:
    """The volumes of all pods in a resource."""
    for pod in pods_of(resource):
        yield from _in_pod(pod, ("volumes",))


def labels_of_pods(workload: Subject) -> Iterator[Subject]:
    """The labels of the pods that one of `WORKLOADS` makes, as parts."""
    for path in _PODS[workload.type]:
        template = path.removesuffix("spec").removesuffix(".")
        for each in _at(workload, template) if template else (workload,):
            yield each.at("metadata.labels")


def items(owner: Subject, path: str) -> Iterator[Subject]:
    """As `each`; but a list that is unknown is one item of which nothing is known, so that it hides nothing else."""
    try:
        yield from owner.each(path)
    except Undeterminable as unknown:
        yield Subject(owner.resource, owner.limits, UNKNOWN, unknown.path)


def role_of(part: Subject) -> str:
    """The field that a part stands in: `containers`, `initContainers`, `model`, `volumes`, `predictor`."""
    return part.path.rpartition(".")[2].partition("[")[0]


def is_container(part: Subject) -> bool:
    """Whether a part of a pod is a container."""
    return role_of(part) in _ROLES


def is_ephemeral(container: Subject) -> bool:
    """Whether a container is for debugging, and so takes neither resources nor probes."""
    return role_of(container) == _EPHEMERAL


def pod_of(part: Subject) -> Subject:
    """The pod spec that a container or volume stands in."""
    owner = part.path.rpartition(".")[0]
    return part.root.at(f"{owner}.{_RAY_GROUPS[0]}" if role_of(part) == _AUTOSCALER else owner)


def is_sized_by_kuberay(container: Subject) -> bool:
    """Whether KubeRay gives a container that it adds resources of its own, because none are stated."""
    added = role_of(container) == _AUTOSCALER or container.whole == {}
    return container.type in RAY and added and not container.present("resources")


def label(container: Subject) -> str:
    """The container, for a message."""
    name = container.show("name")
    return f"container {name}" if name not in ("unset", "unknown") else f"the container at {container.path}"


def is_windows(container: Subject) -> bool:
    """Whether the pod is for Windows, which knows no capabilities, seccomp or setuid."""
    return pod_of(container).value("os.name") == "windows"
