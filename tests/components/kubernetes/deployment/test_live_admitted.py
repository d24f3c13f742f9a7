"""What serves, asked of a real API server: a route's shares, and why a version does not come up."""

import copy

import pytest
from cluster_fixtures import addons, api, cluster, namespace  # noqa: F401
from components.kubernetes.deployment.samples import STABLE, objects

from modelberth.core.errors import ModelberthError
from modelberth.core.live import LiveTarget
from modelberth.kubernetes.deployment.live import DeploymentLiveTarget
from modelberth.kubernetes.provider import Cluster

NEWER = {**STABLE, "uri": "models:/ranker/1.5.0", "version": "1.5.0"}
BOTH = {"stable": STABLE, "candidate": NEWER, "weight": 10}
FAIL = "test.modelberth.dev/fail"


def applied(api, namespace, made):  # noqa: F811
    for manifest in made:
        api.apply({**manifest, "metadata": {**manifest["metadata"], "namespace": namespace}})


def placed(traffic=BOTH, fail=None):
    """The objects of a service of which the candidate may fail."""
    made = copy.deepcopy(objects(traffic=traffic))
    made.pop("ranker-network")
    if fail is not None:
        made["ranker--1-5-0"]["spec"]["template"]["metadata"]["annotations"] = {FAIL: fail}
    return made


def route(stable, candidate):
    shares = {"ranker--1-4-0": stable, "ranker--1-5-0": candidate}
    references = [{"name": name, "port": 80, "weight": weight} for name, weight in shares.items()]
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": "ranker", "labels": {"app.kubernetes.io/instance": "ranker"}},
        "spec": {"rules": [{"backendRefs": references}]},
    }


@pytest.fixture
def live(api, addons, cluster, namespace):  # noqa: F811
    addons("gateway-api")
    context = Cluster(kubeconfig=str(cluster.kubeconfig), context=context_of(cluster.kubeconfig))
    return DeploymentLiveTarget(context, namespace, "ranker")


def context_of(kubeconfig):
    from kubernetes import config

    return config.list_kube_config_contexts(str(kubeconfig))[1]["name"]


def ready(api, namespace, *names):  # noqa: F811
    for name in names:
        api.wait_for(
            "apps/v1", "Deployment", name, namespace,
            until=lambda found: (found.get("status") or {}).get("readyReplicas", 0) > 0, seconds=60,
        )  # fmt: skip


def test_it_is_a_live_target(live):
    target: LiveTarget = live
    assert target.serving() == {}


def test_without_a_route_the_stable_version_answers_and_with_one_its_shares_hold(api, live, namespace):  # noqa: F811
    applied(api, namespace, placed().values())
    ready(api, namespace, "ranker--1-4-0", "ranker--1-5-0")
    assert live.serving() == {"1.4.0": 100}
    applied(api, namespace, [route(75, 25)])
    assert live.serving() == {"1.4.0": 75, "1.5.0": 25}
    assert live.failure("1.4.0") is None
    assert live.failure("1.5.0") is None


@pytest.mark.parametrize("reason", ["ImagePullBackOff", "CrashLoopBackOff"])
def test_a_version_that_does_not_come_up_says_why_and_serves_nothing(reason, api, live, namespace):  # noqa: F811
    applied(api, namespace, [*placed(fail=reason).values(), route(90, 10)])
    ready(api, namespace, "ranker--1-4-0")
    selector = "app.kubernetes.io/version=1.5.0"
    for _ in range(60):
        pods = api.list("v1", "Pod", namespace, labelSelector=selector)
        if any(_waits(pod) for pod in pods):
            break
        api.wait_for("v1", "Namespace", namespace, until=lambda _: True, seconds=1)
    assert live.failure("1.4.0") is None
    assert reason in live.failure("1.5.0")
    assert live.serving() == {"1.4.0": 90}


def _waits(pod):
    return any("waiting" in each.get("state", {}) for each in pod.get("status", {}).get("containerStatuses", []))


def test_a_version_that_is_not_there_is_said_to_be_missing(live, namespace):  # noqa: F811
    assert live.failure("9.9.9") == f"there is no Deployment of version 9.9.9 in {namespace}"


def test_a_cluster_that_does_not_answer_is_one_clear_message(tmp_path, cluster, namespace):  # noqa: F811
    text = cluster.kubeconfig.read_text().replace(cluster.url, "https://127.0.0.1:1")
    gone = tmp_path / "kubeconfig"
    gone.write_text(text)
    target = DeploymentLiveTarget(Cluster(kubeconfig=str(gone), context=context_of(gone)), namespace, "ranker")
    with pytest.raises(ModelberthError, match=r"^cluster: no answer \(\w+\); look whether it is reachable$"):
        target.serving()
