"""The models that KServe fetches: which version, and from where."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, resource_rule
from modelberth_policies.rules.kubernetes.asking import say_all
from modelberth_policies.rules.kubernetes.kserve.components import INFERENCE_SERVICE, components_of
from modelberth_policies.rules.kubernetes.model_addresses import address_faults, path_faults
from modelberth_policies.rules.kubernetes.pods import containers_of, items
from modelberth_policies.subject import Subject

TRAINED_MODEL = "kubernetes:serving.kserve.io/v1alpha1:TrainedModel"
LLM_SERVICE = "kubernetes:serving.kserve.io/v1alpha1:LLMInferenceService"
_VARIABLE = "STORAGE_URI"
"""What KServe's storage initializer reads of a container that fetches its own model."""


def _places_of(resource: Subject) -> Iterator[Subject]:
    """Parts that may hold an address: under `storageUri`, `uri`, or, as a variable, `value`."""
    if resource.type == INFERENCE_SERVICE:
        yield from containers_of(resource)
        for component in components_of(resource):
            yield from items(component, "storageUris")
    else:
        yield from items(resource, "spec.model")
        yield from items(resource, "spec.model.lora.adapters")


def _in_variables(container: Subject) -> Iterator[str]:
    for variable in container.each("env"):
        if variable.value("name") == _VARIABLE:
            yield from address_faults(variable, "value")


@resource_rule(
    "kserve-storage-uri-pinned",
    Severity.HIGH,
    Category.SUPPLY_CHAIN,
    INFERENCE_SERVICE,
    TRAINED_MODEL,
    LLM_SERVICE,
    frameworks=("NIST SI-7",),
    why="A pod that starts tomorrow serves whatever lies at the address by then, and no rollout ever tested it.",
    fix="Name a version: a directory (s3://…/v3/), a digest (oci://…@sha256:…), a revision (hf://org/model:commit).",
    over=_places_of,
)
def kserve_storage_uri_pinned(place: Subject) -> Iterator[str]:
    yield from say_all(
        address_faults(place, "storageUri"),
        address_faults(place, "uri"),
        path_faults(place, "storage.path"),
        _in_variables(place),
    )


RULES = (kserve_storage_uri_pinned,)
