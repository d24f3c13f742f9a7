"""Shared parts that cannot be, and what is said of each: one fault, one sentence, before anything is made."""

import pytest

from modelberth.core.errors import ConfigError
from modelberth.kubernetes.foundation import KubernetesFoundationArgs
from modelberth.kubernetes.identity import ClusterToken
from modelberth.kubernetes.network import Callers
from modelberth.kubernetes.rights import Right

CLUSTER = {"kubeconfig": "kubeconfig", "context": "models"}
BASE = {"cluster": CLUSTER, "namespace": "models", "models": {"prefix": "s3://models/prod"}}
GATEWAY = {"class_name": "eg", "hostname": "models.example.com", "issuer": {"name": "letsencrypt"}}
LABEL = "string should match pattern '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'"
NAME = "string should match pattern '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$'"
INSTALL = "install it and name it there"
PLAIN = 'hand a secret Output, pulumi.Config().require_secret("…"), or name it in a store'
PULL = "kubernetes.io/dockerconfigjson"
NETWORK = "is no network: an address whose bits after the prefix are all 0"


def space(**fields):
    return {"namespace": {"name": "models", **fields}}


def door(**fields):
    return {"gateway": {**GATEWAY, **fields}, "addons": ["cert-manager", "gateway-api"]}


FOUNDATIONS = [
    ({"cluster": {"kubeconfig": "apiVersion: v1\nkind: Config", "context": "models"}},
     "ml.cluster.kubeconfig: holds a kubeconfig itself, and with it credentials; write its path, or hand a secret "
     "Output"),
    ({"cluster": {"kubeconfig": "kubeconfig"}}, "ml.cluster.context: field required"),
    ({"cluster": {**CLUSTER, "context": ""}}, "ml.cluster.context: string should have at least 1 character"),
    ({"cluster": {**CLUSTER, "dns": {"port": 0}}},
     "ml.cluster.dns.port: got 0, input should be greater than or equal to 1"),
    ({"cluster": {**CLUSTER, "dns": {"labels": {}}}},
     "ml.cluster.dns.labels: dictionary should have at least 1 item after validation, not 0"),
    ({"cluster": {**CLUSTER, "dns": {"addresses": ["169.254.20.10/16"]}}},
     f"ml.cluster.dns.addresses.0: {NETWORK}; write 169.254.0.0/16, or that address with /32 or /128"),
    (space(quota={"cpu": 0, "memory_gib": 32}), "ml.namespace: quota.cpu: got 0; must be above 0"),
    (space(quota={"cpu": 8}), "ml.namespace: quota.memory_gib: field required"),
    (space(quota={"cpu": 8, "memory_gib": float("inf")}), "ml.namespace: quota.memory_gib: got inf; must be above 0"),
    (space(quota={"cpu": 8, "memory_gib": 32, "pods": 0}),
     "ml.namespace: quota.pods: got 0, input should be greater than or equal to 1"),
    (space(quota={"cpu": 8, "memory_gib": 32, "devices": {"gpu": 1}}),
     "ml.namespace: quota.devices.gpu.[key]: is no resource of a device plugin; write one like nvidia.com/gpu"),
    (space(quota={"cpu": 8, "memory_gib": 32, "devices": {"requests.nvidia.com/gpu": 1}}),
     "ml.namespace: quota.devices.requests.nvidia.com/gpu.[key]: write nvidia.com/gpu: the quota puts requests. before "
     "it itself"),
    (space(quota={"cpu": 8, "memory_gib": 32, "devices": {"nvidia.com/gpu": -1}}),
     "ml.namespace: quota.devices.nvidia.com/gpu: got -1, input should be greater than or equal to 0"),
    (space(containers={}),
     "ml.namespace: containers: says nothing; write cpu, memory_gib or both, or leave it out"),
    (space(containers={"most_memory_gib": 4}),
     "ml.namespace: containers: most_memory_gib is given, so that who says nothing would get the most; write "
     "memory_gib too"),
    (space(containers={"memory_gib": 8, "most_memory_gib": 4}),
     "ml.namespace: containers: memory_gib is 8, allowed are most_memory_gib, 4, at most; lower it"),
    *(
        (
            space(quota={"cpu": 8, "memory_gib": 32}, **others),
            "ml.namespace: quota is given without containers.memory_gib, and a container that says nothing, as Knative "
            "puts beside each model server, would not be made; write it, 0.5 as a rule",
        )
        for others in ({}, {"containers": {"cpu": 1}})
    ),
    (space(containers={"cpu": 16}, quota={"cpu": 8, "memory_gib": 32}),
     "ml.namespace: containers.cpu is 16, and the quota of all pods together is 8; lower it, or raise quota.cpu"),
    (space(containers={"memory_gib": 1, "most_memory_gib": 64}, quota={"cpu": 8, "memory_gib": 32}),
     "ml.namespace: containers.most_memory_gib is 64, and the quota of all pods together is 32; lower it, or raise "
     "quota.memory_gib"),
    (space(labels={"pod-security.kubernetes.io/enforce": "privileged"}),
     "ml.namespace: labels: has pod-security.kubernetes.io/enforce, which Kubernetes, the mesh or this library sets; "
     "leave it out"),
    (space(labels={"istio-injection": "disabled"}),
     "ml.namespace: labels: has istio-injection, which Kubernetes, the mesh or this library sets; leave it out"),
    ({"namespace": {"name": "Models"}}, f"ml.namespace: name: {LABEL}"),
    ({"namespace": {"name": "models", "quotas": {}}},
     "ml.namespace: quotas: no such field; allowed: name, quota, containers, labels, mesh, identity, secrets; did you "
     "mean 'quota'?"),
    (space(mesh="ambient"), f"ml: namespace.mesh needs istio in the cluster; foundation.addons has none; {INSTALL}"),
    ({"namespace": {"existing": "models", "mesh": "sidecar"}, "addons": ["keda"]},
     f"ml: namespace.mesh needs istio in the cluster; foundation.addons has keda; {INSTALL}"),
    (space(mesh="linkerd"), "ml.namespace: mesh: input should be 'ambient' or 'sidecar'"),
    (space(secrets={"keys": {"values": {"token": "open sesame"}}}),
     f"ml.namespace: secrets.keys: values.token: is plain text, which would stand in files and in the state; {PLAIN}"),
    (space(secrets={"keys": {"values": {}}}),
     "ml.namespace: secrets.keys: values: dictionary should have at least 1 item after validation, not 0"),
    (space(secrets={"keys": {"store": {"name": "vault"}}}), "ml.namespace: secrets.keys: keys: field required"),
    (space(secrets={"keys": {"store": {"name": "vault"}, "keys": {"token": {"key": "t"}}}}),
     f"ml: a secret from a store needs external-secrets in the cluster; foundation.addons has none; {INSTALL}"),
    (space(secrets={"pull": {"store": {"name": "vault"}, "keys": {"config.json": {"key": "t"}}, "type": PULL}}),
     f"ml.namespace: secrets.pull: got the keys config.json, {PULL} takes one: .dockerconfigjson; rename it"),
    (space(secrets={"keys": {"store": {"name": "vault"}, "keys": {"a/b": {"key": "t"}}}}),
     "ml.namespace: secrets.keys: keys.a/b.[key]: string should match pattern '^[-._a-zA-Z0-9]+$'"),
    (space(identity={"service_account": "123456789012-compute@developer.gserviceaccount.com"}),
     "ml.namespace: identity: service_account: string should match pattern "
     r"'^[a-z][a-z0-9-]{4,28}[a-z0-9]@[a-z0-9.-]+\.iam\.gserviceaccount\.com$'"),
    (space(identity={"role_arn": "arn:aws:iam::1234:role/models"}),
     r"ml.namespace: identity: role_arn: string should match pattern '^arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+$'"),
    (space(identity={"tenant_id": "0f1e2d3c-0000-4000-8000-000000000001"}),
     "ml.namespace: identity: client_id: field required"),
    ({"gateway": GATEWAY}, f"ml: a gateway needs gateway-api in the cluster; foundation.addons has none; {INSTALL}"),
    ({"gateway": GATEWAY, "addons": ["gateway-api"]},
     f"ml: gateway.issuer needs cert-manager in the cluster; foundation.addons has gateway-api; {INSTALL}"),
    (door(minimum_tls="1.2"),
     "ml: gateway.minimum_tls needs envoy-gateway in the cluster; foundation.addons has cert-manager, gateway-api; "
     f"{INSTALL}"),
    (door(minimum_tls="1.1"), "ml.gateway: minimum_tls: input should be '1.2' or '1.3'"),
    (door(certificate="wildcard"), "ml.gateway: got both of issuer and certificate; give one of them"),
    ({"gateway": {"class_name": "eg", "hostname": "models.example.com"}},
     "ml.gateway: got neither of issuer and certificate; give one of them"),
    (door(hostname="*.example.com"), f"ml.gateway: hostname: {NAME}"),
    ({"gateway": {"name": "ml", "hostname": "models.example.com"}}, "ml.gateway: namespace: field required"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "said"), FOUNDATIONS)
def test_a_foundation_that_cannot_be_is_refused(change, said):
    with pytest.raises(ConfigError) as error:
        KubernetesFoundationArgs.parse({**BASE, **change}, "ml")
    assert str(error.value) == f"configuration: 1 fault\n  {said}"


NAMES = "allowed are get, update, patch and delete with names"
PARTS = [
    (Callers, {"cidrs": ["0.0.0.0/0"]},
     "cidrs.0: 0.0.0.0/0 is everybody; who comes from outside comes through the gateway"),
    (Callers, {"cidrs": ["::/0"]}, "cidrs.0: ::/0 is everybody; who comes from outside comes through the gateway"),
    (Callers, {"cidrs": ["10.2.3.4/16"]},
     f"cidrs.0: {NETWORK}; write 10.2.0.0/16, or that address with /32 or /128"),
    (Callers, {"cidrs": ["shop"]}, f"cidrs.0: {NETWORK}; write one like 10.0.0.0/8"),
    (Callers, {"namespaces": ["Shop"]}, f"namespaces.0: {LABEL}"),
    (Callers, {"pods": [{"namespace": "shop", "labels": {}}]},
     "pods.0.labels: dictionary should have at least 1 item after validation, not 0"),
    (ClusterToken, {"seconds": 60}, "seconds: got 60, input should be greater than or equal to 600"),
    (ClusterToken, {"seconds": 604800}, "seconds: got 604800, input should be less than or equal to 86400"),
    (ClusterToken, {"audience": "vault"},
     "audience is given and path is not: clients of Kubernetes would show it; write a path"),
    (Right, {"resources": ["*"], "verbs": ["get"]},
     "resources.0: is no kind in the plural, and stars are refused; write one like configmaps or pods/log"),
    (Right, {"resources": [], "verbs": ["get"]}, "grants nothing; name resources and verbs, or leave it out"),
    (Right, {"resources": ["pods"], "verbs": []}, "grants nothing; name resources and verbs, or leave it out"),
    (Right, {"resources": ["pods"], "verbs": ["*"]},
     "verbs.0: input should be 'get', 'list', 'watch', 'create', 'update', 'patch' or 'delete'"),
    *[(Right, {"resources": ["pods"], "verbs": [verb]},
       "verbs.0: input should be 'get', 'list', 'watch', 'create', 'update', 'patch' or 'delete'")
      for verb in ("escalate", "bind", "impersonate")],
    (Right, {"resources": ["secrets"], "verbs": ["list"]}, f"secrets: all of the namespace would be open; {NAMES}"),
    (Right, {"resources": ["secrets"], "verbs": ["get"]}, f"secrets: all of the namespace would be open; {NAMES}"),
    (Right, {"resources": ["secrets"], "verbs": ["get", "watch"], "names": ["keys"]},
     f"secrets: all of the namespace would be open; {NAMES}"),
    (Right, {"resources": ["pods/exec"], "verbs": ["get"]},
     "pods/exec: runs commands in every pod of the namespace; leave it out"),
    (Right, {"resources": ["nodes"], "verbs": ["get"]},
     "nodes are of no namespace, and a Role grants nothing on them; leave them out"),
    (Right, {"resources": ["configmaps"], "verbs": ["get", "create"], "names": ["features"]},
     "names are given, and create would go by none of them; write a right of its own for these"),
]  # fmt: skip


@pytest.mark.parametrize(("type_", "given", "said"), PARTS)
def test_a_part_that_cannot_be_is_refused(type_, given, said):
    with pytest.raises(ConfigError) as error:
        type_.parse(given)
    assert str(error.value) == f"configuration: 1 fault\n  {said}"
