"""What an endpoint with inference components needs to know, in SageMaker's words."""

from collections.abc import Callable
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from modelberth.aws.foundation import Foundation
from modelberth.aws.sagemaker.components.model import Requirements, SharedModel, fewest, most
from modelberth.aws.sagemaker.instances import InstanceType, InstanceTypeName, instance
from modelberth.aws.sagemaker.model import Outbound
from modelberth.aws.sagemaker.rollout import Rolling
from modelberth.core.config import Config
from modelberth.core.labels import Labels
from modelberth.core.naming import validate_logical_name
from modelberth.core.service import Slo

ComponentName = Annotated[str, AfterValidator(validate_logical_name)]
"""Name of an inference component within its endpoint: lower-case letters, digits and hyphens."""

Routing = Literal["LEAST_OUTSTANDING_REQUESTS", "RANDOM"]


class Instances(Config):
    """How many instances SageMaker keeps for the copies (`ManagedInstanceScaling`). It adds them when a copy has no
    room, and takes away those that are empty."""

    min_instance_count: Annotated[int, Field(ge=0)]
    """Floor. 0: scale to zero. Then the first request is answered with an error and wakes the model: about 5 minutes
    with a small model (https://aws.amazon.com/blogs/machine-learning/unlock-cost-savings-with-the-new-scale-down-to-zero-feature-in-amazon-sagemaker-inference/),
    in which every request fails. And the last instance is paid for about 25 minutes after the last request."""

    max_instance_count: Annotated[int, Field(ge=1)]
    """Ceiling, and so the ceiling of the cost."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min_instance_count > self.max_instance_count:
            raise ValueError(
                f"min_instance_count is {self.min_instance_count}, above max_instance_count {self.max_instance_count}; "
                "raise max_instance_count or lower min_instance_count"
            )
        return self


class InferenceComponentEndpointArgs(Config):
    """One endpoint whose instances several models share."""

    foundation: Foundation
    """Account, network, key and registry that it stands on."""

    instance_type: InstanceTypeName
    """`ml.g5.xlarge`; what is known of each type is in `instance_types.yaml`."""

    instances: Instances
    """How many instances."""

    components: Annotated[dict[ComponentName, SharedModel], Field(min_length=1)]
    """Name to model. Keep the names: callers name one with each request, and it is in the names of alarms and logs. A
    name that changes is a new inference component, and the old one is deleted."""

    primary: ComponentName | None = None
    """The one of which `versions` and `metrics` speak. Left out: the only one; needed where there are several."""

    routing: Routing = "LEAST_OUTSTANDING_REQUESTS"
    """Which copy gets a request. Left out: the one with the fewest in work."""

    rolling: Rolling | None = None
    """Replace copies batch by batch when a version changes, and go back when an alarm fires; a batch is a share of the
    copies. Needs `slo`. Left out: all at once, and nothing is rolled back for an alarm."""

    slo: Slo | None = None
    """What good means, for each component; alarms are made of it, and they roll updates back. Left out: alarms with
    documented defaults."""

    outbound: Outbound | None = None
    """Left out: containers have no network at all (network isolation)."""

    labels: Labels | None = None
    """Who owns it and what it is; tags of everything. Left out: none."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        for check in CHECKS:
            if fault := check(self):
                raise ValueError(fault)
        return self


def primary_of(args: InferenceComponentEndpointArgs) -> str:
    """Name of the component of which `versions` and `metrics` speak."""
    return next(iter(args.components)) if args.primary is None else args.primary


def _primary(args: InferenceComponentEndpointArgs) -> str:
    names = ", ".join(args.components)
    if args.primary is None and len(args.components) > 1:
        count = len(args.components)
        return f"primary: there are {count} components ({names}), and requests are not split among them; name one"
    if args.primary is not None and args.primary not in args.components:
        return f"primary: no such component; there is {names}"
    return ""


def _sizes(args: InferenceComponentEndpointArgs) -> str:
    """Each copy stands on one instance."""
    has = _has(instance(args.instance_type))
    for name, model in args.components.items():
        for word, needed in _reserved(model.requirements).items():
            if needed > has[word]:
                return (
                    f"components.{name}.requirements.{word} is {needed:g}, and {args.instance_type} has {has[word]:g}; "
                    "lower it, or take a larger instance type"
                )
    return ""


def _reserved(requirements: Requirements) -> dict[str, float]:
    given = {word: getattr(requirements, word) for word in ("min_memory_mib", "cpu_cores", "accelerators")}
    return {word: value for word, value in given.items() if value is not None}


def _has(type_: InstanceType) -> dict[str, float]:
    return {"min_memory_mib": type_.memory_gib * 1024, "cpu_cores": type_.vcpus, "accelerators": type_.gpus}


def _steady(args: InferenceComponentEndpointArgs) -> str:
    scaled = next((name for name, model in args.components.items() if model.scaling is not None), None)
    if scaled is None or not instance(args.instance_type).burstable:
        return ""
    return (
        f"components.{scaled}.scaling: {args.instance_type} is burstable, and what a copy bears on it changes with its "
        "credits; take a type such as ml.m7i.large, or leave scaling out"
    )


def _room(args: InferenceComponentEndpointArgs) -> str:
    """All instances together must have room for all copies; whether each copy fits beside others, SageMaker says."""
    ceiling = args.instances.max_instance_count
    for word, one in _has(instance(args.instance_type)).items():
        needed = sum(_reserved(model.requirements).get(word, 0) * most(model) for model in args.components.values())
        if needed > one * ceiling:
            return (
                f"instances.max_instance_count is {ceiling}, and {ceiling} x {args.instance_type} has {word} "
                f"{one * ceiling:g}; all copies together reserve {needed:g}; raise it, or lower the copies"
            )
    return ""


def _zero(args: InferenceComponentEndpointArgs) -> str:
    """Instances leave only when no copy is left on them."""
    if args.instances.min_instance_count > 0:
        return ""
    awake = next((name for name, model in args.components.items() if fewest(model) > 0), None)
    if awake is None:
        return ""
    kept = fewest(args.components[awake])
    return (
        f"instances.min_instance_count is 0, but {awake} keeps {kept} {'copy' if kept == 1 else 'copies'}, so that "
        f"instances never go; give components.{awake}.scaling with min_capacity 0, or write 1"
    )


def _guard(args: InferenceComponentEndpointArgs) -> str:
    """A batch is half of the copies at most (API_InferenceComponentRollingUpdatePolicy), so one copy cannot roll."""
    if args.rolling is None:
        return ""
    if args.slo is None:
        return "rolling: nothing says when to roll back; give slo"
    for name, model in args.components.items():
        if fewest(model) < 2:
            return (
                f"rolling: a batch is half of the copies at most, and {name} may have {fewest(model)}; keep 2 or more, "
                "or leave rolling out"
            )
    return ""


CHECKS: tuple[Callable[[InferenceComponentEndpointArgs], str], ...] = (
    _primary,
    _sizes,
    _steady,
    _room,
    _zero,
    _guard,
)
"""What must hang together; each gives the first fault that it finds, or nothing."""
