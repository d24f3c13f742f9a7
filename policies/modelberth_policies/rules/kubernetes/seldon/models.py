"""The models that Seldon fetches: which version, and from where."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, resource_rule
from modelberth_policies.rules.kubernetes.asking import say_all
from modelberth_policies.rules.kubernetes.model_addresses import address_faults
from modelberth_policies.rules.kubernetes.pods import items
from modelberth_policies.rules.kubernetes.seldon.pods import SELDON_DEPLOYMENT
from modelberth_policies.subject import Subject

MODEL = "kubernetes:mlops.seldon.io/v1alpha1:Model"
_DEEPEST = 20


def _places_of(resource: Subject) -> Iterator[Subject]:
    """Parts that may hold an address, under `modelUri` or `storageUri`."""
    if resource.type == MODEL:
        yield from items(resource, "spec")
    for predictor in items(resource, "spec.predictors"):
        yield from items(predictor, "explainer")
        for unit in items(predictor, "graph"):
            yield from _units_of(unit)


def _units_of(unit: Subject, depth: int = 0) -> Iterator[Subject]:
    yield unit
    if depth < _DEEPEST:
        for child in items(unit, "children"):
            yield from _units_of(child, depth + 1)


@resource_rule(
    "seldon-model-uri-pinned",
    Severity.HIGH,
    Category.SUPPLY_CHAIN,
    SELDON_DEPLOYMENT,
    MODEL,
    frameworks=("NIST SI-7",),
    why="A replica that is added next week loads whatever lies at the address by then.",
    fix="Name a version in modelUri or storageUri: a directory such as gs://models/iris/v3.",
    over=_places_of,
)
def seldon_model_uri_pinned(place: Subject) -> Iterator[str]:
    yield from say_all(address_faults(place, "modelUri"), address_faults(place, "storageUri"))


RULES = (seldon_model_uri_pinned,)
