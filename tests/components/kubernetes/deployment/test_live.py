"""What a cluster says of itself, read: shares of a route, reasons why pods do not run."""

import pytest

from modelberth.kubernetes.deployment.live import conditions, routed, settled, stuck, version_of

VERSIONS = {"ranker--1-4-0": "1.4.0", "ranker--1-5-0": "1.5.0", "ranker": "1.4.0"}


def rule(*backends, headers=()):
    match = [{"headers": list(headers)}] if headers else [{"path": {"value": "/"}}]
    return {"matches": match, "backendRefs": [{"name": name, **more} for name, more in backends]}


def route(*rules):
    return {"spec": {"rules": list(rules)}}


STABLE, CANDIDATE = ("ranker--1-4-0", {"weight": 90}), ("ranker--1-5-0", {"weight": 10})


@pytest.mark.parametrize(
    ("routes", "shares"),
    [
        ([route(rule(STABLE, CANDIDATE))], {"1.4.0": 90, "1.5.0": 10}),
        ([route(rule(("ranker--1-5-0", {}), headers=["x"]), rule(STABLE, CANDIDATE))], {"1.4.0": 90, "1.5.0": 10}),
        ([route(rule(("ranker--1-4-0", {})))], {"1.4.0": 100}),
        ([route(rule(("ranker--1-4-0", {"weight": 0}), ("ranker--1-5-0", {"weight": 7})))], {"1.4.0": 0, "1.5.0": 100}),
        ([route(rule(("another", {"weight": 1})))], {}),
        ([route(rule(("ranker--1-4-0", {"weight": 0})))], {}),
        ([route({"filters": []})], {}),
        ([], {}),
    ],
)
def test_a_route_says_which_version_gets_how_much(routes, shares):
    assert routed(routes, VERSIONS) == shares


def container(reason, message=None, ended=None):
    waiting = {"reason": reason, **({} if message is None else {"message": message})}
    last = {} if ended is None else {"lastState": {"terminated": ended}}
    return {"status": {"containerStatuses": [{"name": "server", "state": {"waiting": waiting}, **last}]}}


UNPLACED = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes are available"}


@pytest.mark.parametrize(
    ("pod", "told"),
    [
        (container("ImagePullBackOff", "no such image"), ["server: ImagePullBackOff: no such image"]),
        (
            container(
                "CrashLoopBackOff", "back-off 5m", {"exitCode": 1, "message": "loading\nModelError: no MLmodel\n"}
            ),
            ["server: CrashLoopBackOff, exit code 1: ModelError: no MLmodel"],
        ),
        (container("CrashLoopBackOff", ended={"exitCode": 137}), ["server: CrashLoopBackOff, exit code 137"]),
        (container("ContainerCreating"), []),
        (container("PodInitializing"), []),
        ({"status": {"conditions": [UNPLACED]}}, ["Unschedulable: 0/3 nodes are available"]),
        ({"status": {"containerStatuses": None}}, []),
        ({}, []),
    ],
)
def test_a_pod_says_why_it_does_not_run_and_one_on_its_way_says_nothing(pod, told):
    assert list(stuck(pod)) == told


def test_a_workload_says_what_is_not_as_it_should_be():
    said = [
        {"type": "Available", "status": "False", "reason": "MinimumReplicasUnavailable", "message": "not enough"},
        {"type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated"},
        {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "exceeded quota"},
    ]
    told = ["MinimumReplicasUnavailable: not enough", "FailedCreate: exceeded quota"]
    assert list(conditions({"status": {"conditions": said}})) == told


def test_it_is_settled_once_its_controller_has_seen_the_last_change_and_all_pods_have_it():
    def workload(seen, updated):
        status = {"observedGeneration": seen, "updatedReplicas": updated}
        return {"metadata": {"generation": 2}, "spec": {"replicas": 3}, "status": status}

    assert settled(workload(2, 3))
    assert not settled(workload(1, 3))
    assert not settled(workload(2, 1))


@pytest.mark.parametrize("path", [["template"], ["leaderWorkerTemplate", "workerTemplate"]])
def test_the_version_is_that_of_the_pods(path):
    spec = {"metadata": {"labels": {"app.kubernetes.io/version": "1.4.0"}}}
    for part in reversed(path):
        spec = {part: spec}
    assert version_of({"spec": spec}) == "1.4.0"
