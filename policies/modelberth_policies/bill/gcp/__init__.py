"""How Google Cloud bills: type of resource → meter. One dict, nothing registers itself."""

from collections.abc import Mapping

from modelberth_policies.bill.gcp import cloud_run, gke, machines, network, stores, vertex_ai
from modelberth_policies.bill.gcp.free import DECLARED, FREE
from modelberth_policies.bill.item import Meter

__all__ = ["DECLARED", "FREE", "METERS"]

METERS: Mapping[str, Meter] = {
    "gcp:artifactregistry/repository:Repository": Meter("Artifact Registry", stores.repository),
    "gcp:cloudrun/service:Service": Meter("Cloud Run", cloud_run.service_v1),
    "gcp:cloudrunv2/service:Service": Meter("Cloud Run", cloud_run.service),
    "gcp:compute/address:Address": Meter("VPC", network.address),
    "gcp:compute/disk:Disk": Meter("Compute Engine", machines.disk),
    "gcp:compute/forwardingRule:ForwardingRule": Meter("Load balancing", network.forwarding_rule),
    "gcp:compute/globalAddress:GlobalAddress": Meter("VPC", network.global_address),
    "gcp:compute/globalForwardingRule:GlobalForwardingRule": Meter("Load balancing", network.global_forwarding_rule),
    "gcp:compute/instance:Instance": Meter("Compute Engine", machines.instance),
    "gcp:compute/routerNat:RouterNat": Meter("Cloud NAT", network.nat),
    "gcp:container/cluster:Cluster": Meter("GKE", gke.cluster),
    "gcp:container/nodePool:NodePool": Meter("GKE", gke.node_pool),
    "gcp:kms/cryptoKey:CryptoKey": Meter("KMS", stores.key),
    "gcp:logging/projectBucketConfig:ProjectBucketConfig": Meter("Logging", stores.log_bucket),
    "gcp:secretmanager/secret:Secret": Meter("Secret Manager", stores.secret),
    "gcp:storage/bucket:Bucket": Meter("Cloud Storage", stores.bucket),
    "gcp:vertex/aiDeploymentResourcePool:AiDeploymentResourcePool": Meter("Vertex AI", vertex_ai.pool),
    "gcp:vertex/aiEndpointWithModelGardenDeployment:AiEndpointWithModelGardenDeployment": Meter(
        "Vertex AI", vertex_ai.model_garden
    ),
}
"""Type → how it is billed."""
