"""Google Cloud types that cost nothing by themselves, and those that may cost but have no price in the catalogue."""

from collections.abc import Mapping

_GRANTED: Mapping[str, str] = {
    "artifactregistry/repository": "Iam",
    "bigquery/dataset": "Iam",
    "cloudrun/": "Iam",
    "cloudrunv2/job": "Iam",
    "cloudrunv2/service": "Iam",
    "compute/backendService": "Iam",
    "kms/cryptoKey": "IAM",
    "kms/keyRing": "IAM",
    "pubsub/topic": "IAM",
    "secretmanager/secret": "Iam",
    "storage/bucket": "IAM",
    "vertex/aiEndpoint": "Iam",
}
"""What permissions are given on, and how the provider spells the word there."""


def _grants() -> tuple[str, ...]:
    types: list[str] = []
    for owner, word in _GRANTED.items():
        module, _, name = owner.partition("/")
        for kind in ("Binding", "Member", "Policy"):
            token = f"{name}{word}{kind}"
            types.append(f"gcp:{module}/{token[0].lower()}{token[1:]}:{token[0].upper()}{token[1:]}")
    return tuple(types)


_REASONS: Mapping[str, tuple[str, ...]] = {
    "permissions and identities cost nothing": (
        *("gcp:folder", "gcp:organizations", "gcp:projects", "gcp:serviceaccount"),
        *_grants(),
        "gcp:iam/workloadIdentityPool:WorkloadIdentityPool",
        "gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider",
    ),
    "a budget costs nothing": ("gcp:billing/budget:Budget",),
    "networks and their rules cost nothing": (
        "gcp:compute/network:Network",
        "gcp:compute/subnetwork:Subnetwork",
        "gcp:compute/firewall:Firewall",
        "gcp:compute/route:Route",
        "gcp:compute/router:Router",
        "gcp:servicenetworking/connection:Connection",
    ),
    "its forwarding rule bears the cost": (
        "gcp:compute/backendService:BackendService",
        "gcp:compute/regionBackendService:RegionBackendService",
        "gcp:compute/healthCheck:HealthCheck",
        "gcp:compute/regionHealthCheck:RegionHealthCheck",
        "gcp:compute/managedSslCertificate:ManagedSslCertificate",
        "gcp:compute/sSLPolicy:SSLPolicy",
        "gcp:compute/networkEndpointGroup:NetworkEndpointGroup",
        "gcp:compute/regionNetworkEndpointGroup:RegionNetworkEndpointGroup",
        "gcp:compute/targetHttpProxy:TargetHttpProxy",
        "gcp:compute/targetHttpsProxy:TargetHttpsProxy",
        "gcp:compute/regionTargetHttpProxy:RegionTargetHttpProxy",
        "gcp:compute/regionTargetHttpsProxy:RegionTargetHttpsProxy",
        "gcp:compute/uRLMap:URLMap",
        "gcp:compute/regionUrlMap:RegionUrlMap",
    ),
    "a setting of its bucket": (
        "gcp:storage/bucketACL:BucketACL",
        "gcp:storage/bucketAccessControl:BucketAccessControl",
        "gcp:storage/defaultObjectACL:DefaultObjectACL",
        "gcp:storage/defaultObjectAccessControl:DefaultObjectAccessControl",
        "gcp:storage/notification:Notification",
    ),
    "what it stands in bears the cost": (
        "gcp:kms/keyRing:KeyRing",
        "gcp:secretmanager/secretVersion:SecretVersion",
        "gcp:storage/bucketObject:BucketObject",
    ),
    "the log bucket or the store that it writes to bears the cost": (
        "gcp:logging/projectSink:ProjectSink",
        "gcp:logging/projectExclusion:ProjectExclusion",
    ),
    "dashboards and channels cost nothing": (
        "gcp:monitoring/dashboard:Dashboard",
        "gcp:monitoring/notificationChannel:NotificationChannel",
        "gcp:monitoring/customService:CustomService",
        "gcp:monitoring/slo:Slo",
    ),
}

FREE: Mapping[str, str] = {type_: reason for reason, types in _REASONS.items() for type_ in types}
"""Type, or the module of all its types, → why."""

DECLARED: Mapping[str, str] = {
    "gcp:bigquery/dataset:Dataset": "the plan does not show what lies in the dataset, nor what is asked of it",
    "gcp:cloudrunv2/job:Job": "the plan does not show how often the job runs",
    "gcp:cloudrunv2/workerPool:WorkerPool": "the catalogue has no price of worker pools",
    "gcp:cloudscheduler/job:Job": "the catalogue has no price of Cloud Scheduler",
    "gcp:compute/instanceGroupManager:InstanceGroupManager": "the bill does not follow instance groups to templates",
    "gcp:compute/regionInstanceGroupManager:RegionInstanceGroupManager": (
        "the bill does not follow instance groups to templates"
    ),
    "gcp:compute/securityPolicy:SecurityPolicy": "the catalogue has no price of Cloud Armor",
    "gcp:compute/regionSecurityPolicy:RegionSecurityPolicy": "the catalogue has no price of Cloud Armor",
    "gcp:dns/managedZone:ManagedZone": "the catalogue has no price of a DNS zone",
    "gcp:filestore/instance:Instance": "the catalogue has no price of Filestore",
    "gcp:logging/metric:Metric": "the plan does not show how many points the metric has",
    "gcp:monitoring/alertPolicy:AlertPolicy": "the catalogue has no price of alerting",
    "gcp:monitoring/uptimeCheckConfig:UptimeCheckConfig": "the catalogue has no price of uptime checks",
    "gcp:pubsub/topic:Topic": "the catalogue has no price of Pub/Sub",
    "gcp:pubsub/subscription:Subscription": "the catalogue has no price of Pub/Sub",
    "gcp:redis/instance:Instance": "the catalogue has no price of Memorystore",
    "gcp:vertex/aiEndpoint:AiEndpoint": "the plan does not show the machines of the models that are deployed to it",
    "gcp:vertex/aiFeatureOnlineStore:AiFeatureOnlineStore": "the catalogue has no price of feature stores",
    "gcp:vertex/aiIndex:AiIndex": "the catalogue has no price of vector search",
    "gcp:vertex/aiIndexEndpoint:AiIndexEndpoint": "the catalogue has no price of vector search",
    "gcp:vpcaccess/connector:Connector": "the catalogue has no price of connectors to a VPC",
}
"""Type → why it has no price here though it may cost."""
