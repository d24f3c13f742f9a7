"""A model over several nodes: a leader that answers, workers that are seen to live, and a network between them."""

from components.kubernetes.deployment.samples import ACCELERATORS, EVERYTHING, NODES, objects

GPUS = {
    "runtime": "vllm",
    "resources": {"cpu": 8, "memory_gib": 64},
    "devices": {"accelerator": ACCELERATORS["l4"], "count": 2},
}
LEADER = {"leaderworkerset.sigs.k8s.io/worker-index": "0"}


def made(**nodes):
    return objects(foundation=EVERYTHING, server=GPUS, nodes={**NODES, **nodes}, replicas=2)


def templates(**nodes):
    group = made(**nodes)["ranker--1-4-0"]["spec"]["leaderWorkerTemplate"]
    return [group[f"{role}Template"]["spec"] for role in ("leader", "worker")]


def test_a_version_is_groups_of_as_many_nodes():
    workload = made()["ranker--1-4-0"]
    assert workload["kind"] == "LeaderWorkerSet"
    assert workload["spec"]["replicas"] == 2
    assert workload["spec"]["leaderWorkerTemplate"]["size"] == 2
    assert workload["metadata"]["annotations"] == {"pulumi.com/waitFor": "condition=Available"}


def test_the_leader_alone_answers():
    for service in ("ranker", "ranker--1-4-0-service"):
        assert made()[service]["spec"]["selector"].items() >= LEADER.items()


def test_the_leader_runs_the_server_or_what_was_said():
    said, _ = templates()
    assert said["containers"][0]["command"] == NODES["leader"]
    assert "args" not in said["containers"][0]
    own, _ = templates(leader=[])
    assert "--model=/mnt/models" in own["containers"][0]["args"]


def test_a_worker_runs_its_command_and_is_asked_at_its_own_port():
    leader, worker = (pod["containers"][0] for pod in templates())
    assert worker["command"] == NODES["worker"]
    assert worker["ports"] == [{"name": "worker", "containerPort": 8076}]
    assert "lifecycle" not in worker
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert worker[probe]["tcpSocket"] == {"port": 8076}
        assert "httpGet" not in worker[probe]
        assert worker[probe]["periodSeconds"] == leader[probe]["periodSeconds"]


def test_both_have_the_model_the_devices_and_memory_to_share_and_stand_together():
    leader, worker = templates()
    for pod in (leader, worker):
        assert pod["containers"][0]["resources"]["limits"]["nvidia.com/gpu"] == "2"
        assert {"model", "shared-memory"} <= {volume["name"] for volume in pod["volumes"]}
        assert "topologySpreadConstraints" not in pod


def test_workers_have_variables_of_their_own_beside_those_of_the_leader():
    _, worker = templates(environment={"ROLE": "worker"})
    assert {each["name"]: each["value"] for each in worker["containers"][0]["env"]} == {
        "HOME": "/tmp",
        "ROLE": "worker",
    }


def test_a_group_may_have_a_part_of_the_cluster_alone():
    annotations = made(together="cloud.google.com/gke-nodepool")["ranker--1-4-0"]["metadata"]["annotations"]
    assert annotations["leaderworkerset.sigs.k8s.io/exclusive-topology"] == "cloud.google.com/gke-nodepool"


def test_they_may_talk_to_one_another_and_to_nobody_else():
    policy = made()["ranker-group"]["spec"]
    own = {"podSelector": {"matchLabels": {"app.kubernetes.io/instance": "ranker"}}}
    assert policy["ingress"] == [{"from": [own]}]
    assert policy["egress"] == [{"to": [own]}]
    assert "ranker-group" not in objects()


def test_it_scales_by_groups():
    scaled = objects(
        foundation=EVERYTHING, server=GPUS, nodes=NODES, scaling={"max_replicas": 3, "cpu": "70%"}
    )["ranker--1-4-0-scaling"]  # fmt: skip
    reference = scaled["spec"]["scaleTargetRef"]
    assert (reference["apiVersion"], reference["kind"]) == ("leaderworkerset.x-k8s.io/v1", "LeaderWorkerSet")
