"""What a route of the Gateway API lacks, once it leads from outside the cluster to a model."""

from collections.abc import Callable, Iterator

from modelberth_policies.rules.kubernetes.asking import any_known
from modelberth_policies.rules.kubernetes.kserve.access import AUTHORIZATION_POLICIES, SECURITY_POLICY, asks_who
from modelberth_policies.rules.kubernetes.pods import items
from modelberth_policies.rules.kubernetes.selection import in_same_namespace, names
from modelberth_policies.subject import Stack, Subject

ROUTES = (
    "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute",
    "kubernetes:gateway.networking.k8s.io/v1beta1:HTTPRoute",
    "kubernetes:gateway.networking.k8s.io/v1:GRPCRoute",
)
TRAFFIC_POLICY = "kubernetes:gateway.envoyproxy.io/v1alpha1:BackendTrafficPolicy"


def route_lacks(route: Subject, stack: Stack) -> Iterator[str]:
    """What no policy on the route, or on a gateway that it hangs on, adds to it. One that only redirects needs nothing.

    Envoy Gateway's policies and Istio's are read. Istio has no kind of its own for rates: there a limit is not seen.
    """
    rules = list(items(route, "spec.rules"))
    if not any_known(lambda rule: rule.present("backendRefs"), rules):
        return
    if not _has(route, stack, (SECURITY_POLICY, *AUTHORIZATION_POLICIES), asks_who):
        yield "authentication"
    if not _has(route, stack, (TRAFFIC_POLICY,), lambda policy: policy.present("spec.rateLimit")):
        yield "a rate limit"


def _has(route: Subject, stack: Stack, types: tuple[str, ...], does: Callable[[Subject], bool]) -> bool:
    return any_known(lambda policy: _is_for(policy, route, stack) and does(policy), stack.of_type(*types))


def _is_for(policy: Subject, route: Subject, stack: Stack) -> bool:
    kind = route.type.rpartition(":")[2]
    gateways = [parent.value("name") for parent in route.each("spec.parentRefs")]
    for target in (*policy.each("spec.targetRefs"), *policy.each("spec.targetRef")):
        if target.value("kind") == "Gateway" and target.value("name") in gateways:
            return True
        if target.value("kind") == kind and names(target, "name", route, stack):
            return in_same_namespace(policy, route, stack)
    return False
