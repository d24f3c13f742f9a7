"""Pods: what they ask for, how many there are, and a node's price that the usage file states."""

import pulumi_kubernetes as kubernetes
import pytest
from pulumi_kubernetes.apiextensions import CustomResource

from modelberth_policies.bill import UNBOUNDED, Assumptions, Profile, estimate
from modelberth_policies.bill.item import NotPriceable, Values
from modelberth_policies.bill.kubernetes.cron import runs_per_month
from modelberth_policies.bill.quantity import GIB, quantity
from modelberth_policies.sources.program import run_in_process

PRICES = {"node_vcpu_hour_usd": 0.04, "node_gib_hour_usd": 0.005, "node_gpu_hour_usd": 0.5}
USE = Assumptions(busy_share=0.5, active_hours=73, job_minutes=30, **PRICES)


def box(cpu="500m", memory="1Gi", **more):
    return {"name": "c", "image": "i", "resources": {"requests": {"cpu": cpu, "memory": memory}, **more}}


def workload(make, name, containers, replicas=None, **pod):
    labels = {"app": name}
    spec = {"selector": {"match_labels": labels}, "template": {"metadata": {"labels": labels}, "spec": pod}}
    spec["template"]["spec"] = {"containers": containers, **pod}
    if replicas is not None:
        spec["replicas"] = replicas
    return make(name, metadata={"name": name}, spec=spec)


def plain():
    apps = kubernetes.apps.v1
    workload(apps.Deployment, "three", [box(), box("250m", "512Mi")], 3)
    workload(apps.Deployment, "gpu", [box("4", "16Gi", limits={"nvidia.com/gpu": "2"})])
    workload(apps.Deployment, "by-limits", [{"name": "c", "resources": {"limits": {"cpu": 1, "memory": "2Gi"}}}])
    workload(apps.Deployment, "starts-big", [box()], init_containers=[box("2", "1Gi")])
    workload(apps.Deployment, "silent", [{"name": "c", "image": "i"}])
    workload(apps.Deployment, "tpu", [box(limits={"google.com/tpu": "4"})])
    workload(apps.DaemonSet, "everywhere", [box()])
    for name, target in (("scaled", None), ("elsewhere", "other")):
        workload(apps.Deployment, name, [box("1", "1Gi")], 1)
        kubernetes.autoscaling.v2.HorizontalPodAutoscaler(
            f"hpa-{name}",
            metadata={"namespace": target} if target else {},
            spec={
                "min_replicas": 2,
                "max_replicas": 6,
                "scale_target_ref": {"api_version": "apps/v1", "kind": "Deployment", "name": name},
            },
        )
    job = {"containers": [box("1", "1Gi")], "restart_policy": "Never"}
    kubernetes.batch.v1.CronJob(
        "nightly",
        spec={
            "schedule": "0 2 * * *",
            "job_template": {"spec": {"active_deadline_seconds": 7200, "template": {"spec": job}}},
        },
    )
    kubernetes.core.v1.Service("inside", spec={"ports": [{"port": 80}]})
    kubernetes.core.v1.Service("outside", spec={"type": "LoadBalancer", "ports": [{"port": 80}]})


def custom(version, kind, name, spec, **metadata):
    CustomResource(name, api_version=version, kind=kind, metadata={"name": name, **metadata}, spec=spec)


def serving():
    model = {"resources": {"requests": {"cpu": "2", "memory": "4Gi"}}}
    raw = {"annotations": {"serving.kserve.io/deploymentMode": "RawDeployment"}}
    serve = "serving.kserve.io/v1beta1", "InferenceService"
    custom(*serve, "bounded", {"predictor": {"minReplicas": 0, "maxReplicas": 4, "model": model}})
    custom(*serve, "unbounded", {"predictor": {"model": model}})
    custom(*serve, "raw", {"predictor": {"minReplicas": 2, "model": model}}, **raw)
    custom(*serve, "half", {"predictor": {"maxReplicas": 1, "model": model}, "transformer": {"containers": [{}]}})
    parts = [{"spec": {"containers": [box("1", "1Gi")]}, "hpaSpec": {"minReplicas": 1, "maxReplicas": 5}}]
    predictors = [{"name": "main", "componentSpecs": parts}]
    custom("machinelearning.seldon.io/v1", "SeldonDeployment", "seldon", {"predictors": predictors})
    custom("keda.sh/v1alpha1", "ScaledObject", "keda", {"scaleTargetRef": {"name": "fed"}, "minReplicaCount": 1})
    workload(kubernetes.apps.v1.Deployment, "fed", [box("1", "1Gi")])
    custom("example.com/v1", "Gizmo", "gizmo", {})


def program():
    kubernetes.Provider("unused", kubeconfig="{}")
    plain()
    serving()


@pytest.fixture(scope="module")
def planned():
    return run_in_process(program, "p", "prod")


@pytest.fixture(scope="module")
def bill(planned):
    return estimate(planned, Profile("prod", USE))


HOURS = 730
VCPU, GIB_HOUR, GPU = 0.04, 0.005, 0.5
RUNS = 365 / 12
PRICED = {
    ("three", "vCPU"): (3 * 0.75 * HOURS * VCPU,) * 3,
    ("three", "memory"): (3 * 1.5 * HOURS * GIB_HOUR,) * 3,
    ("gpu", "GPU"): (2 * HOURS * GPU,) * 3,
    ("gpu", "vCPU"): (4 * HOURS * VCPU,) * 3,
    ("by-limits", "vCPU"): (HOURS * VCPU,) * 3,
    ("by-limits", "memory"): (2 * HOURS * GIB_HOUR,) * 3,
    ("starts-big", "vCPU"): (2 * HOURS * VCPU,) * 3,
    ("scaled", "vCPU"): tuple(count * HOURS * VCPU for count in (2, 4, 6)),
    ("elsewhere", "vCPU"): (HOURS * VCPU,) * 3,
    ("nightly", "vCPU"): tuple(RUNS * hours * VCPU for hours in (0.25, 0.5, 2)),
    ("bounded", "vCPU"): tuple(2 * count * HOURS * VCPU for count in (0, 0.25, 4)),
    ("unbounded", "vCPU"): (2 * HOURS * VCPU, 2 * HOURS * VCPU, UNBOUNDED),
    ("raw", "vCPU"): (2 * 2 * HOURS * VCPU,) * 3,
    ("half", "vCPU"): (2 * HOURS * VCPU,) * 3,
    ("seldon", "vCPU"): tuple(count * HOURS * VCPU for count in (1, 3, 5)),
    ("fed", "vCPU"): tuple(count * HOURS * VCPU for count in (1, 50.5, 100)),
}


@pytest.mark.parametrize(("name", "what"), PRICED)
def test_it_costs_what_its_pods_ask_for(bill, name, what):
    [line] = [line for line in bill.lines if line.urn.endswith(f"::{name}") and what in line.what]
    assert line.usd.triple == pytest.approx(PRICED[name, what])
    assert line.unit_price.source == "the usage file"


UNPRICED = {
    "silent": "spec.template.spec.containers[0] asks for no cpu (resources.requests.cpu is unset)",
    "tpu": "spec.template.spec.containers[0] asks for google.com/tpu, of which nobody states a price",
    "everywhere": "a DaemonSet runs on every node, and the plan does not show how many there are",
    "outside": "the plan does not show which cloud's balancer the cluster makes of it",
    "half": "spec.transformer.containers[0] asks for no cpu (resources.requests.cpu is unset)",
    "gizmo": "the bill does not know this type",
}


def test_what_has_no_price_is_listed_with_the_reason(bill):
    assert {found.urn.rpartition("::")[2]: found.reason for found in bill.unpriced} == UNPRICED


def test_without_a_nodes_price_pods_have_none_and_the_reason_says_how_to_set_it(planned):
    bill = estimate(planned, Profile("prod", Assumptions()))
    assert bill.lines == ()
    reasons = {found.reason for found in bill.unpriced if found.urn.endswith("::gpu")}
    fields = ("node_vcpu_hour_usd", "node_gib_hour_usd", "node_gpu_hour_usd")
    assert len(reasons) == len(fields)
    assert all(any(f"set {field} in the usage file" in reason for reason in reasons) for field in fields)


def test_a_price_of_nothing_says_that_nodes_are_billed_elsewhere(planned):
    bill = estimate(planned, Profile("prod", Assumptions(**dict.fromkeys(PRICES, 0.0))))
    assert bill.lines == ()
    assert any("billed elsewhere" in found.reason for found in bill.free)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("500m", 0.5),
        ("2", 2),
        (1.5, 1.5),
        ("1Gi", GIB),
        ("1.5Gi", 1.5 * GIB),
        ("512Mi", GIB / 2),
        ("1G", 1e9),
        ("1e3", 1e3),
    ],
)
def test_a_quantity_is_read(text, number):
    assert quantity(Values({"a": text}), "a") == pytest.approx(number)


@pytest.mark.parametrize("text", ["", "many", "-1", True, "1 Gi", "1gi", None])
def test_what_is_no_quantity_is_a_reason(text):
    with pytest.raises(NotPriceable):
        quantity(Values({"a": text}), "a")


@pytest.mark.parametrize(
    ("schedule", "runs"),
    [
        ("0 * * * *", 730),
        ("*/15 * * * *", 2920),
        ("0 2 * * *", RUNS),
        ("0 9-17/2 * * 1-5", 5 * RUNS * 5 / 7),
        ("0 0 1 * *", 1),
        ("0 0 1,15 * *", 2),
        ("@weekly", RUNS / 7),
        ("0 0 1 1 *", 1 / 12),
        ("0 0 * * 0,7", RUNS / 7),
        ("0 0 * * MON", None),
        ("0 0 * *", None),
        ("61 * * * *", None),
        ("*/0 * * * *", None),
    ],
)
def test_a_schedule_is_counted(schedule, runs):
    found = runs_per_month(schedule)
    assert found is None if runs is None else found == pytest.approx(runs)


def test_each_range_goes_upwards(bill):
    assert len(bill.lines) > 20
    for line in bill.lines:
        assert 0 <= line.usd.low <= line.usd.expected <= line.usd.worst
