"""Who stands at the other end of a connection, as a NetworkPolicy names it: pods, namespaces, addresses. Pure.

Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/
"""

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import pulumi
from pydantic import Field

from modelberth.core.config import Config
from modelberth.kubernetes.manifest import Manifest
from modelberth.kubernetes.names import Cidr, DnsLabel, LabelKey, LabelValue, Port

NAMESPACE_NAME = "kubernetes.io/metadata.name"
"""The label that every namespace has by itself.
Source: https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-metadata-name"""

UNREACHED = ("169.254.0.0/16", "fe80::/10", "fd00:ec2::254/128")
"""Addresses that no wider network opens: link-local ones, and with them the metadata of nodes and their credentials.
Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html"""


class Pods(Config):
    """Pods of one namespace that have all of some labels."""

    namespace: DnsLabel
    """Where they are."""

    labels: Annotated[dict[LabelKey, LabelValue], Field(min_length=1)]
    """What they all carry: `{app: web}`."""


class Egress(Config):
    """Addresses that pods may reach."""

    cidr: Cidr
    """Addresses: `10.0.0.0/8`; `0.0.0.0/0` is the internet, and then the ports say all."""

    ports: Annotated[tuple[Port, ...], Field(min_length=1)] = (443,)
    """TCP ports there. Left out: 443."""


class PodEgress(Config):
    """Pods of the cluster that may be reached: a database, a registry of models."""

    namespace: DnsLabel
    """Where they are."""

    labels: dict[LabelKey, LabelValue] = Field(default_factory=dict)
    """What they all carry. Left out: all pods of the namespace."""

    ports: Annotated[tuple[Port, ...], Field(min_length=1)]
    """Their own TCP ports, which may differ from those of the Service before them: a policy sees the pod's."""


Reached = Egress | PodEgress
"""What pods may reach: addresses (`cidr`) or pods (`namespace`)."""


class Dns(Config):
    """Where pods of a cluster ask for names."""

    namespace: DnsLabel = "kube-system"
    """Where the name servers are. Left out: kube-system."""

    labels: Annotated[dict[LabelKey, LabelValue], Field(min_length=1)] = {"k8s-app": "kube-dns"}
    """What their pods carry. Left out: `k8s-app: kube-dns`, which CoreDNS keeps.
    Source: https://kubernetes.io/docs/tasks/administer-cluster/dns-debugging-resolution/"""

    port: Port = 53
    """Their port, in UDP and TCP. Left out: 53; OpenShift's is 5353."""

    addresses: tuple[Cidr, ...] = ()
    """Addresses that answer beside them, which are no pods: `169.254.20.10/32` of a cache on each node,
    `169.254.169.254/32` of Cloud DNS on GKE. Left out: none.
    Source: https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/"""


Mesh = Literal["ambient", "sidecar"]
"""How pods are in an Istio mesh: through a tunnel of their node, or each with a proxy beside it."""

AMBIENT_TUNNEL = 15008
AMBIENT_PROBES = "169.254.7.127/32"
"""Where pods of an ambient mesh are reached by one another, and from where their kubelet seems to come.
Source: https://istio.io/latest/docs/ambient/usage/networkpolicy/"""

MESH_CONTROL = PodEgress(namespace="istio-system", labels={"app": "istiod"}, ports=(15012,))
"""Where a proxy beside a pod has its certificates from.
Source: https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio"""


def tunnel_of(mesh: Mesh | None) -> tuple[int, ...]:
    """The port by which pods of a mesh are reached, whatever port is meant; who may use which, `mesh.py` says."""
    return (AMBIENT_TUNNEL,) if mesh == "ambient" else ()


def namespace_peer(namespace: pulumi.Input[str]) -> Manifest:
    """All pods of a namespace."""
    return {"namespaceSelector": {"matchLabels": {NAMESPACE_NAME: namespace}}}


def pods_peer(namespace: pulumi.Input[str], labels: Mapping[str, str]) -> Manifest:
    """Pods of a namespace; with no labels, all of it."""
    whole = namespace_peer(namespace)
    return whole if not labels else {**whole, "podSelector": {"matchLabels": dict(labels)}}


def address_peer(cidr: str) -> Manifest:
    """Addresses; a network that holds what must stay unreached leaves it out. Raises `ValueError` for no network."""
    holes = excepted(cidr)
    return {"ipBlock": {"cidr": cidr, **({"except": holes} if holes else {})}}


def excepted(cidr: str) -> list[str]:
    """What of `UNREACHED` lies in a wider network."""
    network = ipaddress.ip_network(cidr)
    return [hole for hole in UNREACHED if _inside(ipaddress.ip_network(hole), network)]


def _inside(hole: Any, network: Any) -> bool:
    return hole.version == network.version and hole != network and hole.subnet_of(network)


def tcp(ports: Sequence[int]) -> list[Manifest]:
    """Ports of a rule, each once, in order."""
    return [{"protocol": "TCP", "port": port} for port in sorted(set(ports))]


def dns_rule(dns: Dns) -> Manifest:
    """The rule of egress by which names are asked for."""
    ports = [{"protocol": protocol, "port": dns.port} for protocol in ("UDP", "TCP")]
    addresses = [{"ipBlock": {"cidr": cidr}} for cidr in dns.addresses]
    return {"to": [pods_peer(dns.namespace, dns.labels), *addresses], "ports": ports}


def egress_rule(reached: Reached, tunnel: Sequence[int] = ()) -> Manifest:
    """The rule of egress to one sort of peer. `tunnel` are the ports of a mesh, by which its pods are reached too."""
    if isinstance(reached, PodEgress):
        peer = pods_peer(reached.namespace, reached.labels)
        return {"to": [peer], "ports": tcp([*reached.ports, *tunnel])}
    return {"to": [address_peer(reached.cidr)], "ports": tcp(reached.ports)}
