"""Google Cloud's products, made with the provider's SDK so that property names are the real ones, priced by hand."""

import importlib.util
from pathlib import Path

import pulumi_gcp as gcp
import pytest
from pulumi import ResourceOptions

from modelberth_policies.bill import Assumptions, Profile, estimate
from modelberth_policies.bill.gcp import DECLARED, FREE, METERS
from modelberth_policies.sources.program import run_in_process

USE = Assumptions(
    busy_share=0.5,
    active_hours=73,
    requests=2_000_000,
    mean_ms=100,
    log_gb=10,
    s3_gb=100,
    ecr_gb=20,
    processed_gb=40,
    api_calls=100_000,
)


def services(there):
    box = {"image": "i", "resources": {"limits": {"cpu": "2", "memory": "4Gi"}}}
    gcp.cloudrunv2.Service(
        "asked",
        location="us-central1",
        template={"containers": [box], "scaling": {"max_instance_count": 3}},
        opts=there,
    )
    gcp.cloudrunv2.Service("bare", location="us-central1", template={"containers": [{"image": "i"}]}, opts=there)
    kept = {"image": "i", "resources": {"cpu_idle": False, "limits": {"cpu": "1000m", "memory": "1Gi"}}}
    scaling = {"min_instance_count": 1, "max_instance_count": 3}
    gcp.cloudrunv2.Service(
        "kept", location="europe-west3", template={"containers": [kept], "scaling": scaling}, opts=there
    )
    gcp.cloudrunv2.Service(
        "waiting", location="us-central1", template={"containers": [box], "scaling": scaling}, opts=there
    )
    notes = {"autoscaling.knative.dev/minScale": "1", "autoscaling.knative.dev/maxScale": "2"}
    gcp.cloudrun.Service(
        "first",
        location="us-central1",
        template={
            "metadata": {"annotations": {**notes, "run.googleapis.com/cpu-throttling": "false"}},
            "spec": {"containers": [{"image": "i"}]},
        },
        opts=there,
    )


def predictions(there):
    shapes = {
        "cpus": {"machine_type": "n1-standard-4"},
        "l4": {"machine_type": "g2-standard-8", "accelerator_type": "NVIDIA_L4", "accelerator_count": 1},
        "t4": {"machine_type": "n1-standard-4", "accelerator_type": "NVIDIA_TESLA_T4", "accelerator_count": 2},
        "h100": {"machine_type": "a3-highgpu-1g", "accelerator_type": "NVIDIA_H100_80GB", "accelerator_count": 1},
    }
    for name, shape in shapes.items():
        resources = {"machine_spec": shape, "min_replica_count": 1, "max_replica_count": 3}
        gcp.vertex.AiDeploymentResourcePool(name, region="us-central1", dedicated_resources=resources, opts=there)
    gcp.vertex.AiEndpointWithModelGardenDeployment(
        "garden",
        location="europe-west4",
        publisher_model_name="m",
        deploy_config={
            "dedicated_resources": {"machine_spec": {"machine_type": "n1-standard-4"}, "min_replica_count": 2}
        },
        opts=there,
    )
    gcp.vertex.AiEndpoint("endpoint", location="us-central1", display_name="e", opts=there)


def clusters(there):
    regional = gcp.container.Cluster(
        "regional", name="regional", location="us-central1", remove_default_node_pool=True, opts=there
    )
    two = ["us-central1-a", "us-central1-b"]
    gcp.container.Cluster("zonal", location="us-central1-a", initial_node_count=2, opts=there)
    gcp.container.Cluster("autopilot", location="us-central1", enable_autopilot=True, opts=there)

    def pool(name, autoscaling, config, **others):
        gcp.container.NodePool(
            name,
            cluster=regional.name,
            location="us-central1",
            autoscaling=autoscaling,
            node_config={"disk_size_gb": 50, **config},
            opts=there,
            **others,
        )

    pool("by-zone", {"min_node_count": 1, "max_node_count": 3}, {"machine_type": "n2-standard-4"})
    totals = {"total_min_node_count": 0, "total_max_node_count": 4}
    gpu = [{"type": "nvidia-l4", "count": 1}]
    pool("totals", totals, {"machine_type": "g2-standard-8", "spot": True, "guest_accelerators": gpu})
    t4 = [{"type": "nvidia-tesla-t4", "count": 2}]
    pool("old-gpu", None, {"machine_type": "n1-standard-4", "guest_accelerators": t4}, node_count=1, node_locations=two)


def others(there):
    ring = gcp.kms.KeyRing("ring", name="r", location="us-central1", opts=there)
    gcp.kms.CryptoKey("key", key_ring=ring.id, rotation_period="7776000s", opts=there)
    gcp.kms.CryptoKey("elsewhere", key_ring="projects/p/locations/europe-west3/keyRings/r", opts=there)
    gcp.storage.Bucket("bucket", location="EUROPE-WEST3", opts=there)
    gcp.storage.Bucket("multi", location="EU", opts=there)
    gcp.artifactregistry.Repository("images", format="DOCKER", repository_id="r", location="us-central1", opts=there)
    gcp.logging.ProjectBucketConfig(
        "logs", project="p", bucket_id="b", location="global", retention_days=400, opts=there
    )
    gcp.compute.ForwardingRule("rule", region="us-central1", opts=there)
    gcp.compute.GlobalForwardingRule("worldwide", target="t", opts=there)
    gcp.compute.RouterNat("nat", router="r", source_subnetwork_ip_ranges_to_nat="ALL", opts=there)
    gcp.compute.Address("spare", opts=there)
    held = gcp.compute.Address("held", opts=there)
    gcp.compute.ForwardingRule("holder", region="us-central1", ip_address=held.address, opts=there)
    gcp.compute.Instance(
        "vm",
        zone="us-central1-a",
        machine_type="n1-standard-4",
        boot_disk={"initialize_params": {"size": 100, "type": "pd-ssd"}},
        network_interfaces=[{}],
        scheduling={"provisioning_model": "SPOT"},
        opts=there,
    )
    gcp.secretmanager.Secret("secret", secret_id="s", replication={"auto": {}}, opts=there)


def program():
    there = ResourceOptions(provider=gcp.Provider("cloud", project="p", region="us-central1"))
    for make in (services, predictions, clusters, others):
        make(there)


@pytest.fixture(scope="module")
def bill():
    return estimate(run_in_process(program, "p", "prod"), Profile("prod", USE))


HOURS = 730
MONTH = HOURS * 3600
BUSY = (100_000, 200_000, 3 * MONTH)
"""Seconds: half of what is expected, that, and all instances all the time."""
PRICED = {
    ("asked", "CPU"): tuple(2 * seconds * 0.000024 for seconds in BUSY),
    ("asked", "memory"): tuple(4 * seconds * 0.0000025 for seconds in BUSY),
    ("asked", "requests"): (0.4, 0.8, 1.6),
    ("asked", "log ingestion"): (2.5, 5.0, 10.0),
    ("bare", "CPU"): tuple(seconds * 0.000024 for seconds in (100_000, 200_000, 100 * MONTH)),
    ("bare", "memory"): tuple(0.5 * seconds * 0.0000025 for seconds in (100_000, 200_000, 100 * MONTH)),
    ("kept", "CPU"): tuple(count * MONTH * 0.0000216 for count in (1, 2, 3)),
    ("kept", "memory"): tuple(count * MONTH * 0.0000024 for count in (1, 2, 3)),
    ("first", "CPU"): tuple(count * MONTH * 0.000018 for count in (1, 1.5, 2)),
    ("cpus", "n1-standard-4"): tuple(count * HOURS * 0.219 for count in (1, 2, 3)),
    ("l4", "g2-standard-8"): tuple(count * HOURS * 0.85362 * 1.15 for count in (1, 2, 3)),
    ("h100", "a3-highgpu-1g"): tuple(count * HOURS * 12.625919 for count in (1, 2, 3)),
    ("garden", "n1-standard-4"): (2 * HOURS * 0.2092 * 1.15,) * 3,
    ("regional", "cluster management"): (73.0,) * 3,
    ("zonal", "e2-medium"): (2 * HOURS * 0.03350571,) * 3,
    ("zonal", "node disks"): (2 * 100 * 0.1,) * 3,
    ("by-zone", "n2-standard-4"): tuple(count * HOURS * 0.194236 for count in (3, 6, 9)),
    ("by-zone", "node disks"): tuple(count * 50 * 0.1 for count in (3, 6, 9)),
    ("old-gpu", "n1-standard-4"): (2 * HOURS * 0.19,) * 3,
    ("key", "key versions"): (0.06, 0.06, 0.06 * 5),
    ("key", "calls"): (0.15, 0.3, 0.6),
    ("bucket", "storage"): (1.15, 2.3, 4.6),
    ("images", "storage"): (1.0, 2.0, 4.0),
    ("logs", "log ingestion"): (2.5, 5.0, 10.0),
    ("rule", "forwarding rule"): (7.3,) * 3,
    ("rule", "data"): (0.16, 0.32, 0.64),
    ("nat", "gateway"): (HOURS * 0.0448 / 32, HOURS * 0.0448, HOURS * 0.0448),
    ("nat", "data"): (0.9, 1.8, 3.6),
    ("spare", "address"): (7.3,) * 3,
    ("vm", "boot disk"): (17.0,) * 3,
    ("secret", "active version"): (0.06,) * 3,
    ("secret", "calls"): (0.15, 0.3, 0.6),
}


@pytest.mark.parametrize(("name", "what"), PRICED)
def test_it_costs_what_the_list_says(bill, name, what):
    [line] = [line for line in bill.lines if line.urn.endswith(f"::{name}") and what in line.what]
    assert line.usd.triple == pytest.approx(PRICED[name, what], rel=1e-3)


def test_a_family_that_brings_its_gpu_is_not_charged_for_it_twice(bill):
    whats = {line.what for line in bill.lines if line.urn.endswith(("::totals", "::l4"))}
    assert whats == {"g2-standard-8 spot", "pd-balanced node disks", "g2-standard-8"}
    assert not [found for found in bill.unpriced if found.urn.endswith(("::totals", "::l4"))]


def test_a_pool_that_sleeps_costs_nothing_at_least_and_its_active_hours_as_expected(bill):
    [line] = [line for line in bill.lines if line.urn.endswith("::totals") and "spot" in line.what]
    # A tenth of the month awake, then 1 + half of the way to 4.
    assert line.quantity.triple == pytest.approx((0, 0.25 * HOURS, 4 * HOURS))


NO_PRICE = "the catalogue has no price of"
UNPRICED = {
    ("waiting", f"{NO_PRICE} minimum instances that wait"),
    ("first", f"{NO_PRICE} cloud-run 'memory instance-based' in us-central1"),
    ("t4", f"{NO_PRICE} vertex-prediction 'NVIDIA_TESLA_T4' in us-central1"),
    ("old-gpu", f"{NO_PRICE} compute-engine 'nvidia-tesla-t4' in us-central1"),
    ("endpoint", "the plan does not show the machines of the models that are deployed to it"),
    ("autopilot", "Autopilot bills pods, and the plan does not show which ones run here"),
    ("elsewhere", f"{NO_PRICE} kms 'software key version' in europe-west3"),
    ("elsewhere", f"{NO_PRICE} kms 'operations' in europe-west3"),
    ("bucket", f"{NO_PRICE} requests to buckets"),
    ("multi", f"{NO_PRICE} cloud-storage 'standard storage' in eu"),
    ("multi", f"{NO_PRICE} requests to buckets"),
    ("logs", f"{NO_PRICE} keeping logs over 30 days"),
    ("worldwide", f"{NO_PRICE} load-balancing 'forwarding rule' in global"),
    ("worldwide", f"{NO_PRICE} load-balancing 'ingress data' in global"),
}


def test_what_has_no_price_is_listed_with_the_reason(bill):
    assert {(found.urn.rpartition("::")[2], found.reason) for found in bill.unpriced} == UNPRICED


def test_each_resource_is_priced_free_or_unpriced_and_each_range_goes_upwards(bill):
    plan = run_in_process(program, "p", "prod")
    seen = {found.urn for group in (bill.lines, bill.free, bill.unpriced) for found in group}
    assert {resource.urn for resource in plan if resource.custom} == seen
    for line in bill.lines:
        assert 0 <= line.usd.low <= line.usd.expected <= line.usd.worst
        assert line.formula
    assert {found.urn.rpartition("::")[2] for found in bill.free} >= {"ring", "held"}


def test_every_type_that_the_bill_names_exists():
    registered = Path(importlib.util.find_spec("pulumi_gcp").origin).read_text(encoding="utf-8")
    named = {*METERS, *DECLARED, *FREE}
    missing = [
        type_ for type_ in named if f'"{type_}"' not in registered and f'"mod": "{module_of(type_)}' not in registered
    ]
    assert missing == []


def module_of(type_):
    return type_.removeprefix("gcp:") + "/" if type_.count(":") == 1 else "\0"
