"""As whom pods run: without a token, unless it is declared, and at a cloud in the cloud's own words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelberth.kubernetes.foundation import Foundation
from modelberth.kubernetes.identity import (
    Aks,
    ClusterToken,
    Eks,
    Gke,
    account_annotations,
    identity_egress,
    pod_labels,
    service_account,
    token_mount,
    token_volume,
)
from modelberth.kubernetes.manifest import Place
from modelberth.kubernetes.rights import CLUSTER_WIDE, LEADS_TO_MORE, Right, rights_objects

PLACE = Place("models", "iris")
ROLE = "arn:aws:iam::123456789012:role/models/reader"
GOOGLE = "models@acme-prod.iam.gserviceaccount.com"
CLIENT, TENANT = "0f1e2d3c-0000-4000-8000-000000000000", "0f1e2d3c-0000-4000-8000-000000000001"


def test_a_service_account_has_no_token():
    made = service_account(PLACE)
    assert made["automountServiceAccountToken"] is False
    assert "annotations" not in made["metadata"]


@pytest.mark.parametrize(
    ("identity", "type_", "annotations", "labels"),
    [
        (
            {"role_arn": ROLE},
            Eks,
            {"eks.amazonaws.com/role-arn": ROLE, "eks.amazonaws.com/token-expiration": "3600"},
            {},
        ),
        ({"service_account": GOOGLE}, Gke, {"iam.gke.io/gcp-service-account": GOOGLE}, {}),
        (
            {"client_id": CLIENT},
            Aks,
            {
                "azure.workload.identity/client-id": CLIENT,
                "azure.workload.identity/service-account-token-expiration": "3600",
            },
            {"azure.workload.identity/use": "true"},
        ),
        (
            {"client_id": CLIENT, "tenant_id": TENANT},
            Aks,
            {
                "azure.workload.identity/client-id": CLIENT,
                "azure.workload.identity/tenant-id": TENANT,
                "azure.workload.identity/service-account-token-expiration": "3600",
            },
            {"azure.workload.identity/use": "true"},
        ),
    ],
)
def test_who_it_is_at_a_cloud_stands_on_the_account_and_on_the_pod(identity, type_, annotations, labels):
    cluster = {"kubeconfig": "kubeconfig", "context": "models"}
    told = {"cluster": cluster, "namespace": "models", "models": {"prefix": "s3://models/prod"}, "identity": identity}
    found = Foundation.parse(told).identity
    assert isinstance(found, type_)
    assert service_account(PLACE, found)["metadata"]["annotations"] == annotations
    assert pod_labels(found) == labels


def test_nobody_at_a_cloud_has_nothing_of_it():
    assert (account_annotations(None), pod_labels(None), identity_egress(None)) == ({}, {}, ())


def test_a_token_of_the_api_server_comes_with_what_its_clients_look_for():
    volume = token_volume(ClusterToken())
    token, authority, namespace = volume["projected"]["sources"]
    assert token == {"serviceAccountToken": {"path": "token", "expirationSeconds": 3600}}
    assert authority["configMap"]["name"] == "kube-root-ca.crt"
    assert namespace["downwardAPI"]["items"][0]["fieldRef"]["fieldPath"] == "metadata.namespace"
    assert token_mount(ClusterToken())["mountPath"] == "/var/run/secrets/kubernetes.io/serviceaccount"


def test_a_token_for_somebody_else_is_good_for_nothing_else():
    token = ClusterToken(audience="vault", seconds=600, path="/var/run/secrets/vault")
    assert token_volume(token)["projected"]["sources"] == [
        {"serviceAccountToken": {"path": "token", "expirationSeconds": 600, "audience": "vault"}}
    ]
    assert token_mount(token) == {"name": "cluster-token", "mountPath": "/var/run/secrets/vault", "readOnly": True}


def test_rights_are_of_the_own_namespace_and_for_the_own_account():
    rights = [
        Right(resources=("configmaps",), verbs=("get",), names=("features",)),
        Right(group="apps", resources=("deployments",), verbs=("list", "watch")),
    ]
    made = rights_objects(PLACE, rights)
    assert made["iris-role"]["rules"] == [
        {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"], "resourceNames": ["features"]},
        {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["list", "watch"]},
    ]
    binding = made["iris-role-binding"]
    assert binding["roleRef"] == {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "iris"}
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "iris", "namespace": "models"}]


def test_without_rights_there_is_no_role():
    assert rights_objects(PLACE, []) == {}


@given(st.sampled_from(sorted(CLUSTER_WIDE)), st.sampled_from(["get", "list", "create", "delete"]))
def test_what_is_of_no_namespace_cannot_be_granted(resource, verb):
    with pytest.raises(ValueError, match=f"{resource} are of no namespace"):
        Right(resources=(resource,), verbs=(verb,))


@given(st.sampled_from(sorted(LEADS_TO_MORE)), st.sampled_from(["create", "update", "patch", "delete"]))
def test_what_leads_to_the_rights_of_others_cannot_be_granted(resource, verb):
    with pytest.raises(ValueError, match="leave it out"):
        Right(resources=("configmaps", resource), verbs=("list", verb))


@pytest.mark.parametrize("resource", ["roles", "rolebindings"])
def test_who_may_do_what_may_be_read(resource):
    assert Right(group="rbac.authorization.k8s.io", resources=(resource,), verbs=("get", "list")).resources
