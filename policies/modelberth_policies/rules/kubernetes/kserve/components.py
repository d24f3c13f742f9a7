"""The components of an InferenceService, and how it is deployed. Facts: KServe v0.16.0."""

from collections.abc import Iterator

from modelberth_policies.rules.kubernetes.pods import items
from modelberth_policies.subject import Subject

INFERENCE_SERVICE = "kubernetes:serving.kserve.io/v1beta1:InferenceService"
_COMPONENTS = ("spec.predictor", "spec.transformer", "spec.explainer")
_MODE = 'metadata.annotations["serving.kserve.io/deploymentMode"]'
RAW = ("RawDeployment", "Standard")
"""Plain Deployments; the first name is the older one."""
KNATIVE = ("Serverless", "Knative")


def components_of(service: Subject) -> Iterator[Subject]:
    """Predictor, transformer and explainer, as far as there are any."""
    for path in _COMPONENTS:
        yield from items(service, path)


def mode_of(service: Subject) -> str:
    """How the service is deployed, where it says so; empty where the cluster's configuration decides."""
    return str(service.value(_MODE, ""))
