"""How Azure bills: type of resource, without its API version → meter. One dict, nothing registers itself."""

from collections.abc import Callable, Iterator, Mapping

from modelberth_policies.bill.azure import aks, containers, machine_learning, machines, network, stores
from modelberth_policies.bill.azure.free import DECLARED, FREE
from modelberth_policies.bill.azure.region import placed
from modelberth_policies.bill.item import Entry, Item, Meter

__all__ = ["DECLARED", "FREE", "METERS"]

_LINES: Mapping[str, tuple[str, Callable[[Item], Iterator[Entry]]]] = {
    "apimanagement:ApiManagementService": ("API Management", stores.api_management),
    "app:ContainerApp": ("Container Apps", containers.container_app),
    "app:ManagedEnvironment": ("Container Apps", containers.managed_environment),
    "applicationinsights:Component": ("Monitor", stores.application_insights),
    "compute:VirtualMachine": ("Virtual Machines", machines.virtual_machine),
    "containerinstance:ContainerGroup": ("Container Instances", containers.container_group),
    "containerregistry:Registry": ("Container Registry", stores.registry),
    "containerregistry:Replication": ("Container Registry", stores.replication),
    "containerservice:AgentPool": ("AKS", aks.agent_pool),
    "containerservice:ManagedCluster": ("AKS", aks.cluster),
    "insights:MetricAlert": ("Monitor", stores.metric_alert),
    "insights:ScheduledQueryRule": ("Monitor", stores.query_alert),
    "keyvault:Key": ("Key Vault", stores.key),
    "keyvault:Vault": ("Key Vault", stores.vault),
    "machinelearningservices:Compute": ("Machine Learning", machine_learning.compute),
    "machinelearningservices:OnlineDeployment": ("Machine Learning", machine_learning.online_deployment),
    "monitor:MetricAlert": ("Monitor", stores.metric_alert),
    "monitor:ScheduledQueryRule": ("Monitor", stores.query_alert),
    "network:ApplicationGateway": ("Application Gateway", network.application_gateway),
    "network:LoadBalancer": ("Load balancing", network.load_balancer),
    "network:NatGateway": ("Virtual Network", network.nat_gateway),
    "network:PrivateEndpoint": ("Virtual Network", network.private_endpoint),
    "network:PublicIPAddress": ("Virtual Network", network.public_ip),
    "operationalinsights:Workspace": ("Log Analytics", stores.log_workspace),
    "storage:StorageAccount": ("Storage", stores.storage_account),
}

METERS: Mapping[str, Meter] = {
    f"azure-native:{type_}": Meter(product, placed(lines)) for type_, (product, lines) in _LINES.items()
}
"""Type → how it is billed."""
