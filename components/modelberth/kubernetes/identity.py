"""As whom pods run: in the cluster, and at the cloud that it stands in."""

from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator

from modelberth.core.config import Config, In, one_of
from modelberth.kubernetes.manifest import Manifest, Place, manifest
from modelberth.kubernetes.peers import Egress

_UUID = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
TOKEN_SECONDS = 3600
"""How long a token at a cloud holds. The least that Azure takes, and EKS holds to a whole day by itself."""


class Eks(Config):
    """A role of AWS, for pods on EKS (IAM roles for service accounts).

    Its trust policy names the service account. Pods ask the token service of the region: name its addresses in the
    egress of the models.
    Source: https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html
    """

    role_arn: In[Annotated[str, StringConstraints(pattern=r"^arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+$")]]
    """The role's ARN."""


class Gke(Config):
    """A service account of Google Cloud, for pods on GKE (Workload Identity Federation).

    It must let the Kubernetes account be it: `roles/iam.workloadIdentityUser`.
    Source: https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity
    """

    service_account: In[
        Annotated[
            str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{4,28}[a-z0-9]@[a-z0-9.-]+\.iam\.gserviceaccount\.com$")
        ]
    ]
    """Its address. Google's default accounts are refused: they may do too much."""


class Aks(Config):
    """A managed identity of Azure, for pods on AKS (Workload ID).

    It has a federated credential for the service account. Pods ask `login.microsoftonline.com`: name its addresses in
    the egress of the models. A pod is changed only if it has the label of `pod_labels` itself.
    Source: https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html
    """

    client_id: In[Annotated[str, StringConstraints(pattern=_UUID)]]
    """The identity's client id."""

    tenant_id: In[Annotated[str, StringConstraints(pattern=_UUID)]] | None = None
    """Its tenant. Left out: the cluster's."""


WorkloadIdentity = Annotated[Eks | Gke | Aks, one_of(Eks, service_account=Gke, client_id=Aks, tenant_id=Aks)]
"""`{"role_arn": …}` on EKS, `{"service_account": …}` on GKE, `{"client_id": …}` on AKS."""


def service_account(place: Place, identity: Eks | Gke | Aks | None = None) -> Manifest:
    """The service account of one service: it has no token and no rights in the cluster. Pure.

    `identity` is whom it is at the cloud. None: nobody. It needs no token of the cluster for that: the cloud's webhook
    adds one that is good for the cloud alone, and GKE's node asks for it.
    """
    annotations = account_annotations(identity)
    return manifest("ServiceAccount", place.instance, place, annotations, automountServiceAccountToken=False)


def account_annotations(identity: Eks | Gke | Aks | None) -> dict[str, Any]:
    """The annotations of a service account that is somebody at a cloud."""
    if isinstance(identity, Eks):
        seconds = {"eks.amazonaws.com/token-expiration": str(TOKEN_SECONDS)}
        return {"eks.amazonaws.com/role-arn": identity.role_arn, **seconds}
    if isinstance(identity, Gke):
        return {"iam.gke.io/gcp-service-account": identity.service_account}
    if isinstance(identity, Aks):
        tenant = {} if identity.tenant_id is None else {"azure.workload.identity/tenant-id": identity.tenant_id}
        seconds = {"azure.workload.identity/service-account-token-expiration": str(TOKEN_SECONDS)}
        return {"azure.workload.identity/client-id": identity.client_id, **seconds, **tenant}
    return {}


def pod_labels(identity: Eks | Gke | Aks | None) -> dict[str, str]:
    """The labels that pods need beside their service account: merge them into those of the pod's template."""
    return {"azure.workload.identity/use": "true"} if isinstance(identity, Aks) else {}


def identity_egress(identity: Eks | Gke | Aks | None) -> tuple[Egress, ...]:
    """Where pods fetch the cloud's token, which their network policy must let them: the metadata server of a GKE node,
    under both of its addresses. Other clouds' are outside of the cluster.

    Source: https://cloud.google.com/kubernetes-engine/docs/how-to/network-policy#network-policy-and-workload-identity
    """
    if not isinstance(identity, Gke):
        return ()
    return Egress(cidr="169.254.169.252/32", ports=(987, 988)), Egress(cidr="169.254.169.254/32", ports=(80,))


class ClusterToken(Config):
    """A token of the service account, for pods that talk to the API server or to somebody who trusts it.

    It is good for one audience, short-lived, and renewed by the kubelet; it ends with its pod. The egress to whoever is
    asked must be declared. Source: https://kubernetes.io/docs/concepts/storage/projected-volumes/
    """

    audience: Annotated[str, StringConstraints(min_length=1)] | None = None
    """Who takes it. Left out: the API server, and then the certificate of its authority and the namespace stand beside
    it, where clients look for them."""

    seconds: Annotated[int, Field(ge=600, le=86400)] = 3600
    """How long it holds. Left out: an hour. Kubernetes takes no less than ten minutes."""

    path: Annotated[str, StringConstraints(pattern=r"^/[^:]+$")] = "/var/run/secrets/kubernetes.io/serviceaccount"
    """The folder in the container; the file is `token`. Left out: where clients of Kubernetes look."""

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if self.audience is not None and "path" not in self.model_fields_set:
            raise ValueError("audience is given and path is not: clients of Kubernetes would show it; write a path")
        return self


TOKEN_VOLUME = "cluster-token"  # noqa: S105 - the name of a volume


def token_volume(token: ClusterToken) -> Manifest:
    """The volume of a pod that has the token. Pure."""
    audience = {} if token.audience is None else {"audience": token.audience}
    sources: list[Manifest] = [
        {"serviceAccountToken": {"path": "token", "expirationSeconds": token.seconds, **audience}}
    ]
    if token.audience is None:
        authority = {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}
        namespace = {"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}
        sources += [{"configMap": authority}, {"downwardAPI": {"items": [namespace]}}]
    return {"name": TOKEN_VOLUME, "projected": {"defaultMode": 0o440, "sources": sources}}


def token_mount(token: ClusterToken) -> Manifest:
    """Where a container has it."""
    return {"name": TOKEN_VOLUME, "mountPath": token.path, "readOnly": True}
