"""Pods on the machines that are played, driven by the real scheduler and the real controllers."""

import pytest

from cluster.node import NODES, Machines, Node
from cluster.pods import FAIL, next_status

from .manifests import container, deployment, job, pod


def condition(found, kind, status="True"):
    listed = (found or {}).get("status", {}).get("conditions", [])
    return any(item["type"] == kind and item["status"] == status for item in listed)


def pods(api, namespace):
    return api.list("v1", "Pod", namespace)


@pytest.mark.server
def test_a_deployment_becomes_available_through_the_real_controllers(api, namespace):
    api.create(deployment(namespace, initContainers=[container(name="first")]))
    found = api.wait_for(
        "apps/v1", "Deployment", "web", namespace, lambda found: condition(found, "Available"), seconds=60
    )
    assert found["status"]["readyReplicas"] == 2
    for each in pods(api, namespace):
        [first] = each["status"]["initContainerStatuses"]
        assert first["state"]["terminated"]["exitCode"] == 0
        assert each["status"]["podIP"]


@pytest.mark.server
def test_a_failing_image_keeps_its_deployment_from_being_available(api, namespace):
    api.create(deployment(namespace, replicas=1, annotations={FAIL: "ImagePullBackOff"}))
    api.wait_for("apps/v1", "Deployment", "web", namespace, lambda found: condition(found, "Available", "False"), 60)

    def reason():
        states = [
            item["state"] for each in pods(api, namespace) for item in each["status"].get("containerStatuses", [])
        ]
        return [state["waiting"]["reason"] for state in states]

    api.wait_for("v1", "Namespace", namespace, until=lambda found: bool(reason()), seconds=30)
    assert reason() == ["ImagePullBackOff"]


@pytest.mark.server
@pytest.mark.parametrize(("fault", "ends_as"), [({}, "Complete"), ({FAIL: "Error"}, "Failed")])
def test_a_job_ends_as_its_annotation_says(api, namespace, fault, ends_as):
    api.create(job(namespace, annotations=fault, backoffLimit=0))
    api.wait_for("batch/v1", "Job", "once", namespace, lambda found: condition(found, ends_as), seconds=60)


@pytest.mark.server
def test_a_pod_that_wants_a_gpu_gets_the_machine_that_has_one(api, namespace):
    wants = container(resources={"limits": {"nvidia.com/gpu": "1"}})
    tolerates = [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}]
    api.create(pod(namespace, containers=[wants], tolerations=tolerates))
    found = api.wait_for("v1", "Pod", "one", namespace, lambda found: condition(found, "Ready"), seconds=60)
    assert found["spec"]["nodeName"] == "gpu-a"


@pytest.mark.server
def test_a_pod_that_wants_a_gpu_and_tolerates_no_taint_stays_pending(api, namespace):
    api.create(pod(namespace, containers=[container(resources={"limits": {"nvidia.com/gpu": "1"}})]))
    found = api.wait_for("v1", "Pod", "one", namespace, lambda found: condition(found, "PodScheduled", "False"), 60)
    assert "untolerated taint" in found["status"]["conditions"][0]["message"]


@pytest.mark.server
def test_a_removed_deployment_leaves_no_pod(api, namespace):
    api.create(deployment(namespace))
    api.wait_for("apps/v1", "Deployment", "web", namespace, lambda found: condition(found, "Available"), seconds=60)
    api.delete("apps/v1", "Deployment", "web", namespace)
    api.wait_for("v1", "Namespace", namespace, until=lambda found: not pods(api, namespace), seconds=60)


@pytest.mark.server
def test_a_removed_namespace_goes_with_all_that_is_in_it(api, namespace):
    api.create(deployment(namespace))
    api.delete("v1", "Namespace", namespace)
    api.wait_for("v1", "Namespace", namespace, until=lambda found: found is None, seconds=90)


@pytest.mark.server
def test_a_test_may_register_machines_of_its_own(api):
    own = Node("own", {"node.example/kind": "edge"}, {"example.com/accelerator": "2"})
    Machines(api, [own]).register()
    found = api.wait_for("v1", "Node", "own", until=lambda found: condition(found, "Ready"), seconds=30)
    assert found["status"]["allocatable"]["example.com/accelerator"] == "2"
    assert found["metadata"]["labels"]["node.example/kind"] == "edge"
    api.delete("v1", "Node", "own")


def test_machines_keep_ready_by_their_leases(api):
    names = {item["metadata"]["name"] for item in api.list("v1", "Node") if condition(item, "Ready")}
    assert {node.name for node in NODES} <= names
    leases = {item["metadata"]["name"] for item in api.list("coordination.k8s.io/v1", "Lease", "kube-node-lease")}
    assert {node.name for node in NODES} <= leases


def placed(phase, fault=None, **spec):
    made = pod("any", annotations={} if fault is None else {FAIL: fault}, **spec)
    made["metadata"]["uid"] = "1"
    return made | {"status": {"phase": phase}}


@pytest.mark.parametrize(
    ("given", "phase"),
    [
        (placed("Pending"), "Running"),
        (placed("Pending", "CrashLoopBackOff"), "Pending"),
        (placed("Pending", "Error", restartPolicy="Never"), "Running"),
        (placed("Running"), None),
        (placed("Running", "Error"), None),
        (placed("Running", restartPolicy="OnFailure"), "Succeeded"),
        (placed("Running", "Error", restartPolicy="Never"), "Failed"),
        (placed("Succeeded", restartPolicy="Never"), None),
        (placed("Failed", restartPolicy="Never"), None),
    ],
)
def test_a_pod_takes_one_step_at_a_time(given, phase):
    status = next_status(given)
    assert (None if status is None else status["phase"]) == phase


def test_a_fault_is_reported_once():
    waiting = placed("Pending", "ImagePullBackOff")
    waiting["status"] |= next_status(waiting)
    assert next_status(waiting) is None


def test_a_sidecar_goes_on_beside_the_containers():
    status = next_status(placed("Pending", initContainers=[container(name="proxy", restartPolicy="Always")]))
    [proxy] = status["initContainerStatuses"]
    assert proxy["started"]
    assert "running" in proxy["state"]
