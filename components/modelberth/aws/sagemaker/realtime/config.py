"""What a real-time endpoint needs to know, in SageMaker's words."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, model_validator

from modelberth.aws.foundation import Foundation
from modelberth.aws.ids import shaped
from modelberth.aws.sagemaker.capture import DataCapture
from modelberth.aws.sagemaker.instances import InstanceType, InstanceTypeName, instance
from modelberth.aws.sagemaker.metrics import Capacity
from modelberth.aws.sagemaker.model import Artefact, Outbound, check_images
from modelberth.aws.sagemaker.monitoring import too_many_rollback_alarms, unsupported_gates
from modelberth.aws.sagemaker.realtime.scaling import Scaling
from modelberth.aws.sagemaker.rollout import STRATEGIES, Rollout, too_short
from modelberth.core.config import Config
from modelberth.core.labels import Labels
from modelberth.core.rollout import Gate
from modelberth.core.service import Slo

VariantName = Annotated[
    str, shaped(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", "a name; write letters, digits and hyphens, 63 at most")
]
"""Name of a variant: letters, digits and hyphens."""

WHOLE = 100


class Fleet(Artefact):
    """One version of a model on instances of its own."""

    instance_type: InstanceTypeName
    """`ml.m6i.large`; what is known of each type is in `instance_types.yaml`."""

    initial_instance_count: Annotated[int, Field(ge=1)] | None = None
    """Instances at first, and after every update: UpdateEndpoint sets the count back to it. What would keep the live
    count, RetainAllVariantProperties, is not exposed (terraform-provider-aws issue 49069). Left out: the scaling's
    `min_capacity`, or 1."""

    volume_gib: Annotated[int, Field(ge=1, le=512)] | None = None
    """Size of each instance's volume, in GiB. Left out: SageMaker's choice. Instances with local storage have none."""

    startup_timeout_seconds: Annotated[int, Field(ge=60, le=3600)] | None = None
    """How long a container may take until `GET /ping` answers. Left out: SageMaker's 8 minutes."""

    @model_validator(mode="after")
    def _volume_possible(self) -> Self:
        if self.volume_gib is not None and instance(self.instance_type).nvme:
            raise ValueError(
                f"volume_gib is {self.volume_gib}, but {self.instance_type} has local storage and takes no volume; "
                "leave it out"
            )
        return self


class Variant(Fleet):
    """One version that answers requests."""

    weight: Annotated[int, Field(ge=0, le=WHOLE)] = WHOLE
    """Its share of the requests, in percent; of all variants together 100. 0: it is up, and answers only callers that
    name it. Left out: 100."""

    scaling: Scaling | None = None
    """How the number of instances follows the load. Leave it out in one run before the variant goes, or gets another
    instance type: SageMaker refuses both while it scales. Left out: the number stays."""

    @model_validator(mode="after")
    def _scales(self) -> Self:
        if self.scaling is not None:
            self.scaling.check(instance(self.instance_type), self.initial_instance_count)
        return self


class Shadow(Fleet):
    """One version that gets copies of requests; its answers are dropped."""

    sample: Annotated[int, Field(ge=1, le=WHOLE)] = WHOLE
    """Share of the requests that is copied, in percent. Left out: all."""


class RealtimeEndpointArgs(Config):
    """One endpoint on instances."""

    foundation: Foundation
    """Account, network, key and registry that it stands on."""

    variants: Annotated[dict[VariantName, Variant], Field(min_length=1, max_length=10)]
    """Name to what answers requests. Keep the names: a guarded update needs the same ones before and after it."""

    shadows: Annotated[dict[VariantName, Shadow], Field(max_length=1)] = Field(default_factory=dict)
    """Name to what gets copies; at most one, beside one variant. Left out: none."""

    rollout: Rollout | None = None
    """How an update is guarded. Left out: a second fleet, all traffic at once, and nothing is rolled back. A change of
    the rollout itself, or of the alarms that it names, is an update of the endpoint too."""

    slo: Slo | None = None
    """What good means; alarms are made of it, and they roll updates back. Left out: alarms with documented defaults."""

    gates: tuple[Gate, ...] = ()
    """What must hold during an update, besides. Left out: the SLO alone."""

    traffic_expected: bool = False
    """Whether silence is a fault: an alarm where no request comes for 15 minutes. Left out: no."""

    capture: DataCapture | None = None
    """Requests and answers that are kept. Left out: none."""

    outbound: Outbound | None = None
    """Left out: containers have no network at all (network isolation)."""

    labels: Labels | None = None
    """Who owns it and what it is; tags of everything. Left out: none."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        for fault in (_weights(self), _shadow(self), _guard(self), _storage(self)):
            if fault:
                raise ValueError(fault)
        check_images([*self.variants.values(), *self.shadows.values()], self.foundation.account.region)
        return self


def _weights(args: RealtimeEndpointArgs) -> str:
    weights = {name: variant.weight for name, variant in args.variants.items()}
    if sum(weights.values()) == WHOLE:
        return ""
    listed = ", ".join(f"{name} {weight}" for name, weight in weights.items())
    return f"variants: weights are {listed}, together {sum(weights.values())}; together they must be {WHOLE}"


def _shadow(args: RealtimeEndpointArgs) -> str:
    if not args.shadows:
        return ""
    if len(args.variants) > 1:
        return f"shadows: there are {len(args.variants)} variants, and a shadow stands beside one; leave one"
    both = sorted(args.shadows.keys() & args.variants.keys())
    if both:
        return f"shadows: {both[0]} is the name of a variant too; rename it"
    # Source: https://docs.aws.amazon.com/sagemaker/latest/dg/shadow-tests-exclusions.html
    for name, fleet in {**args.variants, **args.shadows}.items():
        if fleet.many or len(fleet.containers) > 1:
            return f"shadows: {name} has several models or containers, and SageMaker copies no requests then; leave one"
        if instance(fleet.instance_type).inf1:
            return f"shadows: {name} is on Inf1, where SageMaker copies no requests; take Inf2"
    return ""


def _guard(args: RealtimeEndpointArgs) -> str:
    if args.rollout is None:
        return "gates: nothing is rolled back without a rollout; give rollout, or leave gates out" if args.gates else ""
    strategy = next(name for name in STRATEGIES if getattr(args.rollout, name) is not None)
    if args.slo is None and not args.gates:
        return f"rollout.{strategy}: nothing says when to roll back; give slo or gates"
    for path, why, fix in unsupported_gates(args.gates):
        return f"{path}: {why}; {fix}"
    if fault := too_short(args.rollout, gated=bool(args.gates)):
        return fault
    if fault := too_many_rollback_alarms(capacities_of(args), args.slo, args.gates):
        return f"rollout.{strategy}: {fault}"
    if args.rollout.rolling is not None and len(args.variants) > 1:
        return f"rollout.rolling: there are {len(args.variants)} variants, and SageMaker rolls one; take blue_green"
    old = sorted(name for name, variant in args.variants.items() if instance(variant.instance_type).inf1)
    return f"rollout.{strategy}: {old[0]} is on Inf1, which SageMaker does not guard; take Inf2" if old else ""


def _storage(args: RealtimeEndpointArgs) -> str:
    local = {name for name, type_ in instances_of(args).items() if type_.nvme}
    if not local or local == instances_of(args).keys():
        return ""
    return (
        f"variants: {', '.join(sorted(local))} has local storage, which takes no volume key, and the others need one; "
        "take instance types of one sort"
    )


def capacities_of(args: RealtimeEndpointArgs) -> dict[str, Capacity]:
    """What one instance of each variant has. Neuron devices are no GPUs, and no metric tells of them."""
    types = {name: instance(variant.instance_type) for name, variant in args.variants.items()}
    return {name: Capacity(vcpus=type_.vcpus, gpus=0 if type_.neuron else type_.gpus) for name, type_ in types.items()}


def instances_of(args: RealtimeEndpointArgs) -> Mapping[str, InstanceType]:
    """Variant and shadow to what is known of its instance type."""
    return {name: instance(fleet.instance_type) for name, fleet in {**args.variants, **args.shadows}.items()}
