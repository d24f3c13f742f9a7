"""Mutual TLS, where a mesh is declared (Istio): nobody in clear text, and only who is named. Pure.

The gateway's pods and Prometheus must be in the mesh too, or they are refused: they have no certificate of it.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from modelberth.kubernetes.manifest import Manifest, Place, manifest, selector
from modelberth.kubernetes.network import Callers, Ports, ports_of
from modelberth.kubernetes.peers import Mesh

if TYPE_CHECKING:
    from modelberth.kubernetes.foundation import Foundation

NAMESPACE_LABELS = {
    "ambient": {"istio.io/dataplane-mode": "ambient"},
    "sidecar": {"istio-injection": "enabled"},
}
"""What brings the pods of a namespace into the mesh. With `sidecar` the cluster must have Istio's CNI agent, because
the restricted Pod Security Standard admits no proxy that sets up its network by itself.
Source: https://istio.io/latest/docs/setup/additional-setup/cni/"""


def namespace_labels(mesh: Mesh | None) -> dict[str, str]:
    """The labels of a namespace whose pods are in a mesh."""
    return {} if mesh is None else dict(NAMESPACE_LABELS[mesh])


def strict_peers(place: Place) -> Manifest:
    """Whoever talks to a pod of the namespace shows a certificate of the mesh.

    Source: https://istio.io/latest/docs/reference/config/security/peer_authentication/
    """
    return manifest("PeerAuthentication", "default", place, spec={"mtls": {"mode": "STRICT"}})


def mesh_objects(foundation: "Foundation", place: Place, runtime: str | Ports, callers: Callers) -> dict[str, Manifest]:
    """Resource name to object: who may call one service. Nothing where there is no mesh."""
    if foundation.mesh is None:
        return {}
    ports = runtime if isinstance(runtime, Ports) else ports_of(runtime)
    rules = list(_rules(foundation, ports, callers))
    # ALLOW without rules lets nobody in, which is what is meant.
    spec = {"action": "ALLOW", "selector": {"matchLabels": selector(place)}, "rules": rules}
    return {f"{place.instance}-authorization": manifest("AuthorizationPolicy", place.instance, place, spec=spec)}


def _rules(foundation: "Foundation", ports: Ports, callers: Callers) -> Iterator[Manifest]:
    """Namespaces, addresses and ports only: what an ambient mesh holds to without a proxy of its own.

    Pods by their labels are held to by the NetworkPolicy alone: a mesh knows service accounts, so of their namespace
    all may. Source: https://istio.io/latest/docs/ambient/usage/l4-policy/
    """
    gateway = [] if foundation.gateway is None else [foundation.gateway.pods_namespace]
    namespaces = dict.fromkeys([*gateway, *callers.namespaces, *(each.namespace for each in callers.pods)])
    sources = [
        *([{"source": {"namespaces": list(namespaces)}}] if namespaces else []),
        *([{"source": {"ipBlocks": list(callers.cidrs)}}] if callers.cidrs else []),
    ]
    if sources and ports.serving:
        yield {"from": sources, "to": [_to(ports.serving)]}
    if foundation.prometheus is not None and ports.metrics is not None:
        watcher = {"source": {"namespaces": [foundation.prometheus.namespace]}}
        yield {"from": [watcher], "to": [_to((ports.metrics,))]}


def _to(ports: tuple[int, ...]) -> Manifest:
    return {"operation": {"ports": [str(port) for port in sorted(set(ports))]}}
