"""Azure Machine Learning online endpoints and deployments: who calls them, whom they call, and what they run."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from modelberth_policies.resources import GAP
from modelberth_policies.rule import Category, Severity, graph_rule, resource_rule
from modelberth_policies.rules.azure.machine_learning_workspace import ONLINE_ENDPOINT, workspaces_of
from modelberth_policies.rules.azure.words import says
from modelberth_policies.subject import Stack, Subject, Undeterminable, canonical

DEPLOYMENT = "azure-native:machinelearningservices:OnlineDeployment"
_ASSETS = {
    "properties.model": "azure-native:machinelearningservices:ModelVersion",
    "properties.environmentId": "azure-native:machinelearningservices:EnvironmentVersion",
}
_VERSION = re.compile(r"(?:/versions/|^azureml:[^/:@]+:)(?!latest$)[^/:@]+$")
_REGISTRY = "azureml://registries/"


@resource_rule(
    "aml-endpoint-auth-mode",
    Severity.HIGH,
    Category.SECURITY,
    ONLINE_ENDPOINT,
    frameworks=("NIST IA-2",),
    applies=lambda limits: limits.production,
    why="A key is nobody's, never expires, and works for whoever finds it.",
    fix='Set properties.auth_mode to "AADToken", or "AMLToken" on Kubernetes.',
)
def aml_endpoint_auth_mode(endpoint: Subject) -> Iterator[str]:
    if not says(endpoint, "properties.authMode", "AADToken", "AMLToken"):
        yield f"takes a key from its callers (properties.authMode is {endpoint.show('properties.authMode')})"


@resource_rule(
    "aml-endpoint-public-access",
    Severity.HIGH,
    Category.SECURITY,
    ONLINE_ENDPOINT,
    frameworks=("NIST SC-7",),
    why="A public endpoint is one leaked token away from answering everyone.",
    fix='Set properties.public_network_access to "Disabled", or declare the endpoint under `public` in the limits.',
)
def aml_endpoint_public_access(endpoint: Subject) -> Iterator[str]:
    access = "properties.publicNetworkAccess"
    if not endpoint.limits.is_public(endpoint.resource.urn) and not says(endpoint, access, "Disabled"):
        yield f"answers on the internet ({access} is {endpoint.show(access)})"


@graph_rule(
    "aml-deployment-egress",
    Severity.HIGH,
    Category.SECURITY,
    DEPLOYMENT,
    frameworks=("NIST SC-7(5)",),
    why="A model server that may call any address can carry requests there.",
    fix='Set properties.egress_public_network_access to "Disabled", or the workspace\'s managed_network.isolation_mode '
    'to "AllowOnlyApprovedOutbound".',
)
def aml_deployment_egress(deployment: Subject, stack: Stack) -> Iterator[str]:
    """In a workspace with a network of its own that network decides; on Kubernetes the cluster's does."""
    access = "properties.egressPublicNetworkAccess"
    if says(deployment, access, "Disabled") or says(deployment, "properties.endpointComputeType", "Kubernetes"):
        return
    closed = (
        says(each, "managedNetwork.isolationMode", "AllowOnlyApprovedOutbound")
        for each in workspaces_of(deployment, stack)
    )
    if not any(closed):
        yield f"reaches the internet ({access} is {deployment.show(access)})"


@resource_rule(
    "aml-deployment-model-pinned",
    Severity.HIGH,
    Category.SUPPLY_CHAIN,
    DEPLOYMENT,
    frameworks=("NIST SI-7",),
    anchors=("azpol:12e5dd16", "azpol:19539b54"),
    why="A model without a version is whatever was registered last, so what was tested is not what serves tomorrow.",
    fix="Name model and environment_id with their version (azureml://registries/NAME/models/MODEL/versions/3), from a "
    "registry that images.registries of the limits names.",
)
def aml_deployment_model_pinned(deployment: Subject) -> Iterator[str]:
    """Registries are asked for where the limits name some as `azureml://registries/NAME`."""
    allowed = [each for each in deployment.limits.images.registries if each.startswith(_REGISTRY)]
    for path, version in _ASSETS.items():
        if not deployment.present(path) or _is_made_here(deployment, path, version):
            continue
        address = deployment.text(path)
        if not _VERSION.search(address):
            if address.endswith(GAP):
                raise Undeterminable(path)
            yield f"names no version ({path} is {deployment.show(path)})"
        if allowed and not any(fnmatchcase(address, f"{each.rstrip('/')}/*") for each in allowed):
            yield f"takes {deployment.show(path)} ({path}), which is of none of {', '.join(allowed)}"


def _is_made_here(deployment: Subject, path: str, version: str) -> bool:
    """Whether it is a version that this stack registers, whose id is still unknown."""
    makers = deployment.resource.property_dependencies.get("properties", ())
    return deployment.computed(path) and any(_type_of(urn) == version for urn in makers)


def _type_of(urn: str) -> str:
    return canonical(urn.split("::")[2].rpartition("$")[2])


RULES = (
    aml_endpoint_auth_mode,
    aml_endpoint_public_access,
    aml_deployment_egress,
    aml_deployment_model_pinned,
)
