"""Ray's clusters and Argo's rollouts: what they cost, and how much more while one version takes over from another."""

import pytest

from modelberth_policies.bill import UNBOUNDED, Assumptions, Profile, estimate
from modelberth_policies.resources import Plan, Resource, urn_of

USE = Assumptions(
    busy_share=0.5, job_minutes=30, quiet=0.5, node_vcpu_hour_usd=1.0, node_gib_hour_usd=0.0, node_gpu_hour_usd=1.0
)
HOURS = 730


def pod(cpu, **limits):
    requests = {"cpu": str(cpu), "memory": "1Gi"}
    return {
        "template": {"spec": {"containers": [{"name": "ray", "resources": {"requests": requests, "limits": limits}}]}}
    }


def cluster(moving=False, **workers):
    group = {"groupName": "l4", "numOfHosts": 2, **pod(4, **{"nvidia.com/gpu": 1}), **workers}
    return {"headGroupSpec": pod(2), "workerGroupSpecs": [group], "enableInTreeAutoscaling": moving}


def bill_of(kind, spec, group="ray.io/v1"):
    type_ = f"kubernetes:{group}:{kind}"
    resource = Resource(urn_of("p", "prod", "", type_, "it"), type_, "it", inputs={"spec": spec})
    return estimate(Plan("p", "prod", (resource,)), Profile("prod", USE))


def hours(bill, what):
    """Of each line, its units in hours a month: low, expected, worst, divided by the hours of a month."""
    [line] = [line for line in bill.lines if line.what == what]
    return tuple(part / HOURS for part in line.quantity.triple)


FIXED = {"replicas": 3}
BOUNDED = {"minReplicas": 1, "maxReplicas": 3}
OPTIONS = {"maxSurgePercent": 25, "stepSizePercent": 5}
CASES = {
    "a cluster": ("RayCluster", cluster(**FIXED), (6, 6, 6)),
    "kept within its bounds": ("RayCluster", cluster(replicas=9, **BOUNDED), (6, 6, 6)),
    "that asks for workers": ("RayCluster", cluster(moving=True, **BOUNDED), (2, 4, 6)),
    "without an end": ("RayCluster", cluster(moving=True, minReplicas=1), (2, 2, UNBOUNDED)),
    "a service, twice in an upgrade": ("RayService", {"rayClusterConfig": cluster(**FIXED)}, (6, 6, 12)),
    "changed in place": (
        "RayService",
        {"rayClusterConfig": cluster(**FIXED), "upgradeStrategy": {"type": "None"}},
        (6, 6, 6),
    ),
    "step by step": (
        "RayService",
        {
            "rayClusterConfig": cluster(**FIXED),
            "upgradeStrategy": {"type": "NewClusterWithIncrementalUpgrade", "clusterUpgradeOptions": OPTIONS},
        },
        (6, 6, 7.5),
    ),
}  # fmt: skip
"""What → kind, specification, GPUs at once: at least, expected, at worst."""


@pytest.mark.parametrize("case", CASES)
def test_gpus_of_ray_are_counted_with_those_of_an_upgrade(case):
    kind, spec, gpus = CASES[case]
    assert hours(bill_of(kind, spec), "GPU of workers l4") == pytest.approx(gpus)


def test_the_head_has_the_autoscaler_beside_it():
    plain, moving = (bill_of("RayCluster", cluster(moving=moving, **BOUNDED)) for moving in (False, True))
    assert hours(plain, "vCPU of head") == pytest.approx((2, 2, 2))
    assert hours(moving, "vCPU of head") == pytest.approx((2.5, 2.5, 2.5))
    small = {
        **cluster(moving=True, **BOUNDED),
        "autoscalerOptions": {"resources": {"requests": {"cpu": "200m", "memory": "1Gi"}}},
    }
    assert hours(bill_of("RayCluster", small), "vCPU of head") == pytest.approx((2.2, 2.2, 2.2))


def job(**spec):
    return bill_of("RayJob", {"rayClusterSpec": cluster(**FIXED), "submissionMode": "HTTPMode", **spec})


def test_a_job_costs_what_a_run_takes_and_at_worst_what_its_deadline_allows():
    bill = job(shutdownAfterJobFinishes=True, activeDeadlineSeconds=7200, ttlSecondsAfterFinished=1800)
    [line] = [line for line in bill.lines if line.what == "GPU of workers l4"]
    assert line.quantity.triple == pytest.approx((3, 6, 15))


def test_a_job_whose_cluster_nobody_ends_costs_all_month():
    assert hours(job(activeDeadlineSeconds=7200), "GPU of workers l4") == pytest.approx((6, 6, 6))
    assert hours(job(shutdownAfterJobFinishes=True), "GPU of workers l4")[2] == pytest.approx(6)


def test_who_hands_a_job_in_is_a_pod_too_and_one_on_a_cluster_that_is_there_costs_nothing():
    assert hours(job(submissionMode="K8sJobMode"), "vCPU of submitter") == pytest.approx((0.5, 0.5, 0.5))
    bill = bill_of("RayJob", {"clusterSelector": {"ray.io/cluster": "shared"}})
    assert not bill.lines
    assert [found.reason for found in bill.free] == ["it runs on a cluster that is there already"]


@pytest.mark.parametrize(("kind", "path"), [("RayCluster", "spec"), ("RayService", "spec.rayClusterConfig")])
def test_without_a_head_the_reason_is_said(kind, path):
    [found] = bill_of(kind, {"rayClusterConfig": {}}).unpriced
    assert found.reason == f"{path}.headGroupSpec is not set"


STRATEGIES = {
    "blue and green": ({"blueGreen": {"activeService": "it"}}, 8),
    "behind a router": ({"canary": {"trafficRouting": {"plugins": {}}}}, 8),
    "pod by pod": ({"canary": {}}, 5),
    "a share of them": ({"canary": {"maxSurge": "50%"}}, 6),
    "so many at once": ({"canary": {"maxSurge": 1}}, 5),
}


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_rollout_has_both_versions_at_worst(strategy):
    given, worst = STRATEGIES[strategy]
    spec = {"replicas": 4, "strategy": given, **pod(1)}
    assert hours(bill_of("Rollout", spec, "argoproj.io/v1alpha1"), "vCPU of pods") == pytest.approx((4, 4, worst))
