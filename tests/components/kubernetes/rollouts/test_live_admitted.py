"""What serves under Argo, asked of a real API server; the status is written as Argo writes it."""

import copy

import pytest
from cluster_fixtures import addons, api, cluster, namespace  # noqa: F401
from components.kubernetes.rollouts.samples import ALL, CANARY, ROUTES, STABLE, objects

from modelberth.core.errors import ModelberthError
from modelberth.core.live import LiveTarget
from modelberth.kubernetes.live_objects import LiveObjects, path_of
from modelberth.kubernetes.provider import Cluster
from modelberth.kubernetes.rollouts.live import RolloutLiveTarget

NEWER = {**STABLE, "uri": "models:/ranker/1.5.0", "version": "1.5.0"}
HASH = "rollouts-pod-template-hash"


def entered(kubeconfig):
    from kubernetes import config

    context = config.list_kube_config_contexts(str(kubeconfig))[1]["name"]
    return Cluster(kubeconfig=str(kubeconfig), context=context)


@pytest.fixture
def live(addons, cluster, namespace):  # noqa: F811
    addons("argo-rollouts")
    return RolloutLiveTarget(entered(cluster.kubeconfig), namespace, "ranker")


def applied(api, namespace, model, status):  # noqa: F811
    rollout = objects(foundation=ALL, model=model, rollout=CANARY, routes=ROUTES)["ranker-rollout"]
    made = api.apply({**rollout, "metadata": {**rollout["metadata"], "namespace": namespace}})
    told = {"observedGeneration": str(made["metadata"]["generation"]), **status}
    identity = {"name": "ranker", "namespace": namespace}
    patch = {"apiVersion": made["apiVersion"], "kind": "Rollout", "metadata": identity, "status": told}
    api.patch(patch, subresource="status", kind="application/merge-patch+json")
    return made


def replica_set(api, namespace, made, hash_):  # noqa: F811
    template = copy.deepcopy(made["spec"]["template"])
    labels = {**template["metadata"]["labels"], HASH: hash_}
    template["metadata"]["labels"] = labels
    spec = {"replicas": 0, "selector": {"matchLabels": {HASH: hash_}}, "template": template}
    metadata = {"name": f"ranker-{hash_}", "namespace": namespace, "labels": labels}
    api.create({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": metadata, "spec": spec})


def test_it_is_a_live_target_and_where_nothing_is_nothing_serves(live, namespace):  # noqa: F811
    target: LiveTarget = live
    assert target.serving() == {}
    assert target.failure("1.4.0") == f"there is no Rollout of ranker in {namespace}"


def test_a_change_is_followed_from_its_first_share_to_its_end(api, live, namespace):  # noqa: F811
    def weights(stable, canary):
        named = {"stable": stable, "canary": canary}
        return {
            "weights": {side: {"podTemplateHash": hash_, "weight": share} for side, (hash_, share) in named.items()}
        }

    old = applied(api, namespace, STABLE, {"phase": "Healthy", "canary": weights(("aa", 100), ("aa", 0))})
    replica_set(api, namespace, old, "aa")
    assert live.serving() == {"1.4.0": 100}
    assert live.failure("1.4.0") is None
    new = applied(api, namespace, NEWER, {"phase": "Progressing", "canary": weights(("aa", 90), ("bb", 10))})
    replica_set(api, namespace, new, "bb")
    assert live.serving() == {"1.4.0": 90, "1.5.0": 10}
    assert live.failure("1.5.0") is None
    assert live.failure("1.4.0") == "the Rollout wants version 1.5.0"
    undone = {"phase": "Degraded", "abort": True, "message": "metric 0-p95 assessed Failed"}
    applied(api, namespace, NEWER, {**undone, "canary": weights(("aa", 100), ("bb", 0))})
    assert live.serving() == {"1.4.0": 100, "1.5.0": 0}
    assert live.failure("1.5.0") == "undone: metric 0-p95 assessed Failed"


@pytest.mark.parametrize("kind", ["Service", "Pod", "HTTPRoute", "ReplicaSet"])
def test_every_sort_of_object_can_be_asked_for(kind, cluster, namespace):  # noqa: F811
    assert LiveObjects(entered(cluster.kubeconfig), namespace, "ranker").of(kind) == []


def test_an_add_on_that_is_not_installed_has_no_objects(cluster, namespace):  # noqa: F811
    asked = LiveObjects(entered(cluster.kubeconfig), namespace, "ranker")
    assert asked.of("Rollout", api_version="nowhere.example/v1") == []


def test_a_user_who_may_not_ask_is_told_so(tmp_path, cluster, namespace):  # noqa: F811
    import yaml

    given = yaml.safe_load(cluster.kubeconfig.read_text())
    for user in given["users"]:
        user["user"] = {"token": "nobody"}
    denied = tmp_path / "kubeconfig"
    denied.write_text(yaml.safe_dump(given))
    message = f"^cluster: Rollout in {namespace}: Unauthorized; look at what the kubeconfig's user may$"
    with pytest.raises(ModelberthError, match=message):
        RolloutLiveTarget(entered(denied), namespace, "ranker").serving()


def test_a_cluster_that_does_not_answer_is_one_clear_message(tmp_path, cluster, namespace):  # noqa: F811
    gone = tmp_path / "kubeconfig"
    gone.write_text(cluster.kubeconfig.read_text().replace(cluster.url, "https://127.0.0.1:1"))
    with pytest.raises(ModelberthError, match=r"^cluster: no answer \(\w+\); look whether it is reachable$"):
        RolloutLiveTarget(entered(gone), namespace, "ranker").serving()


def test_the_paths_of_core_and_of_add_ons():
    assert path_of("Pod", "models", "v1") == "/api/v1/namespaces/models/pods"
    assert path_of("Rollout", "models", "argoproj.io/v1alpha1") == (
        "/apis/argoproj.io/v1alpha1/namespaces/models/rollouts"
    )
