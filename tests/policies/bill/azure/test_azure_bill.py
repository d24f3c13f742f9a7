"""Azure's products, made with the provider's SDK so that property names are the real ones, priced by hand."""

from pathlib import Path

import pulumi_azure_native as azure
import pytest

from modelberth_policies.bill import Assumptions, Profile, estimate
from modelberth_policies.bill.azure import DECLARED, FREE, METERS
from modelberth_policies.bill.azure.machines import size_named
from modelberth_policies.sources.program import run_in_process

USE = Assumptions(
    busy_share=0.5, active_hours=73, requests=2_000_000, log_gb=10, s3_gb=100, ecr_gb=20, processed_gb=40, api_calls=1e5
)


def machine_learning(group):
    place = {"resource_group_name": group.name, "workspace_name": "w"}

    # Of several possible shapes the SDK translates the names of none, unless it is told which one is meant.
    def deployment(name, capacity, size=None, **others):
        shape = others.pop("shape", azure.machinelearningservices.ManagedOnlineDeploymentArgs)
        kind = "Kubernetes" if "Kubernetes" in shape.__name__ else "Managed"
        return azure.machinelearningservices.OnlineDeployment(
            name,
            endpoint_name="e",
            deployment_name=name,
            properties=shape(endpoint_compute_type=kind, instance_type=size),
            sku={"name": "Default", "capacity": capacity},
            **place,
            **others,
        )

    deployment("fixed", 2, "STANDARD_DS3_V2")
    deployment("default", 1)
    deployment("west", 1, "Standard_NC4as_T4_v3", location="West Europe")
    deployment("attached", 1, shape=azure.machinelearningservices.KubernetesOnlineDeploymentArgs)
    scaled = deployment("scaled", 1, "Standard_DS3_v2")
    profile = {"name": "p", "rules": [], "capacity": {"minimum": "1", "maximum": "5", "default": "1"}}
    azure.monitor.AutoscaleSetting(
        "scaling", enabled=True, profiles=[profile], resource_group_name=group.name, target_resource_uri=scaled.id
    )

    def compute(name, kind, inner):
        properties = {"compute_type": kind, "properties": inner}
        azure.machinelearningservices.Compute(name, properties=properties, **place)

    scale = {"min_node_count": 0, "max_node_count": 4}
    compute("cluster", "AmlCompute", {"vm_size": "Standard_D4s_v3", "scale_settings": scale})
    compute("spot", "AmlCompute", {"vm_size": "Standard_D4s_v3", "scale_settings": scale, "vm_priority": "LowPriority"})
    azure.machinelearningservices.Compute(
        "person",
        properties=azure.machinelearningservices.ComputeInstanceArgs(
            compute_type="ComputeInstance",
            properties=azure.machinelearningservices.ComputeInstancePropertiesArgs(vm_size="Standard_D4s_v3"),
        ),
        **place,
    )


def containers(group):
    box = {"name": "c", "image": "i", "resources": {"cpu": 0.5, "memory": "1Gi"}}
    app = {"resource_group_name": group.name, "location": "swedencentral"}
    azure.app.ContainerApp(
        "app", template={"containers": [box], "scale": {"min_replicas": 1, "max_replicas": 3}}, **app
    )
    azure.app.ContainerApp("bare", template={"containers": [box]}, **app)
    azure.app.ManagedEnvironment("environment", **app)
    profiles = [{"name": "gpu", "workload_profile_type": "NC24-A100", "minimum_count": 1, "maximum_count": 2}]
    azure.app.ManagedEnvironment("dear", workload_profiles=profiles, **app)
    asks = {"requests": {"cpu": 2.0, "memory_in_gb": 4.0}}
    azure.containerinstance.ContainerGroup(
        "group",
        resource_group_name=group.name,
        os_type="Linux",
        containers=[{"name": "c", "image": "i", "resources": asks}],
    )


def clusters(group):
    pool = {"name": "system", "vm_size": "Standard_D4s_v5", "count": 2, "mode": "System", "os_disk_type": "Ephemeral"}
    cluster = azure.containerservice.ManagedCluster(
        "aks",
        resource_group_name=group.name,
        location="northeurope",
        sku={"name": "Base", "tier": "Standard"},
        agent_pool_profiles=[pool],
    )
    azure.containerservice.AgentPool(
        "pool",
        resource_group_name=group.name,
        resource_name_=cluster.name,
        vm_size="Standard_D4s_v5",
        enable_auto_scaling=True,
        min_count=1,
        max_count=3,
    )


def others(group):
    where = {"resource_group_name": group.name}
    seller = {"publisher_email": "a@example.com", "publisher_name": "n"}
    azure.apimanagement.ApiManagementService("api", sku={"name": "Consumption", "capacity": 0}, **seller, **where)
    azure.apimanagement.ApiManagementService("dear-api", sku={"name": "Premium", "capacity": 2}, **seller, **where)
    azure.operationalinsights.Workspace("logs", location="westeurope", retention_in_days=90, **where)
    azure.keyvault.Vault(
        "vault", properties={"tenant_id": "t", "sku": {"family": "A", "name": azure.keyvault.SkuName.STANDARD}}, **where
    )
    azure.containerregistry.Registry("basic", sku={"name": "Basic"}, **where)
    azure.containerregistry.Registry("premium", sku={"name": "Premium"}, **where)
    azure.storage.StorageAccount("store", kind="StorageV2", sku={"name": "Standard_LRS"}, **where)
    azure.network.ApplicationGateway(
        "gateway",
        sku={"name": "WAF_v2", "tier": "WAF_v2"},
        autoscale_configuration={"min_capacity": 1, "max_capacity": 3},
        **where,
    )
    azure.network.PrivateEndpoint("private", location="westus", **where)


def program():
    group = azure.resources.ResourceGroup("rg", location="eastus")
    for make in (machine_learning, containers, clusters, others):
        make(group)


@pytest.fixture(scope="module")
def bill():
    return estimate(run_in_process(program, "p", "prod"), Profile("prod", USE))


HOURS = 730
MONTH = HOURS * 3600
PRICED = {
    ("fixed", "Standard_DS3_v2"): (2 * HOURS * 0.293,) * 3,
    ("default", "Standard_F4s_v2"): (HOURS * 0.169,) * 3,
    ("west", "Standard_NC4as_T4_v3"): (HOURS * 0.658,) * 3,
    ("scaled", "Standard_DS3_v2"): tuple(count * HOURS * 0.293 for count in (1, 3, 5)),
    ("cluster", "Standard_D4s_v3"): tuple(count * HOURS * 0.192 for count in (0, 0.25, 4)),
    ("person", "Standard_D4s_v3"): (HOURS * 0.192,) * 3,
    ("app", "vCPU"): tuple(count * 0.5 * MONTH * 0.000024 for count in (1, 2, 3)),
    ("app", "memory"): tuple(count * MONTH * 0.000003 for count in (1, 2, 3)),
    ("bare", "vCPU"): tuple(count * 0.5 * MONTH * 0.000024 for count in (0, 0.55, 10)),
    ("group", "vCPU"): (2 * HOURS * 0.0405,) * 3,
    ("group", "memory"): (4 * HOURS * 0.00445,) * 3,
    ("api", "calls"): (3.5, 7.0, 14.0),
    ("logs", "log ingestion"): (14.95, 29.9, 59.8),
    ("vault", "calls"): (0.15, 0.3, 0.6),
    ("basic", "Basic registry"): (5.0,) * 3,
    ("basic", "extra storage"): (0.5, 1.0, 2.0),
    ("premium", "Premium registry"): (50.0,) * 3,
    ("gateway", "WAF_v2 gateway"): (HOURS * 0.36,) * 3,
    ("gateway", "capacity units"): tuple(units * HOURS * 0.0144 for units in (10, 10, 30)),
    ("private", "endpoint"): (7.3,) * 3,
    ("private", "data"): (0.2, 0.4, 0.8),
}


@pytest.mark.parametrize(("name", "what"), PRICED)
def test_it_costs_what_the_list_says(bill, name, what):
    [line] = [line for line in bill.lines if line.urn.endswith(f"::{name}") and what in line.what]
    assert line.usd.triple == pytest.approx(PRICED[name, what])


def region_of(bill, name):
    return {line.unit_price.region for line in bill.lines if line.urn.endswith(f"::{name}")}


def test_what_names_no_place_is_where_its_group_or_its_cluster_is(bill):
    assert region_of(bill, "fixed") == {"eastus"}
    assert region_of(bill, "west") == {"westeurope"}
    assert region_of(bill, "pool") == {"northeurope"}


def test_the_pool_of_a_cluster_and_one_of_its_own_cost_the_same_machines(bill):
    within, alone = (
        next(line for line in bill.lines if line.urn.endswith(f"::{name}") and "D4s_v5" in line.what)
        for name in ("aks", "pool")
    )
    assert within.unit_price == alone.unit_price
    assert (within.quantity.triple, alone.quantity.triple) == ((1460,) * 3, (730, 1460, 2190))


NO_PRICE = "the catalogue has no price of"
UNPRICED = {
    ("spot", f"{NO_PRICE} virtual-machines-spot 'Standard_D4s_v3' in eastus"),
    ("app", f"{NO_PRICE} container-apps 'requests' in swedencentral"),
    ("bare", f"{NO_PRICE} container-apps 'requests' in swedencentral"),
    ("dear", f"{NO_PRICE} the workload profile NC24-A100"),
    ("aks", f"{NO_PRICE} aks 'uptime SLA (Standard tier)' in northeurope"),
    ("pool", f"{NO_PRICE} managed disks"),
    ("dear-api", f"{NO_PRICE} api-management 'Premium unit' in eastus"),
    ("logs", f"{NO_PRICE} keeping logs over 31 days"),
    ("store", f"{NO_PRICE} storage 'Standard_LRS hot' in eastus"),
}


def test_what_has_no_price_is_listed_with_the_reason(bill):
    assert {(found.urn.rpartition("::")[2], found.reason) for found in bill.unpriced} == UNPRICED


def test_what_is_free_says_why(bill):
    assert {found.urn.rpartition("::")[2] for found in bill.free} == {"rg", "attached", "scaling", "environment"}


def test_each_range_goes_upwards(bill):
    assert len(bill.lines) >= 20
    for line in bill.lines:
        assert 0 <= line.usd.low <= line.usd.expected <= line.usd.worst


@pytest.mark.parametrize(
    ("written", "listed"),
    [
        ("STANDARD_DS3_V2", "Standard_DS3_v2"),
        ("standard_nc24ads_a100_v4", "Standard_NC24ads_A100_v4"),
        ("Standard_NC4as_T4_v3", "Standard_NC4as_T4_v3"),
        ("Standard_B2ms", "Standard_B2ms"),
        ("Standard_E4-2ds_v5", "Standard_E4-2ds_v5"),
    ],
)
def test_a_size_is_found_however_it_is_written(written, listed):
    assert size_named(written) == listed


@pytest.mark.parametrize("type_", sorted({*METERS, *FREE, *DECLARED}))
def test_every_type_that_the_bill_names_exists(type_):
    _, module, name = type_.split(":")
    module = "monitor" if module == "insights" else module
    sources = (Path(azure.__file__).parent / module).glob("*.py")
    assert any(
        f"azure-native:{module}:{name}'" in text or f'azure-native:{module}:{name}"' in text
        for text in (source.read_text(encoding="utf-8") for source in sources)
    )
