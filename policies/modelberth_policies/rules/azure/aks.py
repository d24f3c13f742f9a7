"""AKS clusters: private, with people's own logins, walls between pods, eyes, and GPUs that go away."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, resource_rule
from modelberth_policies.rules.azure.words import is_gpu, says
from modelberth_policies.rules.counts import above, never_zero
from modelberth_policies.rules.parts import known, of_each
from modelberth_policies.subject import Subject

CLUSTER = "azure-native:containerservice:ManagedCluster"
POOL = "azure-native:containerservice:AgentPool"
_ACCESS = "apiServerAccessProfile"


@resource_rule(
    "aks-private-cluster",
    Severity.HIGH,
    Category.SECURITY,
    CLUSTER,
    frameworks=("CIS AKS 5.4.2",),
    anchors=("CKV_AZURE_115", "CKV_AZURE_6", "AZU-0065", "AZU-0041"),
    why="A control plane that is open to all is one leaked credential away from everyone.",
    fix="Set api_server_access_profile.enable_private_cluster, or name the networks in authorized_ip_ranges.",
)
def aks_private_cluster(cluster: Subject) -> Iterator[str]:
    if cluster.value(f"{_ACCESS}.enablePrivateCluster") is True:
        return
    if not cluster.present(f"{_ACCESS}.authorizedIPRanges"):
        yield f"has a control plane that every network reaches ({_ACCESS} names no networks)"
    yield from of_each(cluster.each(f"{_ACCESS}.authorizedIPRanges"), _open)


def _open(network: Subject) -> Iterator[str]:
    if known(network).endswith("/0"):
        yield f"has a control plane that every network reaches ({network.show()} is authorized)"


@resource_rule(
    "aks-entra-rbac-no-local-accounts",
    Severity.HIGH,
    Category.SECURITY,
    CLUSTER,
    frameworks=("CIS AKS 5.2.2",),
    anchors=("CKV_AZURE_141", "CKV_AZURE_5", "AZU-0042"),
    why="The local admin is nobody and everybody: a certificate that no one can revoke and no log can name.",
    fix="Set aad_profile.managed, enable_rbac and disable_local_accounts.",
)
def aks_entra_rbac_no_local_accounts(cluster: Subject) -> Iterator[str]:
    if cluster.value("enableRBAC") is not True:
        yield f"gives everyone the same rights (enableRBAC is {cluster.show('enableRBAC')})"
    if cluster.value("disableLocalAccounts") is not True:
        yield f"has a local admin (disableLocalAccounts is {cluster.show('disableLocalAccounts')})"
    if not cluster.present("aadProfile"):
        yield "does not know Entra's people (aadProfile is unset)"


@resource_rule(
    "aks-network-policy",
    Severity.MEDIUM,
    Category.SECURITY,
    CLUSTER,
    frameworks=("CIS AKS 5.4.4",),
    anchors=("CKV_AZURE_7", "AZU-0043", "pulumi:containerservice/KubernetesCluster/configureNetworkPolicy"),
    why="Without a network policy engine every pod reaches every other, and policies are written in vain.",
    fix='Set network_profile.network_policy to "cilium", "azure" or "calico".',
)
def aks_network_policy(cluster: Subject) -> Iterator[str]:
    policy = "networkProfile.networkPolicy"
    if not says(cluster, policy, "azure", "calico", "cilium"):
        yield f"enforces no network policies ({policy} is {cluster.show(policy)})"


@resource_rule(
    "aks-monitoring",
    Severity.MEDIUM,
    Category.RELIABILITY,
    CLUSTER,
    frameworks=("CIS AKS 2.1.1",),
    anchors=("CKV_AZURE_4", "AZU-0040"),
    why="What nobody watches fails unseen, and leaves no trace of why.",
    fix="Set addon_profiles omsagent with enabled and a log analytics workspace, or azure_monitor_profile.metrics.",
)
def aks_monitoring(cluster: Subject) -> Iterator[str]:
    """The add-on is written `omsagent` and `omsAgent`."""
    addons = ("addonProfiles.omsagent.enabled", "addonProfiles.omsAgent.enabled", "azureMonitorProfile.metrics.enabled")
    if not any(cluster.value(addon) is True for addon in addons):
        yield "sends neither logs nor metrics to Azure Monitor"


def pools_of(resource: Subject) -> Iterator[Subject]:
    """A pool that stands by itself, or those within a cluster."""
    if resource.type == CLUSTER:
        yield from resource.each("agentPoolProfiles")
    else:
        yield resource


@resource_rule(
    "aks-gpu-pool-scale-to-zero",
    Severity.HIGH,
    Category.COST,
    POOL,
    CLUSTER,
    frameworks=("FinOps",),
    over=pools_of,
    why="A GPU node costs as much a day as a CPU node a month, idle or not.",
    fix='Set enable_auto_scaling with a max_count; outside production also min_count 0, and scale_set_priority "Spot".',
)
def aks_gpu_pool_scale_to_zero(pool: Subject) -> Iterator[str]:
    if not is_gpu(pool.text("vmSize")):
        return
    most = pool.limits.instances.max_count
    is_scaled = pool.value("enableAutoScaling") is True
    if is_scaled or pool.present("count"):
        yield from above(pool, "maxCount" if is_scaled else "count", most)
    if pool.limits.production:
        return
    if is_scaled:
        yield from never_zero(pool, "minCount")
    else:
        yield "has accelerators and no autoscaling, so they never go away"
    if not says(pool, "scaleSetPriority", "Spot"):
        yield f"pays the full price outside production (scaleSetPriority is {pool.show('scaleSetPriority')})"


RULES = (
    aks_private_cluster,
    aks_entra_rbac_no_local_accounts,
    aks_network_policy,
    aks_monitoring,
    aks_gpu_pool_scale_to_zero,
)
