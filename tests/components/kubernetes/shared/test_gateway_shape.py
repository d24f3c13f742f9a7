"""The Gateway that a foundation makes: HTTPS, with a certificate, for the routes of its own namespace."""

import pytest

from modelberth.kubernetes.manifest import Place
from modelberth.kubernetes.network import GatewayShape, gateway_objects

PLACE = Place("models", "ml")
SHAPE = {"class_name": "eg", "hostname": "models.example.com", "issuer": {"name": "letsencrypt"}}


def made(**changes):
    given = {name: value for name, value in {**SHAPE, **changes}.items() if value is not None}
    return gateway_objects("ml", GatewayShape.parse(given), PLACE)


def test_it_listens_for_https_only_and_for_its_own_namespace_only():
    [listener] = made()["ml-gateway"]["spec"]["listeners"]
    assert listener == {
        "name": "https",
        "port": 443,
        "protocol": "HTTPS",
        "hostname": "models.example.com",
        "tls": {"mode": "Terminate", "certificateRefs": [{"kind": "Secret", "name": "ml-tls"}]},
        "allowedRoutes": {"namespaces": {"from": "Same"}},
    }


def test_its_certificate_is_the_one_that_the_issuer_signs_into_its_secret():
    objects = made()
    assert list(objects) == ["ml-gateway", "ml-certificate"]
    spec = objects["ml-certificate"]["spec"]
    assert spec["secretName"] == "ml-tls"
    assert spec["dnsNames"] == ["models.example.com"]
    assert spec["issuerRef"] == {"group": "cert-manager.io", "kind": "ClusterIssuer", "name": "letsencrypt"}
    assert spec["privateKey"]["rotationPolicy"] == "Always"


def test_a_certificate_that_is_there_is_used():
    objects = made(issuer=None, certificate="wildcard")
    assert list(objects) == ["ml-gateway"]
    [listener] = objects["ml-gateway"]["spec"]["listeners"]
    assert listener["tls"]["certificateRefs"] == [{"kind": "Secret", "name": "wildcard"}]


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_the_oldest_tls_is_a_policy_of_envoy_gateway(version):
    spec = made(minimum_tls=version)["ml-tls"]["spec"]
    assert spec["tls"] == {"minVersion": version}
    assert spec["targetRefs"] == [{"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "ml"}]


def test_http_is_redirected_and_nothing_else():
    objects = made(redirect_http=True)
    assert [each["name"] for each in objects["ml-gateway"]["spec"]["listeners"]] == ["https", "http"]
    route = objects["ml-redirect"]["spec"]
    assert route["parentRefs"] == [{"name": "ml", "sectionName": "http"}]
    [rule] = route["rules"]
    assert rule == {"filters": [{"type": "RequestRedirect", "requestRedirect": {"scheme": "https", "statusCode": 301}}]}


def test_its_load_balancer_can_be_an_internal_one():
    internal = {"networking.gke.io/load-balancer-type": "Internal"}
    assert made(load_balancer=internal)["ml-gateway"]["spec"]["infrastructure"] == {"annotations": internal}
    assert "infrastructure" not in made()["ml-gateway"]["spec"]


def test_routes_are_told_to_attach_to_https():
    gateway = GatewayShape.parse({**SHAPE, "pods_namespace": "edge"}).made("ml", PLACE)
    assert gateway.model_dump() == {
        "name": "ml",
        "namespace": "models",
        "hostname": "models.example.com",
        "pods_namespace": "edge",
        "listener": "https",
    }
