"""What Argo's status says, read without a cluster."""

import pytest

from modelberth.kubernetes.rollouts.live import fault_of, ready_by_hash, shares_of, versions_by_hash


def replica_set(hash_, version, ready=1):
    return {
        "status": {"readyReplicas": ready},
        "metadata": {"labels": {"rollouts-pod-template-hash": hash_, "app.kubernetes.io/version": version}},
    }


def weights(stable, canary):
    told = {"stable": {"podTemplateHash": "a", "weight": stable}, "canary": {"podTemplateHash": "b", "weight": canary}}
    return {"stableRS": "a", "canary": {"weights": told}}


@pytest.mark.parametrize(
    ("status", "shares"),
    [
        ({}, {"a": 75, "b": 25}),
        ({"stableRS": "a"}, {"a": 75, "b": 25}),
        (weights(90, 10), {"a": 90, "b": 10}),
        (weights(100, 0), {"a": 100, "b": 0}),
        ({"stableRS": "a", "blueGreen": {"activeSelector": "b"}}, {"b": 100}),
        ({"blueGreen": {"activeSelector": "a"}}, {"a": 100}),
    ],
)
def test_shares(status, shares):
    assert shares_of(status, {"a": 3, "b": 1, "c": 0}) == shares


def test_a_new_revision_of_the_same_version_takes_nothing_from_the_old_one():
    # While a change is over, both sides name the same revision: together they are the whole.
    told = {"stable": {"podTemplateHash": "a", "weight": 100}, "canary": {"podTemplateHash": "a", "weight": 0}}
    assert shares_of({"stableRS": "a", "canary": {"weights": told}}, {}) == {"a": 100}


def test_versions_are_those_of_the_pods():
    sets = [replica_set("a", "1.4.0"), replica_set("b", "1.5.0"), {"metadata": {}}]
    assert versions_by_hash(sets) == {"a": "1.4.0", "b": "1.5.0"}


def test_pods_that_are_not_ready_get_no_requests():
    sets = [replica_set("a", "1.4.0", 2), replica_set("b", "1.5.0", 0), {"metadata": {}}]
    assert shares_of({}, ready_by_hash(sets)) == {"a": 100}
    assert shares_of({}, {}) == {}


PAUSED = {"phase": "Paused", "pauseConditions": [{"reason": "InconclusiveAnalysisRun"}]}


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ({"phase": "Healthy"}, None),
        ({"phase": "Progressing", "message": "more replicas need to be updated"}, None),
        ({"phase": "Paused", "pauseConditions": [{"reason": "CanaryPauseStep"}]}, None),
        (PAUSED, "InconclusiveAnalysisRun: too little is known to judge it, and a person must; promote it or abort it"),
        ({"phase": "Degraded", "abort": True, "message": "metric 0-p95 failed"}, "undone: metric 0-p95 failed"),
        ({"phase": "Degraded", "abort": True}, "undone: an analysis did not succeed"),
        ({"phase": "Degraded", "message": "InvalidSpec: no template"}, "Degraded: InvalidSpec: no template"),
        ({"phase": "Degraded", "observedGeneration": "2"}, None),
    ],
)
def test_why_a_version_does_not_serve(status, said):
    assert fault_of({"metadata": {"generation": 3}, "status": {"observedGeneration": "3", **status}}) == said
