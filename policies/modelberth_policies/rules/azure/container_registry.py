"""Azure Container Registry: known people pull, and from within the network."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, resource_rule
from modelberth_policies.rules.azure.words import says
from modelberth_policies.subject import Subject

REGISTRY = "azure-native:containerregistry:Registry"


@resource_rule(
    "acr-hardening",
    Severity.HIGH,
    Category.SUPPLY_CHAIN,
    REGISTRY,
    frameworks=("NIST AC-3",),
    anchors=(
        "CKV_AZURE_137",
        "CKV_AZURE_138",
        "CKV_AZURE_139",
        "azpol:dc921057",
        "azpol:9f2dea28",
        "azpol:0fdf0491",
    ),
    why="Who writes the registry writes what runs, and who reads it reads the models that are in it.",
    fix='Leave admin_user_enabled and anonymous_pull_enabled off; in production set public_network_access "Disabled".',
)
def acr_hardening(registry: Subject) -> Iterator[str]:
    if registry.value("adminUserEnabled", False) is not False:
        yield f"has a user whom everyone shares (adminUserEnabled is {registry.show('adminUserEnabled')})"
    if registry.limits.is_public(registry.resource.urn):
        return
    if registry.value("anonymousPullEnabled", False) is not False:
        yield f"gives images to everyone (anonymousPullEnabled is {registry.show('anonymousPullEnabled')})"
    if registry.limits.production and not says(registry, "publicNetworkAccess", "Disabled"):
        yield f"answers on the internet (publicNetworkAccess is {registry.show('publicNetworkAccess')})"


RULES = (acr_hardening,)
