"""Whether anybody hears of it: alarms on errors and latency, and jobs that compare captured data with a baseline."""

from collections.abc import Iterator, Mapping

from modelberth_policies.rule import Category, Severity, graph_rule
from modelberth_policies.rules.aws.sagemaker.alarms import missing_of, missing_of_variant
from modelberth_policies.rules.aws.sagemaker.capture import captures
from modelberth_policies.rules.aws.sagemaker.encryption import DATA_QUALITY, OUTPUTS, SCHEDULE
from modelberth_policies.rules.aws.sagemaker.hosting import (
    CLOUD_CONTROL,
    ENDPOINT,
    called,
    configurations_of,
    documents,
    has_model,
    inference_components,
)
from modelberth_policies.rules.aws.sagemaker.linking import (
    indexed,
    keys_of,
    looked_up,
    own_keys,
    per_stack,
)
from modelberth_policies.subject import Stack, Subject, Undeterminable


@graph_rule(
    "sagemaker-endpoint-alarms",
    Severity.HIGH,
    Category.RELIABILITY,
    ENDPOINT,
    CLOUD_CONTROL,
    applies=lambda limits: limits.production,
    frameworks=("NIST SI-4", "AISF-DETECT-05"),
    why="Without alarms the callers are the first to know, and no update can be rolled back.",
    fix="Add a MetricAlarm on Invocation5XXErrors and one on ModelLatency, with EndpointName and VariantName.",
)
def sagemaker_endpoint_alarms(resource: Subject, stack: Stack) -> Iterator[str]:
    """Of variants, and of inference components, which have the same metrics under a name of their own."""
    for component in inference_components(resource):
        yield from _silent("", missing_of(stack, component))
    if resource.type != ENDPOINT:
        return
    for configuration in configurations_of(resource, stack):
        for variant in configuration.each("productionVariants"):
            if has_model(variant):
                yield from _silent(f" for {called(variant)}", missing_of_variant(stack, resource, variant))


def _silent(whose: str, missing: list[str]) -> Iterator[str]:
    if missing:
        yield f"has no alarm on {' or '.join(missing)}{whose}"


@graph_rule(
    "sagemaker-monitoring-schedule",
    Severity.LOW,
    Category.GOVERNANCE,
    ENDPOINT,
    applies=lambda limits: limits.production and limits.data.model_monitor,
    frameworks=("AISF-ML-05",),
    anchors=("prowler:sagemaker_models_monitor_enabled",),
    why="Captured data that nobody compares with a baseline tells nobody that the world has changed.",
    fix="Add a MonitoringSchedule whose job definition reads this endpoint.",
)
def sagemaker_monitoring_schedule(endpoint: Subject, stack: Stack) -> Iterator[str]:
    if not any(captures(configuration) for configuration in configurations_of(endpoint, stack)):
        return
    if looked_up(_scheduled(stack), own_keys(endpoint)):
        return
    for schedule in _unclear(stack):
        raise Undeterminable(f"{schedule.name}.monitoringScheduleConfig")
    yield "captures requests, and no monitoring schedule looks at them"


@per_stack
def _scheduled(stack: Stack) -> Mapping[str, list[Subject]]:
    return indexed(stack.of_type(SCHEDULE), lambda schedule: _watched(schedule, stack))


@per_stack
def _unclear(stack: Stack) -> list[Subject]:
    """Schedules of which nobody knows what they read: neither the name of an endpoint, nor one of this stack."""
    endpoints = {endpoint.resource.urn for endpoint in stack.of_type(ENDPOINT)}
    found = ((schedule, set(_watched(schedule, stack))) for schedule in stack.of_type(SCHEDULE))
    return [
        schedule for schedule, keys in found if all(key.startswith("urn:") and key not in endpoints for key in keys)
    ]


def _watched(schedule: Subject, stack: Stack) -> Iterator[str]:
    """Keys of the endpoints that a schedule's job reads, by a definition within it or by one that it names.

    A definition's name may follow its content, and so be computed from the endpoint and not from the definition.
    """
    inline = "monitoringScheduleConfig.monitoringJobDefinition.monitoringInputs.endpointInput.endpointName"
    yield from keys_of(schedule, inline)
    named = keys_of(schedule, "monitoringScheduleConfig.monitoringJobDefinitionName")
    yield from (key for key in named if key.startswith("urn:"))
    for definition in looked_up(_definitions(stack), named):
        yield from _read_by(definition)


def _read_by(definition: Subject) -> Iterator[str]:
    if definition.type == DATA_QUALITY:
        yield from keys_of(definition, "dataQualityJobInput.endpointInput.endpointName")
        return
    try:
        for type_name, output in OUTPUTS.items():
            for document in documents(definition, type_name):
                yield from keys_of(document, f"{output.removesuffix('OutputConfig')}Input.endpointInput.endpointName")
    except Undeterminable:
        yield from definition.resource.property_dependencies.get("desiredState", ())


@per_stack
def _definitions(stack: Stack) -> Mapping[str, list[Subject]]:
    return indexed(stack.of_type(DATA_QUALITY, CLOUD_CONTROL), _definition_keys)


def _definition_keys(resource: Subject) -> Iterator[str]:
    yield from own_keys(resource)
    try:
        for type_name in OUTPUTS:
            for document in documents(resource, type_name):
                yield document.text("jobDefinitionName")
    except Undeterminable:
        return


RULES = (sagemaker_endpoint_alarms, sagemaker_monitoring_schedule)
