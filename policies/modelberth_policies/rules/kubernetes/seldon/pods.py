"""The pods of Seldon."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, resource_rule
from modelberth_policies.rules.kubernetes.hardening import is_soft, parts_to_harden
from modelberth_policies.rules.kubernetes.pods import SELDON, items, role_of
from modelberth_policies.subject import Subject

SELDON_DEPLOYMENT = "kubernetes:machinelearning.seldon.io/v1:SeldonDeployment"


def _parts_of(resource: Subject) -> Iterator[Subject]:
    yield from parts_to_harden(resource)
    if resource.type == SELDON_DEPLOYMENT:
        yield from items(resource, "spec.predictors")


@resource_rule(
    "seldon-podspec-hardened",
    Severity.HIGH,
    Category.SECURITY,
    *SELDON,
    frameworks=("PSS restricted",),
    why="What the operator makes of a graph is a pod with the rights of any other, and no scanner opens it.",
    fix="Give each predictor componentSpecs with a securityContext on pod and container, a prepackaged one too.",
    over=_parts_of,
)
def seldon_podspec_hardened(part: Subject) -> Iterator[str]:
    """A predictor without componentSpecs runs as the operator's configuration, which nobody here has seen."""
    if role_of(part) != "predictors":
        yield from is_soft(part)
    elif not part.present("componentSpecs"):
        yield f"leaves the pods of predictor {part.show('name')} to the operator (componentSpecs is unset)"


RULES = (seldon_podspec_hardened,)
