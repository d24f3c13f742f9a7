"""Gateways through which requests come, and who may talk to whom."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from modelberth.core.config import Config, In
from modelberth.kubernetes.encryption import Issuer, certificate
from modelberth.kubernetes.identity import identity_egress
from modelberth.kubernetes.manifest import Manifest, Place, manifest, selector
from modelberth.kubernetes.names import Cidr, DnsLabel, DnsName, LabelKey
from modelberth.kubernetes.peers import (
    AMBIENT_PROBES,
    MESH_CONTROL,
    Pods,
    Reached,
    address_peer,
    dns_rule,
    egress_rule,
    namespace_peer,
    pods_peer,
    tcp,
    tunnel_of,
)
from modelberth.runtimes import load

if TYPE_CHECKING:
    from modelberth.kubernetes.foundation import Foundation

HTTPS, HTTP = "https", "http"
"""Names of a Gateway's listeners."""


class Gateway(Config):
    """A Gateway (Gateway API) that is there."""

    name: DnsName
    """Its name."""

    namespace: In[DnsLabel]
    """Where it is."""

    hostname: DnsName
    """The host name under which services are reached: `models.example.com`."""

    pods_namespace: DnsLabel = "envoy-gateway-system"
    """Where its pods are: they alone may ask model servers. Left out: envoy-gateway-system."""

    listener: DnsName | None = None
    """The HTTPS listener that routes attach to, by its name. Left out: all of them, so that a route may be answered in
    clear text where one of them is HTTP; a service with keys or tokens is then refused."""


class GatewayShape(Config):
    """A Gateway that is made: HTTPS only, for the routes of its own namespace only."""

    class_name: DnsName
    """The GatewayClass of the controller: `eg`."""

    hostname: DnsName
    """The host name that it listens for."""

    issuer: Issuer | None = None
    """Who signs its certificate: `{"name": "letsencrypt"}`, an ACME one by DNS-01. Left out: the one in `certificate`
    is there already."""

    certificate: DnsName | None = None
    """A Secret in the namespace with a certificate and its key. Left out: `issuer` signs one."""

    minimum_tls: Literal["1.2", "1.3"] | None = None
    """The oldest TLS that is spoken. The Gateway API has no word for it, so it needs the add-on envoy-gateway. Left
    out: what the controller holds to; Envoy Gateway, to 1.2.
    Source: github.com/envoyproxy/gateway@v1.6.0:api/v1alpha1/tls_types.go"""

    redirect_http: bool = False
    """Whether port 80 answers too, with nothing but a redirection to HTTPS. Left out: no; who asks in clear text has
    told his key already. The rule `k8s-ingress-tls` wants a reason for it."""

    load_balancer: dict[LabelKey, str] = Field(default_factory=dict)
    """Annotations of the load balancer before it: the words with which a cloud makes it an internal one. Left out:
    whatever the controller makes, which mostly is reached from everywhere."""

    pods_namespace: DnsLabel = "envoy-gateway-system"
    """Where its controller runs its pods. Left out: envoy-gateway-system. A controller that runs them beside the
    Gateway (Istio's) is cut off by the namespace's default-deny policy: make that Gateway elsewhere and give it as it
    is."""

    @model_validator(mode="after")
    def _one_certificate(self) -> Self:
        if (self.issuer is None) == (self.certificate is None):
            got = "neither" if self.issuer is None else "both"
            raise ValueError(f"got {got} of issuer and certificate; give one of them")
        return self

    def made(self, name: str, place: Place) -> Gateway:
        """The Gateway that `gateway_objects` makes."""
        return Gateway(
            name=name,
            namespace=place.namespace,
            hostname=self.hostname,
            pods_namespace=self.pods_namespace,
            listener=HTTPS,
        )


def gateway_objects(name: str, shape: GatewayShape, place: Place) -> dict[str, Manifest]:
    """Resource name to object. Pure."""
    objects = {f"{name}-gateway": manifest("Gateway", name, place, spec=_gateway(name, shape))}
    if shape.issuer is not None:
        objects[f"{name}-certificate"] = certificate(_secret(name), place, [shape.hostname], shape.issuer)
    if shape.minimum_tls is not None:
        objects[f"{name}-tls"] = manifest("ClientTrafficPolicy", name, place, spec=_minimum_tls(name, shape))
    if shape.redirect_http:
        objects[f"{name}-redirect"] = manifest("HTTPRoute", f"{name}-redirect", place, spec=_redirect(name, shape))
    return objects


def _secret(name: str) -> str:
    return f"{name}-tls"


def _gateway(name: str, shape: GatewayShape) -> Manifest:
    """Source: https://gateway-api.sigs.k8s.io/reference/spec/#gatewayspec"""
    keys = [{"kind": "Secret", "name": shape.certificate or _secret(name)}]
    secure = {"name": HTTPS, "port": 443, "protocol": "HTTPS", "tls": {"mode": "Terminate", "certificateRefs": keys}}
    listeners = [secure, *([{"name": HTTP, "port": 80, "protocol": "HTTP"}] if shape.redirect_http else [])]
    routes = {"allowedRoutes": {"namespaces": {"from": "Same"}}, "hostname": shape.hostname}
    annotations = {"infrastructure": {"annotations": dict(shape.load_balancer)}} if shape.load_balancer else {}
    return {
        "gatewayClassName": shape.class_name,
        "listeners": [{**each, **routes} for each in listeners],
        **annotations,
    }


def _minimum_tls(name: str, shape: GatewayShape) -> Manifest:
    target = {"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": name}
    return {"targetRefs": [target], "tls": {"minVersion": shape.minimum_tls}}


def _redirect(name: str, shape: GatewayShape) -> Manifest:
    told = {"type": "RequestRedirect", "requestRedirect": {"scheme": "https", "statusCode": 301}}
    parent = {"name": name, "sectionName": HTTP}
    return {"parentRefs": [parent], "hostnames": [shape.hostname], "rules": [{"filters": [told]}]}


def _some(cidr: str) -> str:
    if cidr.endswith("/0"):
        raise ValueError(f"{cidr} is everybody; who comes from outside comes through the gateway")
    return cidr


class Callers(Config):
    """Who in the cluster may ask a model server, beside the gateway and Prometheus."""

    namespaces: tuple[DnsLabel, ...] = ()
    """Namespaces of which every pod may. Left out: none."""

    pods: tuple[Pods, ...] = ()
    """Pods that may, by their labels: `{"namespace": "shop", "labels": {"app": "web"}}`. Left out: none."""

    cidrs: tuple[Annotated[Cidr, AfterValidator(_some)], ...] = ()
    """Addresses that may, where the network keeps the address of who asks: `10.2.0.0/16`. Left out: none."""


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of a pod, as its containers have them: a policy is asked before a Service's port is translated."""

    serving: tuple[int, ...]
    """Where it answers. Empty: nobody asks it."""

    metrics: int | None = None
    """Where Prometheus reads. None: it reads nothing. It may be a serving port too; then Prometheus could ask the
    model, because a policy knows ports and no paths."""


UNKNOWN_PORT = 8080
"""Where a server listens that does not say it, as with probes."""


def ports_of(runtime: str) -> Ports:
    """The ports of a model server. Its `management` port is nobody's."""
    found = load(runtime)
    serving = tuple(found.ports[name] for name in ("http", "grpc") if name in found.ports)
    metrics = None if found.metrics is None else found.ports[found.metrics.port]
    return Ports(serving or (UNKNOWN_PORT,), metrics)


def workload_policy(
    foundation: "Foundation",
    place: Place,
    runtime: str | Ports,
    callers: Callers,
    *,
    egress: Sequence[Reached] = (),
    pods: Mapping[str, str] | None = None,
) -> Manifest:
    """The NetworkPolicy of one service: who may ask its pods, and whom they may reach. Pure.

    `runtime` is a model server, or the ports of a product's own. `egress` is what the service reaches besides names and
    the models. `pods` are the labels that find its pods. None: `selector(place)`.
    Only the container that fetches a model needs to reach the models, but a policy holds for a whole pod and for its
    whole life: the server could reach them too. With an OCI store the node fetches, and no pod needs to.
    """
    ports = runtime if isinstance(runtime, Ports) else ports_of(runtime)
    spec = {
        "podSelector": {"matchLabels": dict(pods) if pods is not None else selector(place)},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": list(_ingress(foundation, ports, callers)),
        "egress": list(_egress(foundation, egress)),
    }
    return manifest("NetworkPolicy", place.instance, place, spec=spec)


def _ingress(foundation: "Foundation", ports: Ports, callers: Callers) -> Iterator[Manifest]:
    """A rule without peers would be one for everybody, one without ports for all of them: there are none of these."""
    mesh = foundation.mesh
    peers = list(_askers(foundation, callers))
    if peers and ports.serving:
        yield {"from": peers, "ports": tcp([*ports.serving, *tunnel_of(mesh)])}
    if foundation.prometheus is not None and ports.metrics is not None:
        watcher = namespace_peer(foundation.prometheus.namespace)
        yield {"from": [watcher], "ports": tcp([ports.metrics, *tunnel_of(mesh)])}
    if mesh == "ambient" and ports.serving:
        yield {"from": [{"ipBlock": {"cidr": AMBIENT_PROBES}}], "ports": tcp(ports.serving)}


def _askers(foundation: "Foundation", callers: Callers) -> Iterator[Manifest]:
    gateway = [] if foundation.gateway is None else [foundation.gateway.pods_namespace]
    yield from (namespace_peer(each) for each in dict.fromkeys([*gateway, *callers.namespaces]))
    yield from (pods_peer(each.namespace, each.labels) for each in callers.pods)
    yield from (address_peer(cidr) for cidr in callers.cidrs)


def _egress(foundation: "Foundation", exceptions: Sequence[Reached]) -> Iterator[Manifest]:
    yield dns_rule(foundation.cluster.dns)
    control = (MESH_CONTROL,) if foundation.mesh == "sidecar" else ()
    for reached in (*foundation.models.egress, *identity_egress(foundation.identity), *control, *exceptions):
        yield egress_rule(reached, tunnel_of(foundation.mesh))
