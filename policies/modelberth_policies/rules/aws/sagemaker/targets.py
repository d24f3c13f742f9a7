"""Scaling targets and policies, by what they scale: `endpoint/NAME/variant/VARIANT`, `inference-component/NAME`."""

from collections.abc import Iterator, Mapping

from modelberth_policies.resources import GAP
from modelberth_policies.rules.aws.sagemaker.hosting import every_variant
from modelberth_policies.rules.aws.sagemaker.linking import (
    indexed,
    keys_of,
    known_text,
    looked_up,
    own_keys,
    per_stack,
)
from modelberth_policies.rules.aws.unlinked import no_unlinked, not_unlinked
from modelberth_policies.subject import Stack, Subject, Undeterminable

TARGET = "aws:appautoscaling/target:Target"
POLICY = "aws:appautoscaling/policy:Policy"
SCHEDULED_ACTION = "aws:appautoscaling/scheduledAction:ScheduledAction"


def ceilings(subject: Subject) -> Iterator[Subject]:
    """What may raise a number of instances on SageMaker: targets, scheduled actions, variants that scale themselves."""
    if subject.type in (TARGET, SCHEDULED_ACTION):
        if subject.value("serviceNamespace") == "sagemaker":
            yield subject
        return
    for variant in every_variant(subject):
        if variant.present("managedInstanceScaling"):
            yield variant


def targets_of_variant(endpoint: Subject, variant: Subject, stack: Stack) -> list[Subject]:
    """What scales a variant of an endpoint. Raises `Undeterminable` where none does and an unknown one may."""
    urn, *names = own_keys(endpoint)
    own = known_text(variant, "variantName")
    keys = [f"endpoint/{name}/variant/{own or ''}" for name in names]
    found = looked_up(_targets(stack), (urn, *keys))
    scaling = _or_unclear([target for target in found if _may_scale(target, own)], endpoint, stack)
    if scaling and own is None:
        raise Undeterminable(variant.full("variantName"))
    return scaling


def targets_of_component(component: Subject, stack: Stack) -> list[Subject]:
    """What scales an inference component. Raises `Undeterminable` where none does and an unknown one may."""
    urn, *names = own_keys(component)
    found = looked_up(_targets(stack), (urn, *(f"inference-component/{name}" for name in names)))
    return _or_unclear(found, component, stack)


def has_policy(target: Subject, stack: Stack) -> bool:
    """Whether a policy moves the target."""
    return bool(looked_up(_policies(stack), (target.resource.urn, *keys_of(target, "resourceId"))))


def no_other_policy(stack: Stack) -> None:
    """Raises `Undeterminable` where a policy may move any target."""
    no_unlinked(stack, POLICY, "resourceId")


def _may_scale(target: Subject, variant: str | None) -> bool:
    """Of a target whose endpoint is known: whether its variant, as far as that is known, is this one."""
    try:
        tail = target.text("resourceId").rpartition("/variant/")[2]
    except Undeterminable:
        return True
    return GAP in tail or not variant or tail == variant


def _or_unclear(found: list[Subject], owner: Subject, stack: Stack) -> list[Subject]:
    """Those that are of SageMaker for certain. Raises `Undeterminable` where only others may scale the owner."""
    certain = [target for target in found if known_text(target, "serviceNamespace") == "sagemaker"]
    if not certain:
        for target in found:
            raise Undeterminable(f"{target.name}.serviceNamespace")
        not_unlinked(owner, "name")
        for target in _unclear(stack):
            raise Undeterminable(f"{target.name}.resourceId")
    return certain


@per_stack
def _targets(stack: Stack) -> Mapping[str, list[Subject]]:
    return indexed(_of_sagemaker(stack), _scaled)


@per_stack
def _unclear(stack: Stack) -> list[Subject]:
    return [target for target in _of_sagemaker(stack) if not keys_of(target, "resourceId")]


@per_stack
def _policies(stack: Stack) -> Mapping[str, list[Subject]]:
    return indexed(stack.of_type(POLICY), lambda policy: keys_of(policy, "resourceId"))


def _of_sagemaker(stack: Stack) -> list[Subject]:
    return [target for target in stack.of_type(TARGET) if known_text(target, "serviceNamespace") in (None, "sagemaker")]


def _scaled(target: Subject) -> Iterator[str]:
    """What a target may be looked up by; also `endpoint/NAME/variant/`, for a variant whose name nobody gave."""
    for key in keys_of(target, "resourceId"):
        yield key
        if key.startswith("endpoint/"):
            yield f"{key.rpartition('/')[0]}/"
