"""What serves on Seldon now, by what Seldon says of its objects."""

import pytest
from components.kubernetes.seldon.samples import BOTH, COPIED, EVERYTHING, v1, v2

from modelberth.kubernetes.live_objects import LiveObjects
from modelberth.kubernetes.seldon.v1.live import SeldonDeploymentLiveTarget
from modelberth.kubernetes.seldon.v2.live import SeldonModelLiveTarget


class Held:
    """What a cluster has, in place of one that is asked."""

    namespace, service = "models", "ranker"

    def __init__(self, objects):
        self.objects = objects

    def of(self, kind, more="", api_version=""):
        return [each for each in self.objects if each["kind"] == kind]


def held(kind, *objects):
    target = object.__new__(kind)
    target._objects = Held(objects)
    return target


def deployment(traffic=BOTH, state="Available", description="", **available):
    made = v1(traffic=traffic, foundation=EVERYTHING)["ranker"]
    counted = {f"ranker-{name[1:].replace('_', '-')}-0-pods": {"availableReplicas": n} for name, n in available.items()}
    told = {"ranker-1-4-0-explainer": {"availableReplicas": 0, "explainerFor": "ranker-1-4-0"}}
    status = {"state": state, "description": description, "deploymentStatus": {**counted, **told}}
    return held(SeldonDeploymentLiveTarget, {**made, "status": status})


def test_on_version_1_versions_that_answer_have_the_shares_of_their_predictors():
    assert deployment(v1_4_0=1, v1_5_0=2).serving() == {"1.4.0": 90, "1.5.0": 10}
    assert deployment(v1_4_0=1, v1_5_0=0).serving() == {"1.4.0": 90}
    assert deployment(v1_4_0=0, v1_5_0=0).serving() == {}
    assert held(SeldonDeploymentLiveTarget).serving() == {}


def test_on_version_1_a_shadow_has_no_share():
    assert deployment(COPIED, v1_4_0=1, v1_5_0=1).serving() == {"1.4.0": 100, "1.5.0": 0}


def test_on_version_1_why_a_version_does_not_serve_is_told_in_seldons_words():
    failed = deployment(state="Failed", description="no image", v1_4_0=1, v1_5_0=0)
    assert failed.failure("1.4.0") is None
    assert failed.failure("1.5.0") == "no image"
    assert deployment(v1_4_0=1).failure("1.5.0") == "no pod is available yet"
    assert failed.failure("9.9.9") == "there is no predictor of version 9.9.9 in models"


def with_status(made, *conditions):
    words = ("type", "status", "reason")
    return {**made, "status": {"conditions": [dict(zip(words, each, strict=False)) for each in conditions]}}


def models(**ready):
    made = v2(traffic=BOTH, explainer={"type": "anchor_text", "model": BOTH["stable"]})
    conditions = {
        "True": [("ModelReady", "True"), ("Ready", "True")],
        "False": [("Ready", "False", "not all"), ("ModelReady", "False", "no server with sklearn")],
    }
    objects = [
        with_status(made[f"ranker--{name[1:].replace('_', '-')}"], *conditions[str(value)])
        for name, value in ready.items()
    ]
    return held(SeldonModelLiveTarget, made["ranker"], with_status(made["ranker-explainer"]), *objects)


def test_on_version_2_versions_that_are_ready_have_the_shares_of_the_experiment():
    assert models(v1_4_0=True, v1_5_0=True).serving() == {"1.4.0": 90, "1.5.0": 10}
    assert models(v1_4_0=True, v1_5_0=False).serving() == {"1.4.0": 90}
    assert held(SeldonModelLiveTarget).serving() == {}


def test_on_version_2_why_a_version_does_not_serve_is_told_in_seldons_words():
    found = models(v1_4_0=True, v1_5_0=False)
    assert found.failure("1.4.0") is None
    assert found.failure("1.5.0") == "ModelReady: no server with sklearn; Ready: not all"
    assert found.failure("9.9.9") == "there is no Model of version 9.9.9 in models"


@pytest.mark.parametrize("target", [SeldonDeploymentLiveTarget, SeldonModelLiveTarget])
def test_it_asks_as_all_live_targets_of_a_cluster_do(target, monkeypatch):
    asked = []
    monkeypatch.setattr(LiveObjects, "__init__", lambda self, *given: asked.append(given))
    target("cluster", "models", "ranker")
    assert asked == [("cluster", "models", "ranker")]
