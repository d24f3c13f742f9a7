"""How many instances: two to begin with, more with load, never without limit, and none while nobody asks."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, graph_rule, resource_rule
from modelberth_policies.rules.aws.sagemaker.hosting import (
    CONFIGURATIONS,
    called,
    configurations,
    endpoints_of,
    has_model,
    inference_components,
    is_serverless,
    variants,
)
from modelberth_policies.rules.aws.sagemaker.targets import (
    SCHEDULED_ACTION,
    TARGET,
    ceilings,
    has_policy,
    no_other_policy,
    targets_of_component,
    targets_of_variant,
)
from modelberth_policies.rules.counts import above, count
from modelberth_policies.subject import Stack, Subject

MIN_INSTANCES = 2
PROVISIONED = "sagemaker:variant:DesiredProvisionedConcurrency"


@resource_rule(
    "sagemaker-prod-min-two-instances",
    Severity.MEDIUM,
    Category.RELIABILITY,
    *CONFIGURATIONS,
    over=variants,
    applies=lambda limits: limits.production,
    frameworks=("FSBP SageMaker.4", "ISO A.8.14"),
    anchors=("FSBP:SageMaker.4", "prowler:sagemaker_endpoint_config_prod_variant_instances"),
    why="SageMaker spreads two instances over zones; one is gone with its zone, and during every repair.",
    fix="Set initial_instance_count of the variant to 2 or more.",
)
def sagemaker_prod_min_two_instances(variant: Subject) -> Iterator[str]:
    if is_serverless(variant):
        return
    found = count(variant, "initialInstanceCount")
    if found is None or found < MIN_INSTANCES:
        got = variant.show("initialInstanceCount")
        yield f"starts {called(variant)} with an initialInstanceCount of {got}; the least is {MIN_INSTANCES}"


@graph_rule(
    "sagemaker-autoscaling-present",
    Severity.MEDIUM,
    Category.RELIABILITY,
    *CONFIGURATIONS,
    applies=lambda limits: limits.production,
    frameworks=("NIST SC-5",),
    why="A fleet of a fixed size refuses requests when more come than somebody once guessed.",
    fix="Add an appautoscaling Target and Policy; for inference components, managed_instance_scaling too.",
)
def sagemaker_autoscaling_present(resource: Subject, stack: Stack) -> Iterator[str]:
    for component in inference_components(resource):
        yield from _unscaled("", targets_of_component(component, stack), stack)
    for configuration in configurations(resource):
        if configuration.present("asyncInferenceConfig"):
            return
        for endpoint in endpoints_of(configuration, stack):
            for variant in configuration.each("productionVariants"):
                if not is_serverless(variant) and not _is_managed(variant):
                    targets = targets_of_variant(endpoint, variant, stack)
                    yield from _unscaled(f"{called(variant)} of {endpoint.name}", targets, stack)


def _unscaled(what: str, targets: list[Subject], stack: Stack) -> Iterator[str]:
    place = f" for {what}" if what else ""
    if not targets:
        yield f"has no scaling target{place}"
    elif not any(has_policy(target, stack) for target in targets):
        no_other_policy(stack)
        yield f"has a scaling target{place} ({targets[0].name}), but no policy that moves it"


def _is_managed(variant: Subject) -> bool:
    return not has_model(variant) and variant.value("managedInstanceScaling.status") == "ENABLED"


@resource_rule(
    "sagemaker-autoscaling-max-bounded",
    Severity.HIGH,
    Category.COST,
    TARGET,
    SCHEDULED_ACTION,
    *CONFIGURATIONS,
    over=ceilings,
    frameworks=("FinOps",),
    why="An autoscaler follows a rush, a loop or an attack up to its maximum, and so does the bill.",
    fix="Lower max_capacity (max_instance_count), or raise instances.max_count of the limits.",
)
def sagemaker_autoscaling_max_bounded(ceiling: Subject) -> Iterator[str]:
    """The count only; what all maxima together cost is the business of stack-worst-case-cost."""
    path = _CEILINGS.get(ceiling.type, "managedInstanceScaling.maxInstanceCount")
    if ceiling.type == SCHEDULED_ACTION and not ceiling.present(path):
        return
    yield from above(ceiling, path, _most(ceiling))


_CEILINGS = {TARGET: "maxCapacity", SCHEDULED_ACTION: "scalableTargetAction.maxCapacity"}


def _most(ceiling: Subject) -> int:
    """Of instances and copies; a serverless endpoint scales how many requests find it warm."""
    if ceiling.type in _CEILINGS and ceiling.text("scalableDimension") == PROVISIONED:
        return ceiling.limits.serverless.max_concurrency
    return ceiling.limits.instances.max_count


@graph_rule(
    "sagemaker-nonprod-scale-to-zero",
    Severity.MEDIUM,
    Category.COST,
    *CONFIGURATIONS,
    applies=lambda limits: not limits.production,
    frameworks=("FinOps",),
    why="An endpoint for trying things out is paid by the hour, nights and weekends included.",
    fix="Take serverless_config, an asynchronous endpoint or inference components, with min_capacity 0.",
)
def sagemaker_nonprod_scale_to_zero(resource: Subject, stack: Stack) -> Iterator[str]:
    for component in inference_components(resource):
        if not _reaches_none(targets_of_component(component, stack)):
            yield "always has a copy: it has no scaling target with minCapacity 0"
    for configuration in configurations(resource):
        for variant in configuration.each("productionVariants"):
            if not is_serverless(variant):
                yield from _kept(configuration, variant, stack)


def _kept(configuration: Subject, variant: Subject, stack: Stack) -> Iterator[str]:
    if configuration.present("asyncInferenceConfig"):
        yield from _always_on(configuration, variant, stack)
    elif has_model(variant):
        yield f"keeps instances for {called(variant)}, which SageMaker cannot scale to none"
    elif variant.value("managedInstanceScaling.minInstanceCount", 1) != 0:
        yield f"keeps instances for {called(variant)}: managedInstanceScaling.minInstanceCount is not 0"


def _always_on(configuration: Subject, variant: Subject, stack: Stack) -> Iterator[str]:
    for endpoint in endpoints_of(configuration, stack):
        if not _reaches_none(targets_of_variant(endpoint, variant, stack)):
            yield f"keeps instances for {called(variant)} of {endpoint.name}: no scaling target has minCapacity 0"


def _reaches_none(targets: list[Subject]) -> bool:
    return any(count(target, "minCapacity") == 0 for target in targets)


RULES = (
    sagemaker_prod_min_two_instances,
    sagemaker_autoscaling_present,
    sagemaker_autoscaling_max_bounded,
    sagemaker_nonprod_scale_to_zero,
)
