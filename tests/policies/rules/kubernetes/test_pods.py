"""A rule on pods holds for every kind of object that makes some, wherever in it they stand."""

from copy import deepcopy

import pytest

from modelberth_policies.evaluate import evaluate
from modelberth_policies.limits import Limits
from modelberth_policies.resources import GAP, UNKNOWN, Partial, Plan, Resource, urn_of
from modelberth_policies.rules import kubernetes
from modelberth_policies.rules.kubernetes import pods

RULES = {rule.id: rule for rule in kubernetes.RULES}
IMAGE = "ghcr.io/acme/iris@sha256:5f0c3b8a4d1e6f7290a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f607"
PROBE = {"httpGet": {"path": "/ready", "port": 8080}}
POD = {
    "automountServiceAccountToken": False,
    "securityContext": {"runAsNonRoot": True, "runAsUser": 10001, "seccompProfile": {"type": "RuntimeDefault"}},
    "nodeSelector": {"accelerator": "l4"},
    "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists"}],
    "containers": [
        {
            "name": "server",
            "image": IMAGE,
            "securityContext": {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "runAsNonRoot": True,
                "seccompProfile": {"type": "RuntimeDefault"},
                "capabilities": {"drop": ["ALL"]},
            },
            "resources": {"requests": {"cpu": "1"}, "limits": {"memory": "2Gi", "nvidia.com/gpu": 1}},
            "readinessProbe": PROBE,
            "livenessProbe": PROBE,
            "startupProbe": PROBE,
            "env": [{"name": "WORKERS", "value": "4"}],
        }
    ],
    "volumes": [{"name": "cache", "emptyDir": {}}],
}
"""As it should be."""


def _template(pod):
    return {"spec": {"template": {"spec": pod}}}


PLACES = {
    "kubernetes:apps/v1:DaemonSet": [_template],
    "kubernetes:apps/v1:Deployment": [_template],
    "kubernetes:apps/v1:ReplicaSet": [_template],
    "kubernetes:apps/v1:StatefulSet": [_template],
    "kubernetes:argoproj.io/v1alpha1:Rollout": [_template],
    "kubernetes:batch/v1:Job": [_template],
    "kubernetes:core/v1:ReplicationController": [_template],
    "kubernetes:core/v1:Pod": [lambda pod: {"spec": pod}],
    "kubernetes:core/v1:PodTemplate": [lambda pod: {"template": {"spec": pod}}],
    "kubernetes:batch/v1:CronJob": [lambda pod: {"spec": {"jobTemplate": _template(pod)}}],
    "kubernetes:leaderworkerset.x-k8s.io/v1:LeaderWorkerSet": [
        lambda pod: {"spec": {"leaderWorkerTemplate": {"leaderTemplate": {"spec": pod}}}},
        lambda pod: {"spec": {"leaderWorkerTemplate": {"workerTemplate": {"spec": pod}}}},
    ],
    "kubernetes:serving.kserve.io/v1beta1:InferenceService": [
        lambda pod: {"spec": {"predictor": pod}},
        lambda pod: {"spec": {"predictor": {"workerSpec": pod}}},
        lambda pod: {"spec": {"transformer": pod}},
        lambda pod: {"spec": {"explainer": pod}},
    ],
    "kubernetes:serving.kserve.io/v1alpha1:ServingRuntime": [
        lambda pod: {"spec": pod},
        lambda pod: {"spec": {"workerSpec": pod}},
    ],
    "kubernetes:serving.kserve.io/v1alpha1:ClusterServingRuntime": [lambda pod: {"spec": pod}],
    "kubernetes:serving.kserve.io/v1alpha1:LLMInferenceService": [
        lambda pod: {"spec": {"template": pod}},
        lambda pod: {"spec": {"worker": pod}},
        lambda pod: {"spec": {"prefill": {"template": pod}}},
        lambda pod: {"spec": {"prefill": {"worker": pod}}},
    ],
    "kubernetes:machinelearning.seldon.io/v1:SeldonDeployment": [
        lambda pod: {"spec": {"predictors": [{"name": "main", "componentSpecs": [{"spec": pod}]}]}}
    ],
    "kubernetes:mlops.seldon.io/v1alpha1:Server": [lambda pod: {"spec": {"podSpec": pod}}],
    "kubernetes:mlops.seldon.io/v1alpha1:ServerConfig": [lambda pod: {"spec": {"podSpec": pod}}],
}


def _ray(path, pod, **spec):
    """A Ray cluster at `path` whose head is good, with another pod among its workers."""
    cluster = {"headGroupSpec": {"template": {"spec": POD}}, "workerGroupSpecs": [{"template": {"spec": pod}}], **spec}
    for step in reversed(path.split(".")):
        cluster = {step: cluster}
    return cluster


def _ray_places(path):
    return [
        lambda pod: _ray(path, POD, headGroupSpec={"template": {"spec": pod}}),
        lambda pod: _ray(path, pod),
    ]


PLACES |= {type_: _ray_places(path) for type_, path in pods.RAY.items()}
PLACES["kubernetes:ray.io/v1:RayJob"] = [
    *[
        lambda pod, of=of: {"spec": {**of(pod)["spec"], "submissionMode": "HTTPMode"}}
        for of in _ray_places("spec.rayClusterSpec")
    ],
    lambda pod: {"spec": {"submitterPodTemplate": {"spec": pod}}},
]
PLACES |= {patch: PLACES[patch.removesuffix("Patch")] for patch in pods.PATCHES}


def _in_container(change):
    return lambda pod: pod["containers"][0].update(change)


def _security(**change):
    return lambda pod: pod["containers"][0]["securityContext"].update(change)


BROKEN = {
    "k8s-run-as-non-root": _security(runAsNonRoot=False),
    "k8s-no-privilege-escalation": _security(allowPrivilegeEscalation=True),
    "k8s-no-privileged": _security(privileged=True),
    "k8s-drop-all-capabilities": _security(capabilities=None),
    "k8s-seccomp-runtime-default": _security(seccompProfile={"type": "Unconfined"}),
    "k8s-readonly-rootfs": _security(readOnlyRootFilesystem=False),
    "k8s-no-host-namespaces": lambda pod: pod.update(hostIPC=True),
    "k8s-volume-types-restricted": lambda pod: pod["volumes"].append({"name": "x", "hostPath": {"path": "/"}}),
    "k8s-image-digest": _in_container({"image": "nginx:latest"}),
    "k8s-image-registry-allow-list": _in_container({"image": "quay.io/acme/iris:1"}),
    "k8s-resources-set": _in_container({"resources": None}),
    "k8s-probes": _in_container({"livenessProbe": None}),
    "k8s-no-automount-token": lambda pod: pod.update(automountServiceAccountToken=None),
    "k8s-no-env-secrets": _in_container({"envFrom": [{"secretRef": {"name": "keys"}}]}),
    "k8s-gpu-request-explicit": lambda pod: pod.update(tolerations=None),
    "k8s-gpu-env-allow-list": lambda pod: None,
    "kserve-podspec-hardened": _security(privileged=True),
    "seldon-podspec-hardened": _security(privileged=True),
}
"""Rule → what breaks it."""
LIMITS = Limits.model_validate({"images": {"registries": ["ghcr.io/acme/*"]}})
NO_GPUS = Limits.model_validate({"images": {"registries": ["ghcr.io/acme/*"]}, "instances": {"gpu": False}})
CASES = [
    pytest.param(rule, type_, place, id=f"{rule}-{type_.rpartition(':')[2]}-{number}")
    for rule in BROKEN
    for type_ in RULES[rule].types
    for number, place in enumerate(PLACES[type_])
]


def found(rule, type_, inputs, limits=LIMITS):
    resource = Resource(urn_of("acme", "prod", "", type_, "web"), type_, "web", inputs=inputs)
    return evaluate(Plan("acme", "prod", (resource,)), [RULES[rule]], limits)


def test_every_rule_on_pods_is_here():
    of_pods = {rule.id for rule in kubernetes.RULES if callable(rule.over) and "kubernetes:core/v1:Pod" in rule.types}
    assert of_pods <= set(BROKEN)


def test_every_kind_with_pods_is_here():
    assert set(PLACES) == {*pods.WORKLOADS, *pods.PATCHES, *pods.SERVING}


@pytest.mark.parametrize(("rule", "type_", "place"), CASES)
def test_a_good_pod_passes_and_a_broken_one_does_not(rule, type_, place):
    good, broken = deepcopy(POD), deepcopy(POD)
    BROKEN[rule](broken)
    limits = NO_GPUS if rule == "k8s-gpu-env-allow-list" else LIMITS
    assert found(rule, type_, place(good)) == []
    assert {each.kind for each in found(rule, type_, place(broken), limits)} == {"violation"}


def ray_job(**spec):
    return {"spec": {**_ray("spec.rayClusterSpec", POD)["spec"], **spec}}


SERVICE, JOB = "kubernetes:ray.io/v1:RayService", "kubernetes:ray.io/v1:RayJob"
ASKING = {"enableInTreeAutoscaling": True}
GOOD = {name: POD["containers"][0][name] for name in ("securityContext", "resources")}
ADDED = {
    "an autoscaler of which nobody says anything": (
        SERVICE,
        _ray("spec.rayClusterConfig", POD, **ASKING),
        ["violation"],
    ),
    "one that is told": (SERVICE, _ray("spec.rayClusterConfig", POD, **ASKING, autoscalerOptions=GOOD), []),
    "one that is not there": (SERVICE, _ray("spec.rayClusterConfig", POD, autoscalerOptions={}), []),
    "one that may be": (
        SERVICE,
        _ray("spec.rayClusterConfig", POD, enableInTreeAutoscaling=UNKNOWN),
        ["undeterminable"],
    ),
    "a pod that hands in a job": (JOB, ray_job(), ["violation"]),
    "one beside the head": (JOB, ray_job(submissionMode="SidecarMode"), ["violation"]),
    "the operator hands it in": (JOB, ray_job(submissionMode="HTTPMode"), []),
    "who hands it in is unknown": (JOB, ray_job(submissionMode=UNKNOWN), ["undeterminable"]),
}
"""What KubeRay adds to pods that are as they should be → type, object, what is found."""


@pytest.mark.parametrize("case", ADDED)
def test_what_kuberay_adds_is_a_container_too(case):
    type_, inputs, kinds = ADDED[case]
    assert [each.kind for each in found("k8s-no-privilege-escalation", type_, inputs)] == kinds


def test_an_autoscaler_is_whom_its_head_is_and_has_what_kuberay_gives():
    inputs = _ray("spec.rayClusterConfig", POD, **ASKING)
    assert found("k8s-run-as-non-root", SERVICE, inputs) == []
    assert found("k8s-resources-set", SERVICE, inputs) == []
    assert found("k8s-resources-set", JOB, ray_job()) == []
    inputs["spec"]["rayClusterConfig"]["autoscalerOptions"] = {"resources": {"limits": {"cpu": 1}}}
    assert [each.kind for each in found("k8s-resources-set", SERVICE, inputs)] == ["violation"]


def test_one_unknown_container_hides_nothing_of_the_others():
    pod = {"containers": UNKNOWN, "initContainers": [{"name": "fetch", "securityContext": {"privileged": True}}]}
    kinds = [each.kind for each in found("k8s-no-privileged", "kubernetes:core/v1:Pod", {"spec": pod})]
    assert sorted(kinds) == ["undeterminable", "violation"]


def test_an_image_of_a_repository_to_be_is_judged_by_what_is_known():
    digest = IMAGE.partition("@")[2]
    pods_with = {image: {"spec": {"containers": [{"name": "server", "image": image}]}} for image in (
        Partial(f"{GAP}@{digest}"),
        Partial(f"{GAP}:1.4"),
    )}  # fmt: skip
    assert [
        [each.kind for each in found("k8s-image-digest", "kubernetes:core/v1:Pod", inputs)]
        for inputs in pods_with.values()
    ] == [[], ["violation"]]


def test_a_finding_names_the_container_and_its_path():
    inputs = _template({"containers": [{"name": "server"}, {"name": "proxy", "securityContext": {"privileged": True}}]})
    (finding,) = found("k8s-no-privileged", "kubernetes:apps/v1:Deployment", inputs)
    assert finding.message == "web runs container 'proxy' privileged (privileged is true)"
    assert finding.path == "spec.template.spec.containers[1]"
