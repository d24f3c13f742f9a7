"""What serves on Seldon, asked of a real API server; Seldon itself is played by what writes the status."""

import pytest
import yaml
from components.kubernetes.seldon.samples import BOTH, v1, v2

from modelberth.core.live import LiveTarget
from modelberth.kubernetes.provider import Cluster
from modelberth.kubernetes.seldon.v1.live import SeldonDeploymentLiveTarget
from modelberth.kubernetes.seldon.v2.live import SeldonModelLiveTarget

pytestmark = pytest.mark.server

SELDON = ("SeldonDeployment", "Experiment", "Model")


@pytest.fixture
def standing(api, addons, namespace):
    """Puts the objects of Seldon there, each with the status that it is to have."""
    addons("seldon")

    def stand(made, statuses):
        for manifest in (each for each in made.values() if each["kind"] in SELDON):
            whole = {**manifest, "metadata": {**manifest["metadata"], "namespace": namespace}}
            api.apply(whole)
            name = manifest["metadata"]["name"]
            if name in statuses:
                named = {"apiVersion": whole["apiVersion"], "kind": whole["kind"]}
                told = {**named, "metadata": {"name": name, "namespace": namespace}, "status": statuses[name]}
                api.patch(told, subresource="status", kind="application/merge-patch+json")

    return stand


@pytest.fixture
def live(cluster, namespace):
    context = yaml.safe_load(cluster.kubeconfig.read_text())["current-context"]
    return lambda kind: kind(Cluster(kubeconfig=str(cluster.kubeconfig), context=context), namespace, "ranker")


def test_version_1(standing, live):
    status = {
        "state": "Failed",
        "description": "no such image",
        "deploymentStatus": {
            "ranker-1-4-0-0-pods": {"availableReplicas": 1},
            "ranker-1-5-0-0-pods": {"replicas": 1},
        },
    }
    standing(v1(traffic=BOTH), {"ranker": status})
    target: LiveTarget = live(SeldonDeploymentLiveTarget)
    assert target.serving() == {"1.4.0": 90}
    assert (target.failure("1.4.0"), target.failure("1.5.0")) == (None, "no such image")


def test_version_2(standing, live):
    up = {"conditions": [{"type": "Ready", "status": "True"}]}
    down = {"conditions": [{"type": "ModelReady", "status": "False", "reason": "no server"}]}
    standing(v2(traffic=BOTH), {"ranker--1-4-0": up, "ranker--1-5-0": down})
    target: LiveTarget = live(SeldonModelLiveTarget)
    assert target.serving() == {"1.4.0": 90}
    assert (target.failure("1.4.0"), target.failure("1.5.0")) == (None, "ModelReady: no server")


@pytest.mark.parametrize("kind", [SeldonDeploymentLiveTarget, SeldonModelLiveTarget])
def test_where_nothing_is_nothing_serves(kind, standing, live):
    assert live(kind).serving() == {}
