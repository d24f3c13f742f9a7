"""Every object of Ray, with every option, is accepted by a real API server, strictly; and its pods, with all that
KubeRay adds to them, under Pod Security `restricted`."""

import copy

import pytest
from cluster_fixtures import addons, api, cluster, namespace  # noqa: F401
from components.kubernetes.ray.samples import (
    ALL,
    CLUSTER,
    INCREMENTAL,
    LEAST,
    MOST,
    MOVING,
    SIZE,
    clusters,
    objects,
    run,
)  # fmt: skip

from cluster.admission import strictly_admitted

IDENTITY = {"identity": {"client_id": "00000000-0000-0000-0000-000000000000"}}


def cluster_of(**workers):
    return {**CLUSTER, "workers": {"resources": SIZE, **workers}}


SERVICES = {
    "the least": LEAST,
    "the most": MOST,
    "in place": {"upgrade": {"kind": "None"}},
    "a new cluster": {"upgrade": {"kind": "NewCluster"}},
    "step by step": {**MOST, "upgrade": {**INCREMENTAL, "surge_percent": 20, "interval": 2**31 - 1}},
    "workers that come and go": {"foundation": ALL, "cluster": MOVING},
    "from none": {"foundation": ALL, "cluster": cluster_of(min_replicas=0, max_replicas=3)},
    "over several nodes": {"cluster": cluster_of(hosts=16)},
    "a known Ray": {"cluster": {**CLUSTER, "ray_version": "2.52.1"}},
    "small": {"cluster": {**CLUSTER, "head": {"cpu": 0.001, "memory_gib": 0.001}, "scratch_gib": 0.001}},
    "at a cloud": {"foundation": {**ALL, **IDENTITY}},
    "models of a registry": {"foundation": {**ALL, "models": {"mlflow": "https://mlflow.example"}}},
    "callers": {"callers": {"namespaces": ["shop"]}},
}
JOBS = {
    "the least": {},
    "queued": {"foundation": ALL, "queue": "batch"},
    "workers that come and go": {"foundation": ALL, "cluster": MOVING},
    "with everything": {
        "foundation": ALL, "cluster": {**MOST["cluster"]}, "retries": 0, "deadline": 2**31 - 1,
        "egress": [{"cidr": "10.0.0.0/8"}], "labels": MOST["labels"], "command": ["python", "-c", "print('it''s')"],
    },
}  # fmt: skip


@pytest.fixture
def ready(api, addons, namespace):  # noqa: F811
    addons("kuberay", "kueue")
    for name in ("ranker", "scoring"):
        account = {"name": name, "namespace": namespace}
        api.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account})
    return namespace


def pods(ray_cluster):
    """The pods as KubeRay builds them: kuberay@v1.5.1:ray-operator/controllers/ray/common/pod.go."""
    groups = {"head": ray_cluster["headGroupSpec"], "worker": ray_cluster["workerGroupSpecs"][0]}
    for name, group in groups.items():
        pod = copy.deepcopy(group["template"])
        ray = pod["spec"]["containers"][0]
        if name == "worker":
            limits = {"cpu": "200m", "memory": "256Mi"}
            waiting = {"name": "wait-gcs-ready", "resources": {"limits": limits, "requests": limits}}
            copied = {field: ray[field] for field in ("image", "securityContext", "env", "volumeMounts")}
            pod["spec"].setdefault("initContainers", []).append({**waiting, **copied})
        elif ray_cluster.get("enableInTreeAutoscaling"):
            logs = {"name": "ray-logs", "mountPath": "/tmp/ray"}
            pod["spec"]["volumes"].append({"name": "ray-logs", "emptyDir": {}})
            ray["volumeMounts"].append(logs)
            options = copy.deepcopy(ray_cluster["autoscalerOptions"])
            mounts = [*options.pop("volumeMounts"), logs]
            own = {"name": "autoscaler", "image": ray["image"], "volumeMounts": mounts}
            pod["spec"]["containers"].append({**own, **options})
        probe = {"exec": {"command": ["bash", "-c", "true"]}}
        ray |= {"livenessProbe": probe, "readinessProbe": probe, "command": ["/bin/bash", "-c", "--"], "args": ["ray"]}
        metadata = {"name": name, "labels": pod["metadata"]["labels"]}
        yield {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": pod["spec"]}


def refused_of(made, api, namespace):  # noqa: F811
    whole = [*made.values(), *(pod for each in clusters(made) for pod in pods(each))]
    return [str(each) for each in strictly_admitted(api, whole, namespace)]


@pytest.mark.parametrize("option", SERVICES)
def test_a_service_is_admitted_with_its_pods(option, api, ready):  # noqa: F811
    made = {
        name: each for name, each in objects(**{**LEAST, **SERVICES[option]}).items() if not name.endswith("account")
    }
    assert refused_of(made, api, ready) == []


@pytest.mark.parametrize("option", JOBS)
def test_a_job_is_admitted_with_its_pods(option, api, ready):  # noqa: F811
    made = {name: each for name, each in run(**JOBS[option]).items() if not name.endswith("account")}
    assert refused_of(made, api, ready) == []
