"""Who may ask a model server, and whom it may reach: those who are named, on the ports that they need."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelberth.core.labels import Labels
from modelberth.kubernetes.foundation import Foundation
from modelberth.kubernetes.identity import Gke
from modelberth.kubernetes.manifest import INSTANCE, Place
from modelberth.kubernetes.network import Callers, Ports, ports_of, workload_policy
from modelberth.kubernetes.peers import Egress, PodEgress

DIGEST = "sha256:" + "1" * 64
CLUSTER = {"kubeconfig": "kubeconfig", "context": "models"}
WHOLE = {
    "cluster": CLUSTER,
    "namespace": "models",
    "models": {"prefix": "s3://models/prod", "egress": [{"cidr": "10.1.0.0/16"}]},
    "gateway": {"name": "ml", "namespace": "models", "hostname": "models.example.com"},
    "prometheus": {"address": "http://prometheus.monitoring.svc:9090"},
}
PLACE = Place("models", "iris")
DNS = {
    "to": [
        {
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
            "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
        }
    ],
    "ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}],
}


def policy(runtime="triton", callers=None, egress=(), pods=None, **changes):
    given = {name: value for name, value in {**WHOLE, **changes}.items() if value is not None}
    foundation = Foundation.parse(given)
    return workload_policy(foundation, PLACE, runtime, Callers.parse(callers or {}), egress=egress, pods=pods)["spec"]


def of(namespace, **labels):
    peer = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}}
    return {**peer, "podSelector": {"matchLabels": labels}} if labels else peer


def tcp(*ports):
    return [{"protocol": "TCP", "port": port} for port in ports]


def test_it_holds_for_all_pods_of_the_service_in_both_directions():
    spec = policy()
    assert spec["podSelector"] == {"matchLabels": {INSTANCE: "iris"}}
    assert spec["policyTypes"] == ["Ingress", "Egress"]


def test_the_pods_of_a_product_can_be_found_by_labels_of_its_own():
    own = {"serving.kserve.io/inferenceservice": "iris"}
    assert policy(pods=own)["podSelector"] == {"matchLabels": own}


def test_the_gateway_asks_on_serving_ports_and_prometheus_on_the_metrics_port():
    assert policy("triton")["ingress"] == [
        {"from": [of("envoy-gateway-system")], "ports": tcp(8000, 8001)},
        {"from": [of("monitoring")], "ports": tcp(8002)},
    ]


def test_where_nobody_is_named_nobody_may_ask():
    assert policy(gateway=None, prometheus=None)["ingress"] == []


def test_where_a_server_has_no_metrics_prometheus_may_not_ask():
    assert [rule["from"] for rule in policy("fastapi")["ingress"]] == [[of("envoy-gateway-system")]]


def test_the_management_port_is_nobodys():
    offered = {port["port"] for rule in policy("torchserve")["ingress"] for port in rule["ports"]}
    assert offered == {8080, 7070, 8082}


def test_callers_are_namespaces_pods_and_addresses():
    callers = {
        "namespaces": ["shop", "envoy-gateway-system"],
        "pods": [{"namespace": "web", "labels": {"app": "web"}}],
        "cidrs": ["10.2.0.0/16"],
    }
    [asked, _] = policy("vllm", callers)["ingress"]
    assert asked["from"] == [
        of("envoy-gateway-system"), of("shop"), of("web", app="web"), {"ipBlock": {"cidr": "10.2.0.0/16"}},
    ]  # fmt: skip
    assert asked["ports"] == tcp(8000)


def test_it_reaches_names_the_models_and_what_the_service_declares():
    declared = (PodEgress(namespace="db", ports=(5432,)), Egress(cidr="0.0.0.0/0", ports=(443,)))
    unreached = ["169.254.0.0/16"]
    assert policy(egress=declared)["egress"] == [
        DNS,
        {"to": [{"ipBlock": {"cidr": "10.1.0.0/16"}}], "ports": tcp(443)},
        {"to": [of("db")], "ports": tcp(5432)},
        {"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": unreached}}], "ports": tcp(443)},
    ]


def test_names_are_asked_for_where_the_cluster_says():
    dns = {"namespace": "openshift-dns", "labels": {"dns": "default"}, "port": 5353, "addresses": ["169.254.20.10/32"]}
    [asked, *_] = policy(cluster={**CLUSTER, "dns": dns})["egress"]
    assert asked["to"] == [of("openshift-dns", dns="default"), {"ipBlock": {"cidr": "169.254.20.10/32"}}]
    assert {port["port"] for port in asked["ports"]} == {5353}


def test_on_gke_the_token_of_the_cloud_is_fetched_from_the_node():
    identity = Gke(service_account="models@acme-prod.iam.gserviceaccount.com")
    added = [rule for rule in policy(identity=identity)["egress"] if rule not in policy()["egress"]]
    assert added == [
        {"to": [{"ipBlock": {"cidr": "169.254.169.252/32"}}], "ports": tcp(987, 988)},
        {"to": [{"ipBlock": {"cidr": "169.254.169.254/32"}}], "ports": tcp(80)},
    ]


def test_in_an_ambient_mesh_all_come_through_the_tunnel_and_probes_from_its_address():
    [gateway, prometheus, probes] = policy(mesh="ambient")["ingress"]
    assert gateway["ports"] == tcp(8000, 8001, 15008)
    assert prometheus["ports"] == tcp(8002, 15008)
    assert probes == {"from": [{"ipBlock": {"cidr": "169.254.7.127/32"}}], "ports": tcp(8000, 8001)}
    [*_, reached] = policy(mesh="ambient", egress=[PodEgress(namespace="db", ports=(5432,))])["egress"]
    assert reached["ports"] == tcp(5432, 15008)


def test_a_proxy_beside_the_pod_reaches_those_who_give_it_certificates():
    assert {"to": [of("istio-system", app="istiod")], "ports": tcp(15012)} in policy(mesh="sidecar")["egress"]


def test_a_product_may_name_ports_of_its_own():
    [asked, watched] = policy(Ports(serving=(8012, 8112), metrics=9091))["ingress"]
    assert (asked["ports"], watched["ports"]) == (tcp(8012, 8112), tcp(9091))


@pytest.mark.parametrize("mesh", [None, "ambient", "sidecar"])
def test_pods_that_answer_nowhere_are_asked_by_nobody(mesh):
    """An empty list of ports would stand for all of them."""
    assert policy(Ports(()), {"namespaces": ["shop"]}, mesh=mesh)["ingress"] == []


@pytest.mark.parametrize(
    ("runtime", "ports"),
    [
        ("serving", Ports((8080,), 8080)),
        ("triton", Ports((8000, 8001), 8002)),
        ("tensorflow-serving", Ports((8501, 8500), 8501)),
        ("flask", Ports((8080,), None)),
    ],
)
def test_ports_are_those_of_the_model_server(runtime, ports):
    assert ports_of(runtime) == ports


NAMES = st.from_regex(r"[a-z]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True)
CALLERS = st.fixed_dictionaries(
    {},
    optional={
        "namespaces": st.lists(NAMES, max_size=3),
        "pods": st.lists(st.fixed_dictionaries({"namespace": NAMES, "labels": st.just({"app": "web"})}), max_size=2),
        "cidrs": st.lists(st.sampled_from(["10.0.0.0/8", "192.168.1.0/24", "2001:db8::/32"]), max_size=2),
    },
)


@given(
    callers=CALLERS,
    gateway=st.sampled_from([None, WHOLE["gateway"]]),
    prometheus=st.sampled_from([None, WHOLE["prometheus"]]),
    mesh=st.sampled_from([None, "ambient", "sidecar"]),
    runtime=st.sampled_from(["serving", "triton", "mlserver", "fastapi"]),
)
def test_no_rule_is_for_everybody(callers, gateway, prometheus, mesh, runtime):
    """A rule without peers, or without ports, would be one for all of them."""
    spec = policy(runtime, callers, gateway=gateway, prometheus=prometheus, mesh=mesh)
    assert all(rule["from"] and rule["ports"] for rule in spec["ingress"])
    assert all(rule["to"] and rule["ports"] for rule in spec["egress"])
    asked = bool(any(callers.values()) or gateway)
    assert len(spec["ingress"]) == asked + bool(prometheus and ports_of(runtime).metrics) + (mesh == "ambient")


def test_it_carries_the_labels_of_its_service():
    labels = Labels(
        owner="search", environment="prod", cost_centre="4711", service="iris", model="iris", version="1.0.0",
        data_classification="internal",
    )  # fmt: skip
    made = workload_policy(Foundation.parse(WHOLE), Place("models", "iris", labels), "serving", Callers())
    assert made["metadata"]["labels"]["modelberth.dev/owner"] == "search"
