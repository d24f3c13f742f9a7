"""Rules for Azure."""

from modelberth_policies.rule import Rule
from modelberth_policies.rules.azure import (
    aks,
    container_apps,
    container_instances,
    container_registry,
    key_vault,
    machine_learning_collection,
    machine_learning_endpoint,
    machine_learning_scale,
    machine_learning_workspace,
    network,
    storage,
)

RULES: tuple[Rule, ...] = (
    *aks.RULES,
    *machine_learning_workspace.RULES,
    *machine_learning_endpoint.RULES,
    *machine_learning_scale.RULES,
    *machine_learning_collection.RULES,
    *container_apps.RULES,
    *container_instances.RULES,
    *container_registry.RULES,
    *storage.RULES,
    *key_vault.RULES,
    *network.RULES,
)
