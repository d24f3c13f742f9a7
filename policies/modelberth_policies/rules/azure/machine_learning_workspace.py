"""Azure Machine Learning workspaces: private, under your key, and watched."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, graph_rule, resource_rule
from modelberth_policies.rules.azure.words import says
from modelberth_policies.subject import Stack, Subject
from modelberth_policies.tags import classification_of

WORKSPACE = "azure-native:machinelearningservices:Workspace"
ONLINE_ENDPOINT = "azure-native:machinelearningservices:OnlineEndpoint"
PRIVATE_ENDPOINT = "azure-native:network:PrivateEndpoint"
DIAGNOSTICS = "azure-native:monitor:DiagnosticSetting"
_CONNECTIONS = ("privateLinkServiceConnections", "manualPrivateLinkServiceConnections")


def is_project(workspace: Subject) -> bool:
    """Whether network and key are those of a hub, which is a workspace too."""
    return workspace.present("hubResourceId") and says(workspace, "kind", "Project")


def workspaces_of(part: Subject, stack: Stack) -> list[Subject]:
    """The workspace of the stack that something belongs to; none for one from elsewhere."""
    return [each for each in stack.of_type(WORKSPACE) if stack.refers(part, "workspaceName", each, "workspaceName")]


@graph_rule(
    "aml-workspace-private",
    Severity.HIGH,
    Category.SECURITY,
    WORKSPACE,
    frameworks=("NIST SC-7",),
    anchors=("CKV_AZURE_144", "CKV2_AZURE_49", "CKV_AZURE_243", "azpol:438c38d2", "azpol:45e05259"),
    why="A workspace holds every model, every key to the data and the right to run code on both.",
    fix='Set public_network_access to "Disabled", and add a network.PrivateEndpoint on the workspace.',
)
def aml_workspace_private(workspace: Subject, stack: Stack) -> Iterator[str]:
    if is_project(workspace) or workspace.limits.is_public(workspace.resource.urn):
        return
    if not says(workspace, "publicNetworkAccess", "Disabled"):
        yield f"answers on the internet (publicNetworkAccess is {workspace.show('publicNetworkAccess')})"
    if workspace.value("allowPublicAccessWhenBehindVnet", False) is not False:
        yield "answers on the internet in spite of its network (allowPublicAccessWhenBehindVnet is true)"
    if not any(_leads_to(each, workspace, stack) for each in stack.of_type(PRIVATE_ENDPOINT)):
        yield "has no private endpoint"


def _leads_to(endpoint: Subject, workspace: Subject, stack: Stack) -> bool:
    connections = (each for path in _CONNECTIONS for each in endpoint.each(path))
    return any(stack.refers(each, "privateLinkServiceId", workspace) for each in connections)


@graph_rule(
    "aml-workspace-cmk",
    Severity.MEDIUM,
    Category.SECURITY,
    WORKSPACE,
    frameworks=("NIST SC-28",),
    anchors=("azpol:ba769a63", "CKV2_AZURE_50"),
    why="With a key of your own you can see who opens models and runs, and shut them at once.",
    fix='Set encryption.status "Enabled" with key_vault_properties; for personal data also hbi_workspace.',
)
def aml_workspace_cmk(workspace: Subject, stack: Stack) -> Iterator[str]:
    """`hbiWorkspace` keeps what the service collects for its own diagnosis to the least."""
    if is_project(workspace):
        return
    key = "encryption.keyVaultProperties.keyIdentifier"
    if not says(workspace, "encryption.status", "Enabled"):
        yield f"is encrypted with a key of Microsoft's (encryption.status is {workspace.show('encryption.status')})"
    elif not workspace.present(key):
        yield f"names no key ({key} is unset)"
    if workspace.value("hbiWorkspace") is not True and classification_of(workspace, stack) == "pii":
        yield "lets Microsoft collect personal data for its own diagnosis (hbiWorkspace is not true)"


@resource_rule(
    "aml-managed-network-approved-outbound",
    Severity.HIGH,
    Category.SECURITY,
    WORKSPACE,
    frameworks=("NIST SC-7(5)",),
    anchors=("azpol:6ddb1705",),
    applies=lambda limits: limits.production,
    why="What may call any address can carry models and requests there.",
    fix='Set managed_network.isolation_mode to "AllowOnlyApprovedOutbound", with an outbound rule for each need.',
)
def aml_managed_network_approved_outbound(workspace: Subject) -> Iterator[str]:
    mode = "managedNetwork.isolationMode"
    if not is_project(workspace) and not says(workspace, mode, "AllowOnlyApprovedOutbound"):
        yield f"reaches the internet ({mode} is {workspace.show(mode)})"


@graph_rule(
    "aml-diagnostics",
    Severity.MEDIUM,
    Category.RELIABILITY,
    WORKSPACE,
    ONLINE_ENDPOINT,
    frameworks=("NIST AU-12",),
    anchors=("azpol:afe0c3be", "azpol:f59276f0"),
    why="Azure keeps no resource logs unless it is told where to put them.",
    fix="Add a monitor.DiagnosticSetting on it, with workspace_id and logs that are enabled.",
)
def aml_diagnostics(resource: Subject, stack: Stack) -> Iterator[str]:
    settings = [each for each in stack.of_type(DIAGNOSTICS) if stack.refers(each, "resourceUri", resource)]
    if not settings:
        yield "keeps no logs: it has no DiagnosticSetting"
    for setting in settings:
        if not setting.present("workspaceId"):
            yield f"sends its logs past Log Analytics ({setting.name} has no workspaceId)"
        if not any(log.value("enabled") is True for log in setting.each("logs")):
            yield f"keeps no logs: {setting.name} enables none"


RULES = (aml_workspace_private, aml_workspace_cmk, aml_managed_network_approved_outbound, aml_diagnostics)
