"""Services: the stable addresses of pods."""

from collections.abc import Mapping

import pulumi

from modelberth.kubernetes.manifest import Manifest, Place, manifest
from modelberth.runtimes import load

PORTS = {"http": 80, "grpc": 9000, "metrics": 9090}
"""Name of a port to its number at the Service; the pods' own are the runtime's. `management` is never offered."""

APP_PROTOCOLS = {"grpc": "kubernetes.io/h2c"}
"""What a gateway must know of a port. Source: https://gateway-api.sigs.k8s.io/geps/gep-1911/"""


NOT_AWAITED = {"pulumi.com/skipAwait": "true"}
"""The engine would wait for a pod behind each Service. That is its workload's to await: a version that is scaled to
zero has none, and a Rollout wants its Services before its pods.
Source: https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/"""


def service(name: str, place: Place, pods: Mapping[str, str], runtime: str) -> Manifest:
    """The Service before pods of a model server. Pure."""
    offered = [port for port in PORTS if port in load(runtime).ports]
    spec = {"type": "ClusterIP", "selector": dict(pods), "ports": [_port(port) for port in offered]}
    return manifest("Service", name, place, NOT_AWAITED, spec=spec)


def _port(name: str) -> dict[str, object]:
    protocol = {"appProtocol": APP_PROTOCOLS[name]} if name in APP_PROTOCOLS else {}
    return {"name": name, "port": PORTS[name], "targetPort": name, "protocol": "TCP", **protocol}


def address(name: str, namespace: pulumi.Input[str]) -> pulumi.Output[str]:
    """How a Service is reached from anywhere in the cluster, over HTTP."""
    return pulumi.Output.concat("http://", name, ".", namespace, ".svc:", str(PORTS["http"]))
