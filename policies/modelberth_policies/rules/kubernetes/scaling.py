"""How many pods there are, at least and at most."""

from collections.abc import Iterator

from modelberth_policies.resources import MISSING
from modelberth_policies.rule import Category, Severity, graph_rule, resource_rule
from modelberth_policies.rules.counts import above, count
from modelberth_policies.rules.kubernetes.asking import any_known
from modelberth_policies.rules.kubernetes.pods import RAY, items, labels_of_pods
from modelberth_policies.rules.kubernetes.selection import in_same_namespace, names, selects
from modelberth_policies.subject import Stack, Subject

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
ROLLOUT = "kubernetes:argoproj.io/v1alpha1:Rollout"
DISRUPTION_BUDGET = "kubernetes:policy/v1:PodDisruptionBudget"
AUTOSCALERS = ("kubernetes:autoscaling/v1:HorizontalPodAutoscaler", "kubernetes:autoscaling/v2:HorizontalPodAutoscaler")
SCALED_OBJECT = "kubernetes:keda.sh/v1alpha1:ScaledObject"
SCALED_JOB = "kubernetes:keda.sh/v1alpha1:ScaledJob"
_PATCHES = tuple(f"{type_}Patch" for type_ in AUTOSCALERS)


@resource_rule(
    "k8s-hpa-bounded",
    Severity.HIGH,
    Category.COST,
    *AUTOSCALERS,
    *_PATCHES,
    SCALED_OBJECT,
    SCALED_JOB,
    *RAY,
    frameworks=("FinOps",),
    why="An autoscaler without an end turns a flood of requests into a flood of invoices; KEDA's default is 100.",
    fix="Set max_replicas (in KEDA maxReplicaCount, of a Ray worker group maxReplicas) to at most instances.max_count.",
)
def k8s_hpa_bounded(scaler: Subject) -> Iterator[str]:
    """Whether the worst case fits the budget is asked of the stack's whole bill."""
    if scaler.type in RAY:
        yield from _workers_without_end(scaler.at(RAY[scaler.type]), scaler.limits.instances.max_count)
        return
    path = "spec.maxReplicaCount" if scaler.type in (SCALED_OBJECT, SCALED_JOB) else "spec.maxReplicas"
    if scaler.type in _PATCHES and not scaler.present(path):
        return
    yield from above(scaler, path, scaler.limits.instances.max_count)


def _workers_without_end(cluster: Subject, most: int) -> Iterator[str]:
    """Of a Ray cluster that asks for workers by itself; else there are as many as it says. Left out: 2^31 - 1."""
    if cluster.value("enableInTreeAutoscaling", False) is False:
        return
    for group in items(cluster, "workerGroupSpecs"):
        for said in above(group, "maxReplicas", most, int(count(group, "numOfHosts") or 1)):
            yield f"{said}, in its workers {group.show('groupName')}"


@graph_rule(
    "k8s-prod-replicas-and-pdb",
    Severity.MEDIUM,
    Category.RELIABILITY,
    DEPLOYMENT,
    ROLLOUT,
    DISRUPTION_BUDGET,
    anchors=(
        *("kube-linter:minimum-three-replicas", "polaris:missingPodDisruptionBudget"),
        "pulumi:policy/v1/PodDisruptionBudget/disallowZeroVoluntaryDisruption",
    ),
    why="One pod is down whenever its node is, and without a budget an upgrade of the nodes may take all at once.",
    fix="Set replicas, or the autoscaler's minimum, to 2 or more; add a PodDisruptionBudget with max_unavailable 1.",
    applies=lambda limits: limits.production,
)
def k8s_prod_replicas_and_pdb(subject: Subject, stack: Stack) -> Iterator[str]:
    if subject.type == DISRUPTION_BUDGET:
        yield from _never_disrupted(subject)
        return
    least = _least(subject, stack)
    if least < 2:
        yield f"may run as {least:g} pod; production wants 2 or more"
    budgets = [each for each in stack.of_type(DISRUPTION_BUDGET) if _covers(each, subject, stack)]
    if not budgets:
        yield "has no PodDisruptionBudget that selects its pods"
    for budget in budgets:
        kept = count(budget, "spec.minAvailable")
        if kept is not None and kept >= least:
            yield f"can lose no pod: {budget.name} keeps {kept:g}, and there may be {least:g}"


def _least(deployment: Subject, stack: Stack) -> float:
    """How many pods there are at the quietest hour: what an autoscaler says goes before `replicas`."""
    scalers = [(each, "spec.minReplicas", 1) for each in stack.of_type(*AUTOSCALERS)]
    scalers += [(each, "spec.minReplicaCount", 0) for each in stack.of_type(SCALED_OBJECT)]
    found = [each for each in scalers if names(each[0], "spec.scaleTargetRef.name", deployment, stack)]
    found = found or [(deployment, "spec.replicas", 1)]
    counts = [count(owner, path) if owner.present(path) else left_out for owner, path, left_out in found]
    return max(each if each is not None else 0 for each in counts)


def _covers(budget: Subject, deployment: Subject, stack: Stack) -> bool:
    """A budget without a selector selects nothing; an empty selector, every pod of the namespace."""
    if budget.value("spec.selector") is MISSING or not in_same_namespace(budget, deployment, stack):
        return False
    return any_known(lambda labels: selects(budget.at("spec.selector"), labels), labels_of_pods(deployment))


def _never_disrupted(budget: Subject) -> Iterator[str]:
    for path, stuck in (("spec.maxUnavailable", (0, "0", "0%")), ("spec.minAvailable", ("100%",))):
        if budget.value(path) in stuck:
            yield f"never lets a node be emptied ({path.removeprefix('spec.')} is {budget.show(path)})"


RULES = (k8s_hpa_bounded, k8s_prod_replicas_and_pdb)
