"""Who may call an InferenceService: KServe itself asks nobody."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, graph_rule
from modelberth_policies.rules.kubernetes.asking import any_known
from modelberth_policies.rules.kubernetes.kserve.components import INFERENCE_SERVICE, KNATIVE, RAW, mode_of
from modelberth_policies.rules.kubernetes.namespaces import namespace_of
from modelberth_policies.rules.kubernetes.network import labels_of_service
from modelberth_policies.rules.kubernetes.selection import is_empty, selects
from modelberth_policies.subject import Stack, Subject

AUTHORIZATION_POLICIES = (
    "kubernetes:security.istio.io/v1:AuthorizationPolicy",
    "kubernetes:security.istio.io/v1beta1:AuthorizationPolicy",
)
SECURITY_POLICY = "kubernetes:gateway.envoyproxy.io/v1alpha1:SecurityPolicy"
_VISIBILITY = {
    "networking.kserve.io/visibility": (*RAW, ""),
    "networking.knative.dev/visibility": (*KNATIVE, ""),
}
"""Label → the modes that heed it; with no mode named, the cluster's configuration says which."""
_DEMANDS = ("apiKeyAuth", "basicAuth", "extAuth", "jwt", "oidc", "authorization")
_ROUTES = ("HTTPRoute", "GRPCRoute", "Service")
_MESH = "istio-system"
"""Istio's own namespace: a policy there holds for the whole mesh."""


@graph_rule(
    "kserve-auth-and-private",
    Severity.HIGH,
    Category.SECURITY,
    INFERENCE_SERVICE,
    frameworks=("NIST AC-3",),
    why="KServe publishes a service through the cluster's ingress and lets everyone call it who finds the name.",
    fix="Label it networking.knative.dev/visibility (or networking.kserve.io/…) cluster-local, or add a policy.",
)
def kserve_auth_and_private(service: Subject, stack: Stack) -> Iterator[str]:
    if _is_cluster_local(service):
        return
    tests = {**dict.fromkeys(AUTHORIZATION_POLICIES, _guards), SECURITY_POLICY: _guards_route}
    policies = stack.of_type(*tests)
    if not any_known(lambda policy: tests[policy.type](policy, service, stack), policies):
        yield "is reachable through the ingress, and no policy asks who calls (its visibility is not cluster-local)"


def _is_cluster_local(service: Subject) -> bool:
    mode = mode_of(service)
    labels = [label for label, modes in _VISIBILITY.items() if mode in modes]
    return any(service.value(f'metadata.labels["{label}"]') == "cluster-local" for label in labels)


def asks_who(policy: Subject) -> bool:
    """Whether it asks who calls. Of Istio's, one that merely records does not, nor one that allows all sources."""
    if policy.type == SECURITY_POLICY:
        return any(policy.present(f"spec.{demand}") for demand in _DEMANDS)
    action = policy.value("spec.action", "ALLOW")
    open_ = action == "ALLOW" and any(
        not rule.present("from") and not rule.present("when") for rule in policy.each("spec.rules")
    )
    return not (action == "AUDIT" or open_ or (action != "ALLOW" and not policy.present("spec.rules")))


def _guards(policy: Subject, service: Subject, stack: Stack) -> bool:
    """Whether Istio asks who calls the service."""
    if not asks_who(policy):
        return False
    place = namespace_of(policy, stack)
    if place == _MESH:
        return is_empty(policy.at("spec.selector"))
    if place != namespace_of(service, stack):
        return False
    targets = [*policy.each("spec.targetRefs"), *policy.each("spec.targetRef")]
    if targets:
        return any(_is_route_to(target, service) for target in targets)
    return selects(policy.at("spec.selector"), labels_of_service(service))


def _guards_route(policy: Subject, service: Subject, stack: Stack) -> bool:
    """Whether Envoy Gateway asks who calls: on the service's route, or on a gateway, which may stand elsewhere."""
    if not asks_who(policy):
        return False
    targets = [*policy.each("spec.targetRefs"), *policy.each("spec.targetRef")]
    if any(target.value("kind") == "Gateway" for target in targets):
        return True
    same = namespace_of(policy, stack) == namespace_of(service, stack)
    return same and any(_is_route_to(target, service) for target in targets)


def _is_route_to(target: Subject, service: Subject) -> bool:
    """KServe names routes and services after the InferenceService: `iris`, `iris-predictor`."""
    if target.value("kind") == "Gateway":
        return True
    name, wanted = str(target.value("name")), str(service.value("metadata.name"))
    return target.value("kind") in _ROUTES and (name == wanted or name.startswith(f"{wanted}-"))


RULES = (kserve_auth_and_private,)
