"""What is reachable from outside the cluster, and how."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, resource_rule
from modelberth_policies.subject import Subject

SERVICES = ("kubernetes:core/v1:Service", "kubernetes:core/v1:ServicePatch")
INGRESS = "kubernetes:networking.k8s.io/v1:Ingress"
GATEWAYS = ("kubernetes:gateway.networking.k8s.io/v1:Gateway", "kubernetes:gateway.networking.k8s.io/v1beta1:Gateway")
# Annotations by which the cloud's controller makes a load balancer of the private network.
_INTERNAL = {
    "networking.gke.io/load-balancer-type": "internal",
    "cloud.google.com/load-balancer-type": "internal",
    "service.beta.kubernetes.io/aws-load-balancer-internal": "true",
    "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal",
    "service.beta.kubernetes.io/azure-load-balancer-internal": "true",
}
_ENCRYPTED = ("HTTPS", "TLS")


@resource_rule(
    "k8s-no-public-loadbalancer",
    Severity.HIGH,
    Category.SECURITY,
    *SERVICES,
    anchors=("kube-linter:exposed-services", "pulumi:core/v1/Service/disallowLoadBalancer"),
    why="A load balancer in front of a Service puts the model on the internet, past the gateway that asks who calls.",
    fix="Use the type ClusterIP behind a gateway, an internal load balancer, or declare the Service public.",
)
def k8s_no_public_loadbalancer(service: Subject) -> Iterator[str]:
    if service.limits.is_public(service.resource.urn):
        return
    kind = service.value("spec.type", "ClusterIP")
    if kind == "NodePort" or (kind == "LoadBalancer" and not _is_internal(service)):
        yield f"is open to whoever reaches its nodes or its load balancer (type is {kind})"
    if service.present("spec.externalIPs"):
        yield "takes over addresses of the network (externalIPs)"


def _is_internal(service: Subject) -> bool:
    return any(
        str(service.value(f'metadata.annotations["{key}"]', "")).lower() == value for key, value in _INTERNAL.items()
    )


@resource_rule(
    "k8s-ingress-tls",
    Severity.HIGH,
    Category.SECURITY,
    INGRESS,
    *GATEWAYS,
    frameworks=("NIST SC-8",),
    anchors=("polaris:tlsSettingsMissing",),
    why="Requests, answers and keys in clear text are read by every hop on the way.",
    fix="Name every host in tls of the Ingress; give every listener of a Gateway the protocol HTTPS and a certificate.",
)
def k8s_ingress_tls(entry: Subject) -> Iterator[str]:
    """A listener in clear text is held against a Gateway even where all that its routes do is to redirect.

    Whoever asks there has sent path, body and key in clear text before the answer tells him to ask again; a program
    follows and goes on so, unnoticed. Without the listener its first request fails, with nothing sent. Where people
    type the address, that is a reason for an exemption.
    """
    return _hosts_without_tls(entry) if entry.type == INGRESS else _listeners_without_tls(entry)


def _hosts_without_tls(ingress: Subject) -> Iterator[str]:
    """An entry of `tls` without hosts holds for all of them, and a rule without a host for every name."""
    certificates = [[each.value() for each in entry.each("hosts")] for entry in ingress.each("spec.tls")]
    if not certificates:
        yield "serves in clear text (spec.tls is unset)"
        return
    if any(not hosts for hosts in certificates):
        return
    secured = {host for hosts in certificates for host in hosts if isinstance(host, str)}
    for rule in ingress.each("spec.rules"):
        host = rule.value("host", "")
        if not isinstance(host, str) or not _is_secured(host, secured):
            yield f"serves the host {rule.show('host')} in clear text (no entry of spec.tls names it)"


def _is_secured(host: str, secured: set[str]) -> bool:
    return host in secured or f"*.{host.partition('.')[2]}" in secured


def _listeners_without_tls(gateway: Subject) -> Iterator[str]:
    for listener in gateway.each("spec.listeners"):
        if listener.value("protocol") not in _ENCRYPTED:
            yield f"listens in clear text ({listener.show('name')}: protocol is {listener.show('protocol')})"
        elif listener.value("tls.mode", "Terminate") == "Terminate" and not listener.present("tls"):
            yield f"listens without a certificate ({listener.show('name')}: tls is unset)"


RULES = (k8s_no_public_loadbalancer, k8s_ingress_tls)
