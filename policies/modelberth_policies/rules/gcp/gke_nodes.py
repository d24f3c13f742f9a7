"""GKE nodes: what they run as, what they vouch for, and what accelerators may cost.

A pool stands by itself (`NodePool`) or within its cluster; one that GKE makes on demand has defaults in the cluster.
"""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, resource_rule
from modelberth_policies.rules.counts import above, count, never_zero
from modelberth_policies.rules.gcp.identities import runs_as_default
from modelberth_policies.subject import Subject

CLUSTER = "gcp:container/cluster:Cluster"
NODE_POOL = "gcp:container/nodePool:NodePool"
_ON_DEMAND = "clusterAutoscaling.autoProvisioningDefaults"
_ACCELERATED = ("a2-", "a3-", "a4-", "a4x-", "g2-", "g4-", "ct")
"""Machine families that bring their GPUs or TPUs along."""


def nodes_of(resource: Subject) -> Iterator[Subject]:
    """A pool, or a cluster and the pools in it. The cluster comes first: it has what holds for all its nodes."""
    yield resource
    if resource.type == CLUSTER:
        yield from resource.each("nodePools")


def has_default_pool(nodes: Subject) -> bool:
    """Whether a cluster keeps the pool that it is born with, which takes its shape from the cluster's `nodeConfig`."""
    if nodes.value("removeDefaultNodePool") is True or nodes.value("enableAutopilot") is True:
        return False
    return not nodes.present("nodePools")


def is_cluster(nodes: Subject) -> bool:
    """Whether these are the nodes of a cluster at large, not those of one pool."""
    return nodes.type == CLUSTER and not nodes.path


@resource_rule(
    "gke-workload-identity",
    Severity.HIGH,
    Category.SECURITY,
    CLUSTER,
    NODE_POOL,
    frameworks=("CIS GKE 5.2.2",),
    anchors=("CKV_GCP_69", "org:container.managed.enableWorkloadIdentityFederation"),
    over=nodes_of,
    why="Without it every pod on a node holds the credentials of the node.",
    fix='Set workload_identity_config.workload_pool, and workload_metadata_config.mode "GKE_METADATA" on every pool.',
)
def gke_workload_identity(nodes: Subject) -> Iterator[str]:
    """Autopilot has it always on."""
    if is_cluster(nodes):
        if nodes.value("enableAutopilot") is True:
            return
        if not nodes.present("workloadIdentityConfig.workloadPool"):
            yield "gives pods no identity of their own (workloadIdentityConfig.workloadPool is unset)"
        if not has_default_pool(nodes):
            return
    mode = "nodeConfig.workloadMetadataConfig.mode"
    if nodes.text(mode) != "GKE_METADATA":
        yield f"lets pods read the node's credentials ({mode} is {nodes.show(mode)})"


@resource_rule(
    "gke-shielded-nodes",
    Severity.MEDIUM,
    Category.SECURITY,
    CLUSTER,
    NODE_POOL,
    frameworks=("CIS GKE (shielded nodes)",),
    anchors=("CKV_GCP_68", "CKV_GCP_71", "CKV_GCP_72", "GCP-0055", "org:container.managed.enableShieldedNodes"),
    over=nodes_of,
    why="A node that cannot prove how it booted can be a stranger's, with the cluster's secrets.",
    fix="Leave enable_shielded_nodes on, and set shielded_instance_config.enable_secure_boot on every pool.",
)
def gke_shielded_nodes(nodes: Subject) -> Iterator[str]:
    """Autopilot has it always on. Shielded nodes and integrity monitoring are on where left out; secure boot is not."""
    if not is_cluster(nodes):
        yield from _unshielded(nodes, "nodeConfig")
    elif nodes.value("enableAutopilot") is not True:
        if nodes.value("enableShieldedNodes", True) is not True:
            yield f"has nodes that prove nothing (enableShieldedNodes is {nodes.show('enableShieldedNodes')})"
        if has_default_pool(nodes):
            yield from _unshielded(nodes, "nodeConfig")
        if nodes.value("clusterAutoscaling.enabled") is True:
            yield from _unshielded(nodes, _ON_DEMAND)


def _unshielded(nodes: Subject, holder: str) -> Iterator[str]:
    boot = f"{holder}.shieldedInstanceConfig.enableSecureBoot"
    watch = f"{holder}.shieldedInstanceConfig.enableIntegrityMonitoring"
    if nodes.value(boot) is not True:
        yield f"boots what nobody signed ({boot} is {nodes.show(boot)})"
    if nodes.value(watch, True) is not True:
        yield f"does not watch how its nodes boot ({watch} is {nodes.show(watch)})"


@resource_rule(
    "gke-no-default-service-account",
    Severity.HIGH,
    Category.SECURITY,
    CLUSTER,
    NODE_POOL,
    frameworks=("CIS GKE (node service account)",),
    anchors=("CKV2_GCP_1", "GCP-0050", "org:container.managed.disallowDefaultComputeServiceAccount"),
    over=nodes_of,
    why="The default account is an editor of the project, and so is whoever breaks out of a pod.",
    fix="Set node_config.service_account to an account of the nodes' own, with roles for logs, metrics and images.",
)
def gke_no_default_service_account(nodes: Subject) -> Iterator[str]:
    if not is_cluster(nodes) or has_default_pool(nodes):
        yield from runs_as_default(nodes, "nodeConfig.serviceAccount")
    if not is_cluster(nodes):
        return
    if nodes.value("enableAutopilot") is True or nodes.value("clusterAutoscaling.enabled") is True:
        yield from runs_as_default(nodes, f"{_ON_DEMAND}.serviceAccount")


@resource_rule(
    "gke-gpu-pool-scale-to-zero",
    Severity.HIGH,
    Category.COST,
    CLUSTER,
    NODE_POOL,
    frameworks=("FinOps",),
    over=nodes_of,
    why="A GPU node costs as much a day as a CPU node a month, idle or not.",
    fix="Set autoscaling with a total_max_node_count; outside production also a minimum of 0, and spot.",
)
def gke_gpu_pool_scale_to_zero(nodes: Subject) -> Iterator[str]:
    if not _is_accelerated(nodes):
        return
    yield from _unbounded(nodes)
    if nodes.limits.production:
        return
    if is_cluster(nodes) or not nodes.present("autoscaling"):
        yield "has accelerators and no autoscaling, so they never go away"
    else:
        yield from never_zero(nodes, "autoscaling.minNodeCount")
        yield from never_zero(nodes, "autoscaling.totalMinNodeCount")
    if nodes.value("nodeConfig.spot") is not True and nodes.value("nodeConfig.preemptible") is not True:
        yield f"pays the full price outside production (nodeConfig.spot is {nodes.show('nodeConfig.spot')})"


def _unbounded(nodes: Subject) -> Iterator[str]:
    """All counts but `totalMaxNodeCount` are for each zone. A pool that names no count has one node.

    The pool that a cluster is born with has a fixed size.
    """
    most = nodes.limits.instances.max_count
    zones = max(1, sum(1 for _ in nodes.each("nodeLocations")))
    if is_cluster(nodes):
        if nodes.present("initialNodeCount"):
            yield from above(nodes, "initialNodeCount", most, zones)
        return
    if nodes.present("autoscaling.totalMaxNodeCount"):
        yield from above(nodes, "autoscaling.totalMaxNodeCount", most)
    elif nodes.present("autoscaling"):
        yield from above(nodes, "autoscaling.maxNodeCount", most, zones)
    for fixed in ("nodeCount", "initialNodeCount"):
        if nodes.present(fixed):
            yield from above(nodes, fixed, most, zones)


def _is_accelerated(nodes: Subject) -> bool:
    if is_cluster(nodes) and not has_default_pool(nodes):
        return False
    asked = [count(each, "count") != 0 for each in nodes.each("nodeConfig.guestAccelerators")]
    return any(asked) or nodes.text("nodeConfig.machineType").startswith(_ACCELERATED)


RULES = (gke_workload_identity, gke_shielded_nodes, gke_no_default_service_account, gke_gpu_pool_scale_to_zero)
