"""How many replicas Seldon may run."""

from collections.abc import Iterator

from modelberth_policies.resources import MISSING
from modelberth_policies.rule import Category, Severity, resource_rule
from modelberth_policies.rules.counts import above
from modelberth_policies.rules.kubernetes.asking import say_all
from modelberth_policies.rules.kubernetes.pods import items
from modelberth_policies.rules.kubernetes.seldon.models import MODEL
from modelberth_policies.rules.kubernetes.seldon.pods import SELDON_DEPLOYMENT
from modelberth_policies.subject import Subject

SERVER = "kubernetes:mlops.seldon.io/v1alpha1:Server"
_AUTOSCALERS = {"hpaSpec": "hpaSpec.maxReplicas", "kedaSpec": "kedaSpec.maxReplicaCount"}
"""KEDA's maximum is 100 where nobody says."""


def _scaled(resource: Subject) -> Iterator[Subject]:
    """Every part that states replicas: the specification, its predictors, and their components."""
    yield from items(resource, "spec")
    for predictor in items(resource, "spec.predictors"):
        yield predictor
        yield from items(predictor, "svcOrchSpec")
        yield from items(predictor, "componentSpecs")


@resource_rule(
    "seldon-replicas-bounded",
    Severity.MEDIUM,
    Category.COST,
    SELDON_DEPLOYMENT,
    MODEL,
    SERVER,
    frameworks=("FinOps",),
    why="Replicas of a model are paid for by the hour, and an autoscaler without an end takes the whole cluster.",
    fix="Keep replicas, maxReplicas and the maximum of hpaSpec or kedaSpec at most instances.max_count of the limits.",
    over=_scaled,
)
def seldon_replicas_bounded(part: Subject) -> Iterator[str]:
    """A Model or Server with a minimum scales by itself, and has no end unless it says so."""
    most = part.limits.instances.max_count
    paths = [path for path in ("replicas", "maxReplicas") if part.present(path)]
    paths += [path for scaler, path in _AUTOSCALERS.items() if part.value(scaler) is not MISSING]
    if part.present("minReplicas") and not part.present("maxReplicas"):
        paths.append("maxReplicas")
    yield from say_all(*(above(part, path, most) for path in paths))


RULES = (seldon_replicas_bounded,)
