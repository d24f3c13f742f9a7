"""Requests and answers are kept only where their classification allows it."""

from collections.abc import Callable, Iterator, Mapping

from modelberth_policies.rule import Category, Severity, graph_rule
from modelberth_policies.subject import Stack, Subject
from modelberth_policies.tags import classification_of


def _captures(config: Subject) -> bool:
    return config.value("dataCaptureConfig.enableCapture") is True


def _traces(settings: Subject) -> bool:
    return settings.value("settings.dataTraceEnabled") is True


def _logs_predictions(endpoint: Subject) -> bool:
    return endpoint.value("predictRequestResponseLoggingConfig.enabled") is True


def _collects(deployment: Subject) -> bool:
    collections = deployment.at("properties.dataCollector.collections")
    return any(
        collections.value(f'["{name}"].dataCollectionMode') == "Enabled"
        for name in (collections.whole if isinstance(collections.whole, Mapping) else ())
    )


def _logs_payloads(service: Subject) -> bool:
    return any(service.present(f"spec.{part}.logger") for part in ("predictor", "transformer", "explainer"))


PAYLOADS: Mapping[str, Callable[[Subject], bool]] = {
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration": _captures,
    "aws:apigateway/methodSettings:MethodSettings": _traces,
    "gcp:vertex/aiEndpoint:AiEndpoint": _logs_predictions,
    "azure-native:machinelearningservices:OnlineDeployment": _collects,
    "kubernetes:serving.kserve.io/v1beta1:InferenceService": _logs_payloads,
}
"""Type → whether it keeps requests or answers."""


@graph_rule(
    "payload-logging-privacy",
    Severity.HIGH,
    Category.PRIVACY,
    *PAYLOADS,
    frameworks=("GDPR 5", "GDPR 25"),
    why="A log of requests is a copy of whatever people send to a model, kept by people who never asked them.",
    fix="Turn it off, or tag what it holds (data-classification) with a word of data.payload_logging.",
)
def payload_logging_privacy(subject: Subject, stack: Stack) -> Iterator[str]:
    if not PAYLOADS[subject.type](subject):
        return
    allowed, found = subject.limits.data.payload_logging, classification_of(subject, stack)
    if found not in allowed:
        said = "does not say how sensitive they are" if found is None else f"is classified as {found}"
        yield f"keeps requests or answers and {said}; they may be kept where it is {' or '.join(allowed)}"


RULES = (payload_logging_privacy,)
