"""What serves on KServe now, asked of a real API server whose objects have the status that KServe writes."""

import json
from pathlib import Path

import pytest
import yaml
from components.kubernetes.kserve.samples import BOTH, KNATIVE, LEAST, objects

from modelberth.core.errors import ModelberthError
from modelberth.core.live import LiveTarget
from modelberth.kubernetes.kserve.live import KServeLiveTarget
from modelberth.kubernetes.provider import Cluster

pytestmark = pytest.mark.server

READY = {"type": "Ready", "status": "True"}
UNREADY = {"type": "Ready", "status": "False", "reason": "PredictorNotReady", "message": "it has no pods"}
REFUSED = {"reason": "ModelLoadFailed", "message": "no module named sklearn"}
STATES = {"activeModelState": "Loaded", "targetModelState": "FailedToLoad"}


@pytest.fixture
def place(api, cluster, namespace, addons):
    addons("kserve", "knative-serving", "gateway-api")
    return Place(api, cluster, namespace)


class Place:
    """A namespace in which a test plays KServe."""

    def __init__(self, api, cluster, namespace):
        self.api, self.namespace = api, namespace
        context = context_of(cluster.kubeconfig)
        self.live = KServeLiveTarget(Cluster(kubeconfig=str(cluster.kubeconfig), context=context), namespace, "ranker")

    def make(self, given):
        for made in objects(given).values():
            if made["kind"] in ("InferenceService", "Service"):
                self.api.create({**made, "metadata": {**made["metadata"], "namespace": self.namespace}})

    def say(self, name, *conditions, kind="InferenceService", version="serving.kserve.io/v1beta1", **status):
        metadata = {"name": name, "namespace": self.namespace}
        told = {"conditions": list(conditions), **status}
        found = {"apiVersion": version, "kind": kind, "metadata": metadata, "status": told}
        self.api.patch(found, "status", "application/merge-patch+json")

    def revision(self, name, version, *conditions):
        labels = {"app.kubernetes.io/instance": "ranker", "app.kubernetes.io/version": version}
        metadata = {"name": name, "namespace": self.namespace, "labels": labels}
        pod = {"containers": [{"name": "x", "image": "x"}]}
        kind = {"apiVersion": "serving.knative.dev/v1", "kind": "Revision"}
        self.api.create({**kind, "metadata": metadata, "spec": pod})
        self.say(name, *conditions, kind="Revision", version="serving.knative.dev/v1")

    def route(self, **weights):
        backends = [{"name": name, "port": 80, "weight": weight} for name, weight in weights.items()]
        metadata = {"name": "ranker", "namespace": self.namespace, "labels": {"app.kubernetes.io/instance": "ranker"}}
        kind = {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute"}
        self.api.create({**kind, "metadata": metadata, "spec": {"rules": [{"backendRefs": backends}]}})


def context_of(kubeconfig):
    return yaml.safe_load(Path(kubeconfig).read_text())["current-context"]


def traffic(*shares):
    return {"components": {"predictor": {"traffic": [
        {"revisionName": name, "percent": percent, "latestRevision": latest} for name, percent, latest in shares
    ]}}}  # fmt: skip


def test_it_is_a_live_target_and_nothing_serves_where_nothing_is(place):
    live: LiveTarget = place.live
    assert live.serving() == {}
    assert live.failure("1.4.0") == f"there is no InferenceService of version 1.4.0 in {place.namespace}"


def test_on_knative_revisions_are_versions(place):
    place.make({**LEAST, "mode": KNATIVE, "traffic": BOTH})
    place.revision("ranker-knative-predictor-00001", "1.4.0", READY)
    place.revision("ranker-knative-predictor-00002", "1.5.0", READY)
    place.say(
        "ranker-knative",
        READY,
        **traffic(("ranker-knative-predictor-00002", 10, True), ("ranker-knative-predictor-00001", 90, False)),
    )
    assert place.live.serving() == {"1.4.0": 90, "1.5.0": 10}
    assert (place.live.failure("1.5.0"), place.live.failure("1.4.0")) == (None, None)


def test_a_version_that_came_again_as_another_revision_is_one_version(place):
    place.make({**LEAST, "mode": KNATIVE})
    place.revision("ranker-knative-predictor-00001", "1.4.0", READY)
    place.revision("ranker-knative-predictor-00003", "1.4.0", READY)
    place.say(
        "ranker-knative",
        READY,
        **traffic(("ranker-knative-predictor-00003", 0, True), ("ranker-knative-predictor-00001", 100, False)),
    )
    assert place.live.serving() == {"1.4.0": 100}


def test_a_candidate_that_does_not_load_says_why_and_the_stable_version_is_healthy(place):
    place.make({**LEAST, "mode": KNATIVE, "traffic": BOTH})
    place.revision("ranker-knative-predictor-00001", "1.4.0", READY)
    place.revision("ranker-knative-predictor-00002", "1.5.0", UNREADY)
    status = {"transitionStatus": "BlockedByFailedLoad", "states": STATES, "lastFailureInfo": REFUSED}
    place.say("ranker-knative", UNREADY, modelStatus=status, **traffic(("ranker-knative-predictor-00001", 100, False)))
    assert place.live.serving() == {"1.4.0": 100}
    assert place.live.failure("1.5.0") == "ModelLoadFailed: no module named sklearn"
    assert place.live.failure("1.4.0") is None


def test_a_revision_that_is_not_ready_says_why(place):
    place.make({**LEAST, "mode": KNATIVE, "traffic": BOTH})
    place.revision(
        "ranker-knative-predictor-00001", "1.4.0", {**UNREADY, "reason": "Unschedulable", "message": "no node"}
    )
    assert place.live.failure("1.4.0") == "Ready: Unschedulable: no node"


def test_plain_deployments_serve_by_the_route(place):
    place.make({**LEAST, "traffic": BOTH})
    place.say("ranker--1-4-0", READY)
    place.say("ranker--1-5-0", READY)
    assert place.live.serving() == {"1.4.0": 100}
    place.route(**{"ranker--1-4-0-predictor": 3, "ranker--1-5-0-predictor": 1})
    assert place.live.serving() == {"1.4.0": 75, "1.5.0": 25}


def test_what_is_not_ready_does_not_serve(place):
    place.make({**LEAST, "traffic": BOTH})
    place.say("ranker--1-4-0", READY)
    place.say("ranker--1-5-0", {**UNREADY, "type": "PredictorReady"}, UNREADY)
    place.route(**{"ranker--1-4-0-predictor": 50, "ranker--1-5-0-predictor": 50})
    assert place.live.serving() == {"1.4.0": 50}
    assert place.live.failure("1.5.0") == "PredictorReady: PredictorNotReady: it has no pods"


def test_what_kserve_has_not_seen_yet_is_not_healthy(place):
    place.make(LEAST)
    assert place.live.serving() == {}
    assert place.live.failure("1.4.0") == "it is not ready yet; KServe says nothing of its model"


def test_a_cluster_that_does_not_answer_is_one_clear_message(tmp_path):
    user, where = {"name": "me", "user": {}}, {"server": "https://127.0.0.1:9"}
    contexts = [{"name": "dead", "context": {"cluster": "dead", "user": "me"}}]
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(json.dumps({
        "apiVersion": "v1", "kind": "Config", "users": [user], "contexts": contexts,
        "clusters": [{"name": "dead", "cluster": where}],
    }))  # fmt: skip
    live = KServeLiveTarget(Cluster(kubeconfig=str(kubeconfig), context="dead"), "models", "ranker")
    with pytest.raises(ModelberthError, match=r"^cluster: no answer \(MaxRetryError\); look whether it is reachable$"):
        live.serving()
