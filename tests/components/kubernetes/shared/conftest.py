"""A foundation with all that it can make, and what a service takes of the shared parts."""

import pulumi
import pytest
from cluster_fixtures import addons, api, cluster, namespace  # noqa: F401 - fixtures of tests with a cluster

from modelberth.kubernetes.encryption import secret_mount, secret_volume
from modelberth.kubernetes.foundation import KubernetesFoundation, place_of
from modelberth.kubernetes.identity import ClusterToken, pod_labels, service_account, token_mount, token_volume
from modelberth.kubernetes.manifest import labels_of, manifest, selector
from modelberth.kubernetes.mesh import mesh_objects
from modelberth.kubernetes.network import Callers, workload_policy
from modelberth.kubernetes.objects import create
from modelberth.kubernetes.peers import PodEgress
from modelberth.kubernetes.pods import HARDENED, hardened_pod, tmp_mount, tmp_volume
from modelberth.kubernetes.rights import Right, rights_objects
from modelberth_policies.resources import Secret
from modelberth_policies.sources.program import run_in_process

DIGEST = "sha256:" + "1" * 64
SECRET = '{"auths": {"ghcr.io": {"auth": "b3BlbiBzZXNhbWU="}}}'
CLUSTER = {"kubeconfig": "kubeconfig", "context": "models"}
SMALL = {"cluster": CLUSTER, "namespace": {"name": "models"}, "models": {"prefix": "s3://models/prod"}}
WHOLE = {
    "cluster": {**CLUSTER, "dns": {"addresses": ["169.254.20.10/32"]}},
    "namespace": {
        "name": "models",
        "quota": {"cpu": 8, "memory_gib": 32, "pods": 40, "devices": {"nvidia.com/gpu": 4}, "storage_gib": 100},
        "containers": {"cpu": 0.1, "memory_gib": 0.5, "most_memory_gib": 16},
        "labels": {"team": "ranking"},
        "mesh": "ambient",
        "identity": {"client_id": "0f1e2d3c-0000-4000-8000-000000000000"},
        "secrets": {
            "registry": {"values": {".dockerconfigjson": SECRET}, "type": "kubernetes.io/dockerconfigjson"},
            "model-credentials": {
                "store": {"name": "vault"},
                "keys": {"credentials": {"key": "prod/models", "property": "credentials", "version": "3"}},
            },
        },
    },
    "models": {"prefix": "s3://models/prod", "egress": [{"cidr": "0.0.0.0/0"}]},
    "images": {"serving": f"ghcr.io/acme/serving@{DIGEST}"},
    "addons": ["istio", "gateway-api", "cert-manager", "envoy-gateway", "external-secrets"],
    "gateway": {
        "class_name": "eg",
        "hostname": "models.example.com",
        "issuer": {"name": "letsencrypt"},
        "minimum_tls": "1.3",
        "load_balancer": {"networking.gke.io/load-balancer-type": "Internal"},
    },
    "prometheus": {"address": "http://prometheus.monitoring.svc:9090"},
    "pull_secrets": ["registry"],
    "residency": ["eu"],
    "labels": {
        "owner": "search", "environment": "prod", "cost_centre": "4711", "service": "shared", "model": "shared",
        "version": "shared", "data_classification": "internal",
    },
}  # fmt: skip


def service_on(shared, name="iris"):
    """What a service takes of the shared parts, with a pod that uses all of them."""
    place, token = place_of(shared, name, None), ClusterToken()
    callers = Callers.parse({
        "namespaces": ["shop"],
        "pods": [{"namespace": "web", "labels": {"app": "web"}}],
        "cidrs": ["10.2.0.0/16"],
    })  # fmt: skip
    rights = [
        Right(resources=("configmaps",), verbs=("get",), names=("features",)),
        Right(group="apps", resources=("deployments",), verbs=("list", "watch")),
    ]
    container = {
        "name": "server",
        "image": f"ghcr.io/acme/serving@{DIGEST}",
        "ports": [{"name": "http", "containerPort": 8080}],
        "resources": {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "1Gi"}},
        "securityContext": dict(HARDENED),
        "volumeMounts": [token_mount(token), secret_mount("keys", "/var/run/secrets/models"), tmp_mount()],
        **{f"{kind}Probe": {"httpGet": {"path": "/", "port": "http"}} for kind in ("startup", "readiness", "liveness")},
    }
    pod = {
        "serviceAccountName": name,
        "automountServiceAccountToken": False,
        "securityContext": hardened_pod(65532),
        "containers": [container],
        "volumes": [token_volume(token), secret_volume("keys", "model-credentials", ["credentials"]), tmp_volume()],
    }
    reached = [PodEgress(namespace="db", labels={"app": "features"}, ports=(5432,))]
    labels = {**labels_of(place), **pod_labels(shared.identity)}
    workload = {
        "replicas": 2,
        "selector": {"matchLabels": selector(place)},
        "template": {"metadata": {"labels": labels}, "spec": pod},
    }
    return {
        f"{name}-account": service_account(place, shared.identity),
        f"{name}-network": workload_policy(shared, place, "triton", callers, egress=reached),
        **mesh_objects(shared, place, "triton", callers),
        **rights_objects(place, rights),
        name: manifest("Deployment", name, place, spec=workload),
        f"{name}-disruption": manifest(
            "PodDisruptionBudget", name, place, spec={"maxUnavailable": 1, "selector": {"matchLabels": selector(place)}}
        ),
    }


def resolved(value):
    """Arguments in which `SECRET` is a secret Output: there are no Outputs before a program runs."""
    if value == SECRET:
        return pulumi.Output.secret(SECRET)
    return {key: resolved(item) for key, item in value.items()} if isinstance(value, dict) else value


def planned(args, *, service=False, opts=None):
    """The plan of a foundation, and of a service on it."""

    def program():
        made = KubernetesFoundation("ml", resolved(args), opts)
        if service:
            create(service_on(made.shared), pulumi.ResourceOptions(provider=made.provider))

    return run_in_process(program)


def plain(value):
    """Without the wrappers of secrets."""
    if isinstance(value, Secret):
        return plain(value.value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


@pytest.fixture(scope="session")
def plans():
    return planned


@pytest.fixture(scope="session")
def whole():
    return WHOLE


@pytest.fixture(scope="session")
def small():
    return SMALL


@pytest.fixture(scope="session")
def whole_plan():
    """All that the shared parts can make, as a plan."""
    return planned(WHOLE, service=True)


@pytest.fixture(scope="session")
def whole_objects(whole_plan):
    """The same as manifests, in the order in which they are made."""
    return [plain(each.inputs) for each in whole_plan if each.custom and "apiVersion" in each.inputs]
