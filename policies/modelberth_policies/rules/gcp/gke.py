"""GKE clusters: private, encrypted, and only code that was signed for runs in them."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, resource_rule
from modelberth_policies.rules.gcp.gke_nodes import CLUSTER
from modelberth_policies.rules.parts import of_each
from modelberth_policies.subject import Subject

_NETWORKS = "masterAuthorizedNetworksConfig"


@resource_rule(
    "gke-private-cluster",
    Severity.HIGH,
    Category.SECURITY,
    CLUSTER,
    frameworks=("CIS GKE 5.6.5", "CIS GKE 5.6.3"),
    anchors=(
        "CKV_GCP_25",
        "CKV_GCP_20",
        "CKV_GCP_64",
        "GCP-0059",
        "GCP-0061",
        "org:container.managed.enablePrivateNodes",
    ),
    why="Nodes with public addresses and a control plane open to all are one leaked credential away from everyone.",
    fix="Set private_cluster_config.enable_private_nodes, and name the networks that may reach the control plane "
    "in master_authorized_networks_config.",
)
def gke_private_cluster(cluster: Subject) -> Iterator[str]:
    """A control plane without an address of its own, reached by its DNS name and IAM, has no networks to name."""
    private = "privateClusterConfig.enablePrivateNodes"
    if cluster.value(private) is not True:
        yield f"has nodes with public addresses ({private} is {cluster.show(private)})"
    if cluster.value("controlPlaneEndpointsConfig.ipEndpointsConfig.enabled") is False:
        return
    if not isinstance(cluster.value(_NETWORKS), dict):
        yield f"has a control plane that every network reaches ({_NETWORKS} is {cluster.show(_NETWORKS)})"
    if cluster.value(f"{_NETWORKS}.gcpPublicCidrsAccessEnabled") is True:
        yield "has a control plane that every machine on Google Cloud reaches (gcpPublicCidrsAccessEnabled is true)"
    yield from of_each(cluster.each(f"{_NETWORKS}.cidrBlocks"), _open)


def _open(block: Subject) -> Iterator[str]:
    if block.text("cidrBlock").endswith("/0"):
        yield f"has a control plane that every network reaches ({block.show('cidrBlock')} is authorized)"


@resource_rule(
    "gke-secrets-encryption",
    Severity.HIGH,
    Category.SECURITY,
    CLUSTER,
    frameworks=("CIS GKE (secrets encryption)",),
    anchors=("org:container.managed.enableSecretsEncryption",),
    why="Kubernetes secrets lie in etcd as plain text to whoever gets at it.",
    fix='Set database_encryption to state "ENCRYPTED" with the key_name of a key of your own.',
)
def gke_secrets_encryption(cluster: Subject) -> Iterator[str]:
    state = cluster.text("databaseEncryption.state")
    if state not in ("ENCRYPTED", "ALL_OBJECTS_ENCRYPTION_ENABLED"):
        yield f"does not encrypt its secrets (databaseEncryption.state is {cluster.show('databaseEncryption.state')})"
    elif not cluster.present("databaseEncryption.keyName"):
        yield "names no key for its secrets (databaseEncryption.keyName is unset)"


@resource_rule(
    "gke-binary-authorization",
    Severity.MEDIUM,
    Category.SUPPLY_CHAIN,
    CLUSTER,
    frameworks=("CIS GKE (binary authorization)",),
    anchors=("CKV_GCP_66", "org:container.managed.enableBinaryAuthorization"),
    applies=lambda limits: limits.production,
    why="Without it any image that someone can name runs in production.",
    fix='Set binary_authorization.evaluation_mode to "PROJECT_SINGLETON_POLICY_ENFORCE".',
)
def gke_binary_authorization(cluster: Subject) -> Iterator[str]:
    """`enabled` is the older way to write the same."""
    mode = "binaryAuthorization.evaluationMode"
    if cluster.text(mode).endswith("_ENFORCE") or cluster.value("binaryAuthorization.enabled") is True:
        return
    yield f"runs images that nobody vouched for ({mode} is {cluster.show(mode)})"


RULES = (gke_private_cluster, gke_secrets_encryption, gke_binary_authorization)
