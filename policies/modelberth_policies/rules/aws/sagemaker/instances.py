"""What variants run on, and how much of it: instance types, accelerators, serverless sizes, shadows."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from modelberth_policies.place import region_of
from modelberth_policies.prices import find
from modelberth_policies.rule import Category, Severity, graph_rule, resource_rule
from modelberth_policies.rules.aws.sagemaker.hosting import (
    CONFIGURATIONS,
    called,
    configurations,
    every_variant,
    is_serverless,
)
from modelberth_policies.rules.aws.sagemaker.instance_families import is_accelerated
from modelberth_policies.rules.counts import above
from modelberth_policies.subject import Limits, Stack, Subject, Undeterminable

MAX_SHADOWS = 1
"""SageMaker takes no more: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html."""


@resource_rule(
    "sagemaker-gpu-env-allow-list",
    Severity.HIGH,
    Category.COST,
    *CONFIGURATIONS,
    over=every_variant,
    applies=lambda limits: not limits.instances.gpu,
    frameworks=("FinOps",),
    why="An instance with accelerators costs ten times as much as one without, also while nobody uses it.",
    fix="Take an instance type without accelerators here, or set instances.gpu in the limits of the environment.",
)
def sagemaker_gpu_env_allow_list(variant: Subject) -> Iterator[str]:
    if not is_serverless(variant) and is_accelerated(variant.text("instanceType")):
        yield f"runs {called(variant)} on {variant.show('instanceType')}; this environment has no accelerators"


def _limits_types(limits: Limits) -> bool:
    return bool(limits.instances.allowed) or limits.instances.max_hourly_usd is not None


@graph_rule(
    "sagemaker-instance-allow-list",
    Severity.MEDIUM,
    Category.COST,
    *CONFIGURATIONS,
    over=every_variant,
    applies=_limits_types,
    frameworks=("FinOps",),
    why="One letter in an instance type multiplies the bill.",
    fix="Take an instance type that instances.allowed names and that costs at most instances.max_hourly_usd.",
)
def sagemaker_instance_allow_list(variant: Subject, stack: Stack) -> Iterator[str]:
    """A cap on the price is no cap for a type whose price nobody knows."""
    if is_serverless(variant):
        return
    type_, limits = variant.text("instanceType"), variant.limits.instances
    if limits.allowed and not any(fnmatchcase(type_, allowed) for allowed in limits.allowed):
        yield f"runs {called(variant)} on {variant.show('instanceType')}; allowed are {', '.join(limits.allowed)}"
    if limits.max_hourly_usd is not None:
        yield from _too_dear(variant, type_, limits.max_hourly_usd, stack)


def _too_dear(variant: Subject, type_: str, most: float, stack: Stack) -> Iterator[str]:
    region = region_of(variant.resource, stack.plan)
    if not isinstance(region, str):
        raise Undeterminable("region")
    price = find("aws", "sagemaker-hosting", type_, region)
    if price is None:
        shown = variant.show("instanceType")
        yield f"runs on {shown}, whose price in {region} is not known; the cap is {most:g} USD an hour"
    elif price.usd > most:
        yield f"runs on {variant.show('instanceType')} for {price.usd:g} USD an hour; the most is {most:g}"


@resource_rule(
    "sagemaker-serverless-bounds",
    Severity.MEDIUM,
    Category.COST,
    *CONFIGURATIONS,
    over=every_variant,
    frameworks=("FinOps",),
    why="A serverless endpoint costs what it is let, and provisioned concurrency costs while nobody calls.",
    fix="Lower max_concurrency and memory_size_in_mb; leave out provisioned_concurrency outside production.",
)
def sagemaker_serverless_bounds(variant: Subject) -> Iterator[str]:
    if not is_serverless(variant):
        return
    limits = variant.limits.serverless
    bounds = {"maxConcurrency": limits.max_concurrency, "memorySizeInMb": limits.max_memory_mib}
    for field, most in bounds.items():
        yield from above(variant, f"serverlessConfig.{field}", most)
    provisioned = "serverlessConfig.provisionedConcurrency"
    if not variant.limits.production and variant.value(provisioned, 0) != 0:
        yield f"keeps {variant.show(provisioned)} of {called(variant)} warm, outside production"


@resource_rule(
    "sagemaker-shadow-variant-bounds",
    Severity.LOW,
    Category.COST,
    *CONFIGURATIONS,
    over=configurations,
    frameworks=("FinOps",),
    why="A shadow is a second fleet that answers nobody.",
    fix="Leave one shadow_production_variant at most, and take it away when the comparison is done.",
)
def sagemaker_shadow_variant_bounds(configuration: Subject) -> Iterator[str]:
    """That its cost is counted is the bill's business, which prices shadows like other variants."""
    shadows = len(list(configuration.each("shadowProductionVariants")))
    if shadows > MAX_SHADOWS:
        yield f"has {shadows} shadow variants; the most is {MAX_SHADOWS}"


RULES = (
    sagemaker_gpu_env_allow_list,
    sagemaker_instance_allow_list,
    sagemaker_serverless_bounds,
    sagemaker_shadow_variant_bounds,
)
