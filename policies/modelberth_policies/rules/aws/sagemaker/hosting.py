"""What hosts a model on SageMaker: configurations and their variants, endpoints, inference components.

Pulumi's AWS provider lacks inference components, and the network of an endpoint configuration; both then come through
Cloud Control, as a JSON document in CloudFormation's words. Here they read as the provider writes them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from modelberth_policies.rules.aws.sagemaker.linking import (
    indexed,
    is_written,
    keys_of,
    looked_up,
    own_keys,
    per_stack,
)
from modelberth_policies.rules.aws.unlinked import no_unlinked, not_unlinked
from modelberth_policies.subject import Stack, Subject, Undeterminable

MODEL = "aws:sagemaker/model:Model"
CONFIGURATION = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
ENDPOINT = "aws:sagemaker/endpoint:Endpoint"
CLOUD_CONTROL = "aws:cloudcontrol/resource:Resource"
CONFIGURATIONS = (CONFIGURATION, CLOUD_CONTROL)

_RENAMED = {
    "MemorySizeInMB": "memorySizeInMb",
    "EndpointConfigName": "name",
    "InferenceComponentName": "name",
    "ArtifactUrl": "modelDataUrl",
}
_FREE = ("Environment",)
"""Mappings whose keys are the user's own."""


def documents(subject: Subject, type_name: str) -> Iterator[Subject]:
    """The desired state of a Cloud Control resource of this CloudFormation type, in the provider's words."""
    if subject.type == CLOUD_CONTROL and subject.value("typeName") == type_name:
        document = subject.document("desiredState")
        words = _worded(document.whole)
        yield Subject(subject.resource, subject.limits, words, document.path, secret=document.secret)


def _worded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            _RENAMED.get(key, f"{key[:1].lower()}{key[1:]}"): item if key in _FREE else _worded(item)
            for key, item in value.items()
        }
    return [_worded(item) for item in value] if isinstance(value, list) else value


def configurations(subject: Subject) -> Iterator[Subject]:
    """The endpoint configuration that a resource is, whichever way it is made; nothing for other resources."""
    if subject.type == CONFIGURATION:
        yield subject
    for document in documents(subject, "AWS::SageMaker::EndpointConfig"):
        whole = document.whole if isinstance(document.whole, Mapping) else {}
        renamed = {**whole, "kmsKeyArn": whole.get("kmsKeyId")}
        yield Subject(document.resource, document.limits, renamed, document.path, secret=document.secret)


def inference_components(subject: Subject) -> Iterator[Subject]:
    """The inference component that a resource is; nothing for other resources."""
    return documents(subject, "AWS::SageMaker::InferenceComponent")


def variants(subject: Subject) -> Iterator[Subject]:
    """The production variants of a configuration."""
    for configuration in configurations(subject):
        yield from configuration.each("productionVariants")


def every_variant(subject: Subject) -> Iterator[Subject]:
    """The production variants of a configuration, then the shadow ones."""
    yield from variants(subject)
    for configuration in configurations(subject):
        yield from configuration.each("shadowProductionVariants")


def is_serverless(variant: Subject) -> bool:
    """Whether the variant has no instances. Raises `Undeterminable` also where resources will give the variant."""
    return variant.value("serverlessConfig", None) not in (None, "", [], {})


def has_model(variant: Subject) -> bool:
    """Whether the variant serves a model itself; else its inference components do."""
    return is_written(variant, "modelName")


def called(variant: Subject) -> str:
    """How a message calls a variant."""
    return f"variant {variant.show('variantName')}" if is_written(variant, "variantName") else "its variant"


@per_stack
def _configurations(stack: Stack) -> Mapping[str, list[Subject]]:
    return indexed(stack.of_type(*CONFIGURATIONS), _configuration_keys)


def _configuration_keys(resource: Subject) -> tuple[str, ...]:
    try:
        return next((own_keys(found) for found in configurations(resource)), ())
    except Undeterminable:  # whoever finds it by its URN reads it again, and is told then
        return own_keys(resource)


@per_stack
def _endpoints(stack: Stack) -> Mapping[str, list[Subject]]:
    return indexed(stack.of_type(ENDPOINT), lambda endpoint: keys_of(endpoint, "endpointConfigName"))


def configurations_of(endpoint: Subject, stack: Stack) -> list[Subject]:
    """The configuration of an endpoint. Raises `Undeterminable` where it is none of this stack."""
    made = looked_up(_configurations(stack), keys_of(endpoint, "endpointConfigName"))
    found = [configuration for resource in made for configuration in configurations(resource)]
    if not found:
        raise Undeterminable("endpointConfigName")
    return found


def endpoints_of(configuration: Subject, stack: Stack) -> Iterator[Subject]:
    """The endpoints of this stack that have this configuration; `Undeterminable` at last, if another may have it."""
    found = looked_up(_endpoints(stack), own_keys(configuration))
    yield from found
    if not found and stack.of_type(ENDPOINT):
        not_unlinked(configuration, "name")
    no_unlinked(stack, ENDPOINT, "endpointConfigName")


@per_stack
def _served(stack: Stack) -> Mapping[str, list[Subject]]:
    found: list[Subject] = []
    for resource in stack.of_type(*CONFIGURATIONS):
        try:
            found += every_variant(resource)
        except Undeterminable:  # `_unclear` has it
            continue
    return indexed(found, lambda variant: keys_of(variant, "modelName"))


def variants_of(model: Subject, stack: Stack) -> list[Subject]:
    """The variants of this stack that serve a model."""
    return looked_up(_served(stack), own_keys(model))


@per_stack
def _unclear(stack: Stack) -> list[tuple[str, tuple[str, ...]]]:
    """Paths of what may serve a model that nobody knows, each with the URNs of what it is computed from."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for resource in stack.of_type(*CONFIGURATIONS):
        try:
            for variant in every_variant(resource):
                if has_model(variant) and not keys_of(variant, "modelName"):
                    found.append((f"{resource.name}.{variant.full('modelName')}", ()))
        except Undeterminable as unknown:
            found.append((f"{resource.name}.{unknown.path}", resource.dependencies(unknown.path)))
    return found


def only_serverless(model: Subject, stack: Stack) -> bool:
    """Whether a model is served without instances, where SageMaker knows neither VPC nor network isolation.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html (feature exclusions)
    """
    found = variants_of(model, stack)
    if not all(is_serverless(variant) for variant in found):
        return False
    not_unlinked(model, "name")
    for path, origins in _unclear(stack):
        if not origins or model.resource.urn in origins:
            raise Undeterminable(path)
    return bool(found)
