"""A mesh: who may call a service is said by certificate, as its network policy says it by address."""

from modelberth.kubernetes.foundation import Foundation
from modelberth.kubernetes.manifest import Place
from modelberth.kubernetes.mesh import mesh_objects
from modelberth.kubernetes.network import Callers, Ports

PLACE = Place("models", "iris")
WHOLE = {
    "cluster": {"kubeconfig": "kubeconfig", "context": "models"},
    "namespace": "models",
    "models": {"prefix": "s3://models/prod"},
    "mesh": "sidecar",
    "gateway": {"name": "ml", "namespace": "models", "hostname": "models.example.com"},
    "prometheus": {"address": "http://prometheus.monitoring.svc:9090"},
}


def spec(callers=None, **changes):
    given = {name: value for name, value in {**WHOLE, **changes}.items() if value is not None}
    made = mesh_objects(Foundation.parse(given), PLACE, "triton", Callers.parse(callers or {}))
    return made["iris-authorization"]["spec"]


def test_without_a_mesh_there_is_nothing():
    alone = {name: value for name, value in WHOLE.items() if name != "mesh"}
    assert mesh_objects(Foundation.parse(alone), PLACE, "triton", Callers()) == {}


def test_the_gateway_and_prometheus_may_each_on_their_ports():
    assert spec()["rules"] == [
        {
            "from": [{"source": {"namespaces": ["envoy-gateway-system"]}}],
            "to": [{"operation": {"ports": ["8000", "8001"]}}],
        },
        {"from": [{"source": {"namespaces": ["monitoring"]}}], "to": [{"operation": {"ports": ["8002"]}}]},
    ]


def test_callers_are_known_by_their_namespaces_or_their_addresses():
    callers = {
        "namespaces": ["shop"],
        "pods": [{"namespace": "web", "labels": {"app": "web"}}, {"namespace": "shop", "labels": {"app": "till"}}],
        "cidrs": ["10.2.0.0/16"],
    }
    [asked, _] = spec(callers)["rules"]
    assert asked["from"] == [
        {"source": {"namespaces": ["envoy-gateway-system", "shop", "web"]}},
        {"source": {"ipBlocks": ["10.2.0.0/16"]}},
    ]


def test_where_nobody_is_named_nobody_is_let_in():
    alone = spec(gateway=None, prometheus=None)
    assert (alone["action"], alone["rules"]) == ("ALLOW", [])


def test_it_holds_for_the_pods_of_the_service():
    assert spec()["selector"] == {"matchLabels": {"app.kubernetes.io/instance": "iris"}}


def test_pods_that_answer_nowhere_are_asked_by_nobody():
    made = mesh_objects(Foundation.parse(WHOLE), PLACE, Ports(()), Callers())
    assert made["iris-authorization"]["spec"]["rules"] == []
