"""How many replicas an InferenceService has, and how a new version of it comes in."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, graph_rule, resource_rule
from modelberth_policies.rules.counts import above, count
from modelberth_policies.rules.kubernetes.asking import any_known
from modelberth_policies.rules.kubernetes.kserve.components import INFERENCE_SERVICE, RAW, components_of, mode_of
from modelberth_policies.rules.kubernetes.pods import role_of
from modelberth_policies.subject import Stack, Subject

HTTP_ROUTES = (
    "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute",
    "kubernetes:gateway.networking.k8s.io/v1beta1:HTTPRoute",
)
_CANARY = "spec.predictor.canaryTrafficPercent"


@resource_rule(
    "kserve-replicas-bounded",
    Severity.HIGH,
    Category.COST,
    INFERENCE_SERVICE,
    frameworks=("FinOps",),
    why="Without a maximum Knative scales until the cluster is full; a minimum in a trial is paid for at night.",
    fix="Set maxReplicas, at most instances.max_count of the limits, and minReplicas to 2 in production, 0 elsewhere.",
    over=components_of,
)
def kserve_replicas_bounded(component: Subject) -> Iterator[str]:
    """A minimum that is left out is 1, a maximum that is 0 is none. Raw deployments cannot go down to 0."""
    part = role_of(component)
    if count(component, "maxReplicas") == 0:
        yield f"has a {part} without a maximum (maxReplicas is 0)"
    for said in above(component, "maxReplicas", component.limits.instances.max_count):
        yield f"{said}, in its {part}"
    least = count(component, "minReplicas") if component.present("minReplicas") else 1
    shown = component.show("minReplicas")
    if component.limits.production and (least is None or least < 2):
        yield f"may run as one {part} or none (minReplicas is {shown}); production wants 2 or more"
    elif not component.limits.production and least != 0 and mode_of(component.root) not in RAW:
        yield f"never lets its {part} go down to 0 (minReplicas is {shown})"


@graph_rule(
    "kserve-canary-prod",
    Severity.MEDIUM,
    Category.RELIABILITY,
    INFERENCE_SERVICE,
    frameworks=("NIST CM-3",),
    why="A new model that is wrong for everybody at once is an outage; for one request in ten it is a finding.",
    fix="Set canaryTrafficPercent on the predictor; with raw deployments give each backend of an HTTPRoute a weight.",
    applies=lambda limits: limits.production,
)
def kserve_canary_prod(service: Subject, stack: Stack) -> Iterator[str]:
    """KServe ignores canaryTrafficPercent in raw deployments (kserve#5335, kserve#4074)."""
    percent = count(service, _CANARY)
    is_raw = mode_of(service) in RAW
    if percent is not None and 0 <= percent <= 100 and not is_raw:
        return
    if any_known(lambda route: _splits(route, service), stack.of_type(*HTTP_ROUTES)):
        return
    if is_raw:
        yield "gives a new version all requests at once (raw deployments know no canary, and no HTTPRoute has weights)"
    else:
        yield f"gives a new version all requests at once (canaryTrafficPercent is {service.show(_CANARY)})"


def _splits(route: Subject, service: Subject) -> bool:
    """Whether the route shares requests out by weight, and one share goes to the service or to one of its parts.

    Raw, each version may be a service of its own: between two rollouts the only one has all of the weight.
    """
    name = str(service.value("metadata.name"))
    for rule in route.each("spec.rules"):
        backends = list(rule.each("backendRefs"))
        weighed = all(count(each, "weight") is not None for each in backends)
        if weighed and any(f"{each.value('name')}-".startswith(f"{name}-") for each in backends):
            return True
    return False


RULES = (kserve_replicas_bounded, kserve_canary_prod)
