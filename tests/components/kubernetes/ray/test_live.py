"""What KubeRay's status says: read without a cluster, and asked of a real API server."""

import pytest
from cluster_fixtures import addons, api, cluster, namespace  # noqa: F401
from components.kubernetes.ray.samples import LEAST, STABLE, clusters, objects

from modelberth.core.live import LiveTarget
from modelberth.kubernetes.provider import Cluster
from modelberth.kubernetes.ray.live import RayLiveTarget, clusters_of, faults_of, is_ready

NEWER = {**STABLE, "uri": "models:/ranker/1.5.0", "version": "1.5.0"}
SINCE = "2026-01-01T00:00:00Z"
SAID = {"reason": "NonZeroServeEndpoints", "message": "", "lastTransitionTime": SINCE}
READY = [{"type": "Ready", "status": "True", **SAID}]


def part(name, **more):
    return {"rayClusterName": name, **more}


@pytest.mark.parametrize(
    ("status", "shares"),
    [
        ({}, {}),
        ({"pendingServiceStatus": part("new")}, {}),
        ({"activeServiceStatus": part("old"), "pendingServiceStatus": part("new")}, {"old": 100}),
        (
            {
                "activeServiceStatus": part("old", trafficRoutedPercent=70),
                "pendingServiceStatus": part("new", trafficRoutedPercent=30),
            },
            {"old": 70, "new": 30},
        ),
    ],
)
def test_shares(status, shares):
    assert clusters_of(status) == shares


def condition(reason, status="False", message=""):
    return {"conditions": [{"type": "Ready", "status": status, "reason": reason, "message": message}]}


def application(status, message=""):
    return {"pendingServiceStatus": {"applicationStatuses": {"ranker": {"status": status, "message": message}}}}


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ({}, []),
        (condition("Initializing"), []),
        (condition("NonZeroServeEndpoints", "True"), []),
        (condition("InitializingTimeout", message="took too long"), ["InitializingTimeout: took too long"]),
        (condition("ZeroServeEndpoints"), ["ZeroServeEndpoints"]),
        (application("DEPLOYING"), []),
        (
            application("DEPLOY_FAILED", "Traceback\n  …\nOSError: no model\n"),
            ["ranker: DEPLOY_FAILED: OSError: no model"],
        ),
        (application("UNHEALTHY"), ["ranker: UNHEALTHY"]),
    ],
)
def test_what_is_wrong(status, said):
    assert list(faults_of(status)) == said
    assert is_ready({"conditions": READY})
    assert not is_ready(status | {"conditions": []})


@pytest.fixture
def live(addons, cluster, namespace):  # noqa: F811
    from kubernetes import config

    addons("kuberay")
    context = config.list_kube_config_contexts(str(cluster.kubeconfig))[1]["name"]
    return RayLiveTarget(Cluster(kubeconfig=str(cluster.kubeconfig), context=context), namespace, "ranker")


def applied(api, namespace, model, status):  # noqa: F811
    """The RayService, with the status that KubeRay would write."""
    service = objects(LEAST, model=model)["ranker"]
    api.apply({**service, "metadata": {**service["metadata"], "namespace": namespace}})
    named = {"apiVersion": "ray.io/v1", "kind": "RayService", "metadata": {"name": "ranker", "namespace": namespace}}
    api.patch({**named, "status": status}, subresource="status", kind="application/merge-patch+json")


def ray_cluster(api, namespace, name, model):  # noqa: F811
    """A cluster as KubeRay makes it: with the labels of its service."""
    made = objects(LEAST, model=model)
    metadata = {"name": name, "namespace": namespace, "labels": made["ranker"]["metadata"]["labels"]}
    [spec] = clusters(made)
    api.create({"apiVersion": "ray.io/v1", "kind": "RayCluster", "metadata": metadata, "spec": spec})


def test_a_change_is_followed_from_the_old_cluster_to_the_new_one(api, live, namespace):  # noqa: F811
    target: LiveTarget = live
    assert target.serving() == {}
    assert target.failure("1.4.0") == f"there is no RayService of ranker in {namespace}"
    applied(api, namespace, STABLE, {"conditions": READY, "activeServiceStatus": part("ranker-aaaaa")})
    ray_cluster(api, namespace, "ranker-aaaaa", STABLE)
    assert live.serving() == {"1.4.0": 100}
    assert live.failure("1.4.0") is None
    failed = {"ranker": {"status": "DEPLOY_FAILED", "message": "OSError: no model"}}
    applied(api, namespace, NEWER, {"pendingServiceStatus": part("ranker-bbbbb", applicationStatuses=failed)})
    ray_cluster(api, namespace, "ranker-bbbbb", NEWER)
    assert live.serving() == {"1.4.0": 100}
    assert live.failure("1.5.0") == "ranker: DEPLOY_FAILED: OSError: no model"
    assert live.failure("1.4.0") == "the RayService wants version 1.5.0"
    both = {
        "activeServiceStatus": part("ranker-aaaaa", trafficRoutedPercent=40),
        "pendingServiceStatus": part("ranker-bbbbb", trafficRoutedPercent=60, applicationStatuses=None),
    }
    applied(api, namespace, NEWER, both)
    assert live.serving() == {"1.4.0": 40, "1.5.0": 60}
    assert live.failure("1.5.0") is None
