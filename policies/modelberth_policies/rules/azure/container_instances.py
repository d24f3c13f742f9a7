"""Azure Container Instances: within a network, with an identity, and secrets that nobody can read back."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, resource_rule
from modelberth_policies.rules.azure.words import says
from modelberth_policies.rules.credentials import credentials_in
from modelberth_policies.subject import Subject

GROUP = "azure-native:containerinstance:ContainerGroup"


def with_containers(group: Subject) -> Iterator[Subject]:
    """The group, then its containers, those that run before the others included."""
    yield group
    for path in ("containers", "initContainers"):
        yield from group.each(path)


@resource_rule(
    "aci-vnet-identity-secure-env",
    Severity.HIGH,
    Category.SECURITY,
    GROUP,
    frameworks=("NIST SC-7", "NIST IA-5"),
    anchors=("CKV_AZURE_98", "CKV_AZURE_245", "CKV2_AZURE_28", "CKV_AZURE_235", "azpol:8af8f826"),
    over=with_containers,
    why="A public address with a password in its environment is read by whoever may look at the group.",
    fix="Set subnet_ids and identity, and secure_value in place of value for each secret.",
)
def aci_vnet_identity_secure_env(part: Subject) -> Iterator[str]:
    if part.path:
        yield from credentials_in(part, "environmentVariables")
        return
    if not part.limits.is_public(part.resource.urn) and not part.present("subnetIds"):
        yield "is in no network of your own (subnetIds is unset)"
    if says(part, "identity.type", "", "None"):
        yield f"has no identity (identity.type is {part.show('identity.type')})"


RULES = (aci_vnet_identity_secure_env,)
