"""What the shared parts make is what a real API server takes, and its pods run under what the namespace demands."""

import copy

import pytest

from cluster.admission import strictly_admitted
from cluster.api import Refused
from modelberth.kubernetes.identity import ClusterToken, service_account, token_volume
from modelberth.kubernetes.manifest import Place
from modelberth.kubernetes.namespace import NamespaceShape, guard_objects, namespace_objects
from modelberth.kubernetes.network import GatewayShape, gateway_objects
from modelberth.kubernetes.peers import Dns

NEEDED = ("gateway-api", "cert-manager", "envoy-gateway", "external-secrets", "istio")


def moved(manifests, namespace):
    """The same in another namespace."""
    made = copy.deepcopy(manifests)
    for each in made:
        each["metadata"]["namespace"] = namespace
    return made


def test_all_that_the_shared_parts_make_is_admitted(api, addons, namespace, whole_objects):
    addons(*NEEDED)
    inside = [each for each in whole_objects if each["kind"] != "Namespace"]
    assert {each["kind"] for each in inside} >= {"Gateway", "ClientTrafficPolicy", "Certificate", "ExternalSecret"}
    assert strictly_admitted(api, moved(inside, namespace), namespace=namespace) == []


@pytest.mark.parametrize(
    "shape",
    [
        {"issuer": {"name": "ca", "kind": "Issuer"}, "redirect_http": True},
        {"certificate": "wildcard"},
        {"certificate": "wildcard", "minimum_tls": "1.2"},
    ],
)
def test_every_gateway_is_admitted(api, addons, namespace, shape):
    addons(*NEEDED)
    shape = GatewayShape.parse({"class_name": "eg", "hostname": "models.example.com", **shape})
    made = gateway_objects("ml", shape, Place(namespace, "ml"))
    assert strictly_admitted(api, list(made.values()), namespace=namespace) == []


@pytest.mark.parametrize(
    "identity",
    [
        {"role_arn": "arn:aws:iam::123456789012:role/models"},
        {"service_account": "models@acme-prod.iam.gserviceaccount.com"},
        {"client_id": "0f1e2d3c-0000-4000-8000-000000000000", "tenant_id": "0f1e2d3c-0000-4000-8000-000000000001"},
    ],
)
def test_every_identity_is_admitted(api, namespace, identity):
    shape = NamespaceShape.parse({"name": "models", "identity": identity})
    account = service_account(Place(namespace, "iris"), shape.identity)
    assert strictly_admitted(api, [account], namespace=namespace) == []


@pytest.fixture
def made(api, addons, namespace):
    """A namespace that is really made, with its guards."""
    addons(*NEEDED)
    name = f"{namespace}-made"
    quota = {"cpu": 2, "memory_gib": 4, "pods": 3}
    containers = {"cpu": 0.1, "memory_gib": 0.25, "most_memory_gib": 1}
    shape = NamespaceShape.parse({"name": name, "quota": quota, "containers": containers, "mesh": "ambient"})
    for each in namespace_objects("ml", shape, None).values():
        api.create(each)
    for each in guard_objects("ml", shape, Place(name, "ml"), Dns()).values():
        api.create(each)
    api.create(service_account(Place(name, "iris")))
    yield name
    api.delete("v1", "Namespace", name)


def pod(namespace, *, security=True, **container):
    secured = {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "runAsNonRoot": True,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    server = {"name": "server", "image": "server", **({"securityContext": secured} if security else {}), **container}
    spec = {"serviceAccountName": "iris", "containers": [server], "volumes": [token_volume(ClusterToken())]}
    metadata = {"name": "iris", "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def test_a_container_that_says_nothing_gets_what_the_namespace_says(api, made):
    found = api.create(pod(made), dry_run=True)
    [server] = found["spec"]["containers"]
    assert server["resources"] == {
        "limits": {"memory": "256Mi"},
        "requests": {"cpu": "100m", "memory": "256Mi"},
    }
    assert not [mount for mount in server.get("volumeMounts", []) if "serviceaccount" in mount["mountPath"]]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"security": False}, 'violates PodSecurity "restricted:latest"'),
        ({"resources": {"limits": {"memory": "2Gi"}}}, "maximum memory usage per Container is 1Gi"),
        ({"resources": {"requests": {"cpu": "3"}}}, "exceeded quota: quota"),
    ],
)
def test_a_pod_that_goes_beyond_is_refused_by_the_cluster_itself(api, made, change, said):
    with pytest.raises(Refused, match=said):
        api.create(pod(made, **change), dry_run=True)


def test_a_load_balancer_beside_the_gateway_is_refused_by_the_cluster_itself(api, made):
    spec = {"type": "LoadBalancer", "selector": {"app": "iris"}, "ports": [{"port": 80}]}
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "iris", "namespace": made}, "spec": spec}
    with pytest.raises(Refused, match="exceeded quota: quota"):
        api.create(service, dry_run=True)
