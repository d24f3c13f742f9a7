"""Azure types that cost nothing by themselves, and those that may cost but have no price in the catalogue."""

from collections.abc import Mapping

_REASONS: Mapping[str, tuple[str, ...]] = {
    "permissions and identities cost nothing": (
        "authorization:RoleAssignment",
        "authorization:RoleDefinition",
        "authorization:PolicyAssignment",
        "keyvault:AccessPolicy",
        "managedidentity:UserAssignedIdentity",
        "managedidentity:FederatedIdentityCredential",
    ),
    "a group of resources costs nothing": ("resources:ResourceGroup",),
    "a budget costs nothing": ("consumption:Budget",),
    "networks and their rules cost nothing": (
        "network:NetworkSecurityGroup",
        "network:PrivateDnsZoneGroup",
        "network:RouteTable",
        "network:SecurityRule",
        "network:Subnet",
        "network:VirtualNetwork",
        "privatedns:VirtualNetworkLink",
    ),
    "its gateway bears the cost": ("network:WebApplicationFirewallPolicy",),
    "its app bears the cost": ("app:ContainerAppsAuthConfig",),
    "its deployments bear the cost": (
        "machinelearningservices:OnlineEndpoint",
        "machinelearningservices:BatchEndpoint",
    ),
    "a workspace costs nothing; the storage, vault and registry that it uses are billed": (
        "machinelearningservices:Workspace",
    ),
    "an entry in a register; what it points to is billed": (
        "machinelearningservices:CodeVersion",
        "machinelearningservices:DataContainer",
        "machinelearningservices:DataVersion",
        "machinelearningservices:Datastore",
        "machinelearningservices:EnvironmentContainer",
        "machinelearningservices:EnvironmentVersion",
        "machinelearningservices:ModelContainer",
        "machinelearningservices:ModelVersion",
        "operationalinsights:SavedSearch",
    ),
    "scaling costs nothing; what it scales is billed at its maximum too": (
        "insights:AutoscaleSetting",
        "monitor:AutoscaleSetting",
    ),
    "what it sends to bears the cost": ("insights:DiagnosticSetting", "monitor:DiagnosticSetting"),
    "a group to notify costs nothing; mails to it are below a cent a month": (
        "insights:ActionGroup",
        "monitor:ActionGroup",
    ),
    "a dashboard costs nothing": ("portal:Dashboard",),
    "what it stands in bears the cost": (
        "apimanagement:Api",
        "apimanagement:ApiOperation",
        "apimanagement:ApiPolicy",
        "apimanagement:Backend",
        "apimanagement:Logger",
        "apimanagement:Product",
        "automation:Schedule",
        "keyvault:Secret",
        "storage:Blob",
        "storage:BlobContainer",
        "storage:BlobServiceProperties",
        "storage:ManagementPolicy",
    ),
}

FREE: Mapping[str, str] = {f"azure-native:{type_}": why for why, types in _REASONS.items() for type_ in types}
"""Type → why."""

_DECLARED: Mapping[str, str] = {
    "automation:AutomationAccount": "the plan does not show how long its runbooks run",
    "cdn:Profile": "the catalogue has no price of Front Door and CDN",
    "cognitiveservices:Account": "the catalogue has no price of cognitive services",
    "eventhub:Namespace": "the catalogue has no price of Event Hubs",
    "machinelearningservices:BatchDeployment": "the compute that it names is billed where it was made",
    "machinelearningservices:Job": "the plan does not show how long the job runs",
    "machinelearningservices:Schedule": "the plan does not show how long its jobs run",
    "machinelearningservices:ServerlessEndpoint": "the catalogue has no price of serverless endpoints",
    "network:AzureFirewall": "the catalogue has no price of Azure Firewall",
    "privatedns:PrivateZone": "the catalogue has no price of a private DNS zone",
    "redis:Redis": "the catalogue has no price of Azure Cache for Redis",
    "servicebus:Namespace": "the catalogue has no price of Service Bus",
    "sql:Server": "the catalogue has no price of Azure SQL",
}

DECLARED: Mapping[str, str] = {f"azure-native:{type_}": why for type_, why in _DECLARED.items()}
"""Type → why it has no price here though it may cost."""
