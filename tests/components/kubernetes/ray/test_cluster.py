"""The pods of a Ray cluster, what Ray Serve runs on them, and who talks to whom."""

import pytest
import yaml
from components.kubernetes.ray.samples import ALL, CLUSTER, LEAST, MOST, MOVING, RUN, args, clusters, objects, run

from modelberth.kubernetes.pods import HARDENED


def whole(given=LEAST, **fields):
    [made] = clusters(objects(given, **fields))
    return made


def pods(made):
    return [made["headGroupSpec"]["template"], *(group["template"] for group in made["workerGroupSpecs"])]


def test_the_head_computes_nothing_and_answers_nothing():
    assert whole()["headGroupSpec"]["rayStartParams"]["num-cpus"] == "0"
    assert objects()["ranker"]["spec"]["excludeHeadPodFromServeSvc"] is True


def test_ray_is_told_of_whole_cores_only():
    for cpu, told in ((0.5, "1"), (1, "1"), (3.9, "3"), (16, "16")):
        cluster = {**CLUSTER, "workers": {"resources": {"cpu": cpu, "memory_gib": 4}}}
        assert whole(cluster=cluster)["workerGroupSpecs"][0]["rayStartParams"]["num-cpus"] == told


@pytest.mark.parametrize("given", [LEAST, MOST], ids=["least", "most"])
def test_every_pod_is_hardened_has_the_model_and_shares_memory_within_its_own(given):
    for template in pods(whole(given)):
        spec = template["spec"]
        [container] = spec["containers"]
        assert container["securityContext"] == dict(HARDENED)
        mounts = {each["mountPath"]: each for each in container["volumeMounts"]}
        assert mounts["/mnt/models"]["readOnly"] is True
        shared = next(each for each in spec["volumes"] if each["name"] == mounts["/dev/shm"]["name"])
        assert shared["emptyDir"]["medium"] == "Memory"
        limit = int(shared["emptyDir"]["sizeLimit"].removesuffix("Mi"))
        assert 0 < limit < int(container["resources"]["limits"]["memory"].removesuffix("Mi"))
        # The command and the probes are KubeRay's, which adds none where there is one.
        assert not container.keys() & {"command", "args", "livenessProbe", "readinessProbe"}


def test_a_token_is_in_the_head_alone_and_only_where_ray_asks_for_workers():
    assert [each["spec"]["automountServiceAccountToken"] for each in pods(whole())] == [False, False]
    moving = whole(foundation=ALL, cluster=MOVING)
    assert [each["spec"]["automountServiceAccountToken"] for each in pods(moving)] == [True, False]
    assert moving["enableInTreeAutoscaling"] is True
    assert moving["autoscalerOptions"]["securityContext"] == dict(HARDENED)
    assert [each["mountPath"] for each in moving["autoscalerOptions"]["volumeMounts"]] == ["/tmp"]


def test_where_ray_asks_for_workers_it_reaches_the_api_server():
    def reached(made):
        egress = made["ranker-network"]["spec"]["egress"]
        return [peer["ipBlock"]["cidr"] for rule in egress for peer in rule["to"] if "ipBlock" in peer]

    assert "10.0.0.1/32" in reached(objects(foundation=ALL, cluster=MOVING))
    assert "10.0.0.1/32" not in reached(objects(foundation=ALL))


def test_kuberay_s_operator_and_the_cluster_s_own_pods_get_in():
    ingress = objects(MOST)["ranker-cluster-network"]["spec"]["ingress"]
    own, operator = ingress
    assert own == {"from": [{"podSelector": {"matchLabels": {"app.kubernetes.io/instance": "ranker"}}}]}
    names = operator["from"][0]["namespaceSelector"]["matchLabels"]
    assert names == {"kubernetes.io/metadata.name": "ray-system"}
    assert [each["port"] for each in operator["ports"]] == [8000, 8265, 52365]


def test_a_model_over_several_nodes_has_as_many_pods_that_come_and_go_together():
    [group] = whole(MOST)["workerGroupSpecs"]
    assert (group["numOfHosts"], group["minReplicas"], group["maxReplicas"]) == (4, 1, 2)
    assert group["template"]["spec"]["containers"][0]["resources"]["limits"]["nvidia.com/gpu"] == "8"


def test_at_a_cloud_the_account_and_the_pods_say_so():
    made = objects(foundation={**ALL, "identity": {"client_id": "00000000-0000-0000-0000-000000000000"}})
    assert "azure.workload.identity/client-id" in made["ranker-account"]["metadata"]["annotations"]
    [cluster] = clusters(made)
    assert all(each["metadata"]["labels"]["azure.workload.identity/use"] == "true" for each in pods(cluster))


def test_what_ray_serve_runs_is_told_once_and_the_same_way():
    told = objects(MOST)["ranker"]["spec"]["serveConfigV2"]
    assert yaml.safe_load(told) == {"applications": [{
        "name": "ranker", "import_path": "ranker.serving:app", "route_prefix": "/v1/rank",
        "args": {"threshold": 0.5, "classes": ["a", "b"]},
        "deployments": [{"name": "Ranker", "autoscaling_config": {"min_replicas": 1, "max_replicas": 4}}],
    }]}  # fmt: skip
    assert told == objects(MOST)["ranker"]["spec"]["serveConfigV2"]
    assert yaml.safe_load(objects()["ranker"]["spec"]["serveConfigV2"])["applications"][0].keys() == {
        "name", "import_path", "route_prefix",
    }  # fmt: skip


def test_an_upgrade_is_said_in_kuberay_s_words():
    assert objects()["ranker"]["spec"]["upgradeStrategy"] == {"type": "NewCluster"}
    assert objects(upgrade={"kind": "None"})["ranker"]["spec"]["upgradeStrategy"] == {"type": "None"}
    assert objects(MOST)["ranker"]["spec"]["upgradeStrategy"] == {
        "type": "NewClusterWithIncrementalUpgrade",
        "clusterUpgradeOptions": {
            "gatewayClassName": "istio", "stepSizePercent": 10, "intervalSeconds": 60, "maxSurgePercent": 100,
        },
    }  # fmt: skip


def test_a_program_is_handed_over_as_it_would_be_typed():
    [made] = [each for each in run(command=["python", "-c", "print(1 + 1)"]).values() if each["kind"] == "RayJob"]
    assert made["spec"]["entrypoint"] == "python -c 'print(1 + 1)'"
    assert made["spec"]["submissionMode"] == "HTTPMode"


@pytest.mark.parametrize(
    "change",
    [
        {"command": ["python", "other.py"]},
        {"cluster": {**CLUSTER, "head": {"cpu": 3, "memory_gib": 8}}},
        {"model": {**RUN["model"], "digest": f"sha256:{'9' * 64}"}},
        {"retries": 5},
        {"deadline": "1h"},
        {"labels": MOST["labels"]},
    ],
    ids=lambda change: next(iter(change)),
)
def test_whatever_changes_of_a_run_it_has_another_name(change):
    names = [run(**fields)["scoring"]["metadata"]["name"] for fields in ({}, {}, change)]
    assert names[0] == names[1] != names[2]
    assert all(len(name) == len("scoring-") + 8 for name in names)


def test_arguments_are_recorded_as_they_were_given():
    assert args(MOST).application.args == {"threshold": 0.5, "classes": ["a", "b"]}
