"""The one address before everything in Seldon Core 2, and who may ask there. Pure.

Source: https://docs.seldon.ai/seldon-core-2/integrations/service-meshes
"""

from collections.abc import Mapping

import pulumi

from modelberth.kubernetes.foundation import Foundation
from modelberth.kubernetes.manifest import Manifest, Place, manifest
from modelberth.kubernetes.network import Callers
from modelberth.kubernetes.peers import address_peer, namespace_peer, pods_peer, tcp, tunnel_of

SERVICE, PORT = "seldon-mesh", 80
"""The Service of Seldon's Envoy, in the namespace of its runtime, which is that of the models."""

HEADER = "Seldon-Model"
"""By it Seldon knows what is asked: a model, `<name>.experiment`, `<name>.pipeline`.
Source: https://docs.seldon.ai/seldon-core-2/user-guide/inference/run-inference"""

ENVOY = {"app.kubernetes.io/name": "seldon-envoy"}
ENVOY_PORT, ENVOY_STATS = 9000, 9003
"""Its pods, where they take requests, and where they show metrics.
Source: SeldonIO/seldon-core operator/controllers/reconcilers/seldon/service_reconciler.go"""

READY = {"pulumi.com/waitFor": "condition=Ready"}
"""How Pulumi waits until Seldon has something up: custom resources are not awaited by themselves.
Source: https://docs.seldon.ai/seldon-core-2/examples/k8s-examples"""

OWN: Mapping[str, Mapping[str, str]] = {"podSelector": {}}
"""All pods of the namespace: Seldon's scheduler, gateways and servers ask one another, on ports of their own."""


def address(namespace: pulumi.Input[str]) -> pulumi.Output[str]:
    """Where requests go, with `HEADER`."""
    return pulumi.Output.concat("http://", SERVICE, ".", namespace, f".svc:{PORT}")


def asking_for(name: str, kind: str = "") -> dict[str, str]:
    """The header that asks for a model, or with a kind for an experiment or a pipeline."""
    return {HEADER: f"{name}.{kind}" if kind else name}


def mesh_policy(foundation: Foundation, place: Place, callers: Callers) -> dict[str, Manifest]:
    """Who may ask Seldon's Envoy. Policies add up and its pods are everybody's: who may ask for one model of the
    namespace may ask for all."""
    gateway = [] if foundation.gateway is None else [foundation.gateway.pods_namespace]
    askers = [
        *(namespace_peer(each) for each in dict.fromkeys([*gateway, *callers.namespaces])),
        *(pods_peer(each.namespace, each.labels) for each in callers.pods),
        *(address_peer(cidr) for cidr in callers.cidrs),
    ]
    tunnel = tunnel_of(foundation.mesh)
    asked = [{"from": askers, "ports": tcp([ENVOY_PORT, *tunnel])}] if askers else []
    watcher = [] if foundation.prometheus is None else [namespace_peer(foundation.prometheus.namespace)]
    watched = [{"from": watcher, "ports": tcp([ENVOY_STATS, *tunnel])}] if watcher else []
    spec = {
        "podSelector": {"matchLabels": dict(ENVOY)},
        "policyTypes": ["Ingress"],
        "ingress": [{"from": [dict(OWN)]}, *asked, *watched],
    }
    name = f"{place.instance}-mesh"
    return {name: manifest("NetworkPolicy", name, place, spec=spec)}
