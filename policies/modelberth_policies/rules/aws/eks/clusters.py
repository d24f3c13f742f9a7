"""Clusters: who reaches the API, what is encrypted and written down, and which version is paid for."""

from collections.abc import Iterator
from ipaddress import ip_network

from modelberth_policies.clock import today
from modelberth_policies.rule import Category, Severity, resource_rule
from modelberth_policies.subject import Subject, Undeterminable
from modelberth_policies.support_dates import standard_support_ended

CLUSTER = "aws:eks/cluster:Cluster"
LOGS = ("api", "audit", "authenticator")
_NARROWEST = 8
"""Bits that a network must fix, or it is half the internet, or all of it in two halves."""


@resource_rule(
    "eks-private-endpoint",
    Severity.HIGH,
    Category.SECURITY,
    CLUSTER,
    frameworks=("FSBP EKS.1", "CIS EKS 5.4.2"),
    anchors=(
        *("CKV_AWS_38", "CKV_AWS_39", "AWS-0040", "AWS-0041", "FSBP:EKS.1"),
        "pulumi:eks/Cluster/disallowApiEndpointPublicAccess",
    ),
    why="A stolen kubeconfig, or a hole in the API server, is then of use from anywhere.",
    fix="Set endpoint_public_access to false, or public_access_cidrs to the networks that need it.",
)
def eks_private_endpoint(cluster: Subject) -> Iterator[str]:
    if cluster.limits.is_public(cluster.resource.urn):
        return
    if cluster.value("vpcConfig.endpointPublicAccess", True) is False:
        return
    networks = list(cluster.each("vpcConfig.publicAccessCidrs"))
    if not networks:
        yield "has an API that everyone reaches (vpcConfig.publicAccessCidrs is unset)"
    for network in networks:
        if _is_wide(network.value()):
            yield f"has an API that everyone in {network.show()} reaches"


def _is_wide(network: object) -> bool:
    try:
        return ip_network(str(network), strict=False).prefixlen < _NARROWEST
    except ValueError:
        return True


@resource_rule(
    "eks-secrets-encryption",
    Severity.HIGH,
    Category.SECURITY,
    CLUSTER,
    frameworks=("FSBP EKS.3",),
    anchors=("CKV_AWS_58", "AWS-0039", "FSBP:EKS.3", "pulumi:eks/Cluster/enableClusterEncryptionConfig"),
    why="Secrets lie in etcd under AWS' own key, which nobody can limit, watch or take away.",
    fix='Set encryption_config with a key of your own and resources ["secrets"].',
)
def eks_secrets_encryption(cluster: Subject) -> Iterator[str]:
    if not cluster.present("encryptionConfig.provider.keyArn"):
        yield "keeps its secrets under no key of your own (encryptionConfig.provider.keyArn is unset)"
    elif "secrets" not in [each.value() for each in cluster.each("encryptionConfig.resources")]:
        yield f"does not encrypt secrets (encryptionConfig.resources is {cluster.show('encryptionConfig.resources')})"


@resource_rule(
    "eks-control-plane-logs",
    Severity.MEDIUM,
    Category.SECURITY,
    CLUSTER,
    frameworks=("FSBP EKS.8",),
    anchors=("CKV_AWS_37", "AWS-0038", "FSBP:EKS.8"),
    why="Without them nobody can say who did what in the cluster.",
    fix='Set enabled_cluster_log_types to at least ["api", "audit", "authenticator"].',
)
def eks_control_plane_logs(cluster: Subject) -> Iterator[str]:
    known, unknown = set[object](), None
    for kind in cluster.each("enabledClusterLogTypes"):
        try:
            known.add(kind.text(""))
        except Undeterminable as undeterminable:
            unknown = undeterminable
    absent = [kind for kind in LOGS if kind not in known]
    if absent and unknown is not None:
        raise unknown
    if absent:
        yield f"writes no log of its control plane for {', '.join(absent)}"


@resource_rule(
    "eks-version-standard-support",
    Severity.MEDIUM,
    Category.COST,
    CLUSTER,
    frameworks=("FSBP EKS.2",),
    anchors=("CKV_AWS_339", "FSBP:EKS.2"),
    why="In extended support the control plane costs 0.60 instead of 0.10 USD an hour.",
    fix='Set version to one in standard support, or upgrade_policy to {"support_type": "STANDARD"} and no version.',
)
def eks_version_standard_support(cluster: Subject) -> Iterator[str]:
    """Without a version the cluster keeps the one of its first day, if its policy does not upgrade it."""
    version = cluster.value("version", "")
    if version == "":
        if cluster.value("upgradePolicy.supportType") != "STANDARD":
            yield "stays on the version of its first day until that costs six times as much (version is unset)"
        return
    ended = standard_support_ended(str(version), today())
    if ended is not None:
        since = f"whose standard support ended on {ended}" if ended else "which is no known version"
        yield f"runs Kubernetes {cluster.show('version')}, {since}"


RULES = (eks_private_endpoint, eks_secrets_encryption, eks_control_plane_logs, eks_version_standard_support)
