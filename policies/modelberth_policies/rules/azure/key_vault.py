"""Azure Key Vault: nothing is lost for good, and roles say who opens what."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, resource_rule
from modelberth_policies.rules.azure.words import says
from modelberth_policies.subject import Subject

VAULT = "azure-native:keyvault:Vault"


@resource_rule(
    "keyvault-hardening",
    Severity.HIGH,
    Category.SECURITY,
    VAULT,
    frameworks=("CIS Azure",),
    anchors=("CKV_AZURE_110", "CKV_AZURE_109", "CKV_AZURE_189", "AZU-0016", "AZU-0013"),
    why="A key that is purged takes its data with it, and a vault that answers all is one token away from open.",
    fix='Set properties.enable_purge_protection, enable_rbac_authorization, and network_acls.default_action "Deny".',
)
def keyvault_hardening(vault: Subject) -> Iterator[str]:
    """Soft delete is on where nobody says, and purge protection needs it."""
    for flag in ("properties.enablePurgeProtection", "properties.enableRbacAuthorization"):
        if vault.value(flag) is not True:
            does = "can lose its keys for good" if "Purge" in flag else "does not go by roles"
            yield f"{does} ({flag} is {vault.show(flag)})"
    if vault.value("properties.enableSoftDelete", True) is not True:
        yield "can lose its keys for good (properties.enableSoftDelete is false)"
    rules = "properties.networkAcls.defaultAction"
    is_closed = says(vault, "properties.publicNetworkAccess", "Disabled") or says(vault, rules, "Deny")
    if not is_closed and not vault.limits.is_public(vault.resource.urn):
        yield f"answers every network ({rules} is {vault.show(rules)})"


RULES = (keyvault_hardening,)
