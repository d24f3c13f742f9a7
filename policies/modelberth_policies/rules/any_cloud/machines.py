"""Which machines are bought: accelerators as spot capacity outside production, and none of an old generation."""

import re
from collections.abc import Callable, Iterator, Mapping

from modelberth_policies.rule import Category, Severity, resource_rule
from modelberth_policies.subject import Subject

ACCELERATED = re.compile(
    r"^(?:ml\.)?(?:g\d|gr\d|p\d|inf\d|trn\d|dl\d)[a-z]*\.|^(?:a[234]|g[24])-|^standard_n[cdvgp]", re.IGNORECASE
)
"""Instance types with accelerators, which all three clouds name for what they have. Sources:
docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html, cloud.google.com/compute/docs/gpus,
learn.microsoft.com/azure/virtual-machines/sizes/overview (N family)."""

OLD = re.compile(
    r"^(?:ml\.)?(?:p[23]|g3s?|m4|c4|r4|t2)\.|nvidia-tesla-(?:k80|p4|p100)$|^standard_n[cdv]\d+r?s?(?:_v[12])?(?:_promo)?$",
    re.IGNORECASE,
)
"""Generations that cost more for the same work than their successors, or are being withdrawn: P2, P3, G3, M4, C4, R4,
T2; K80, P4, P100; NC, ND, NV up to version 2."""


def _node_group(group: Subject) -> bool:
    return group.value("capacityType") == "SPOT"


def _node_pool(pool: Subject) -> bool:
    return pool.value("nodeConfig.spot") is True or pool.value("nodeConfig.preemptible") is True


def _agent_pool(pool: Subject) -> bool:
    return pool.value("scaleSetPriority") == "Spot"


def _compute(compute: Subject) -> bool:
    return compute.value("properties.properties.vmPriority") == "LowPriority"


def _instance(instance: Subject) -> bool:
    return instance.value("scheduling.provisioningModel") == "SPOT" or instance.value("scheduling.preemptible") is True


def _aws_instance(instance: Subject) -> bool:
    return instance.value("instanceMarketOptions.marketType") == "spot"


SPOT: Mapping[str, tuple[tuple[str, ...], Callable[[Subject], bool]]] = {
    "aws:eks/nodeGroup:NodeGroup": (("instanceTypes",), _node_group),
    "aws:ec2/instance:Instance": (("instanceType",), _aws_instance),
    "gcp:container/nodePool:NodePool": (("nodeConfig.machineType", "nodeConfig.guestAccelerators"), _node_pool),
    "gcp:compute/instance:Instance": (("machineType", "guestAccelerators"), _instance),
    "azure-native:containerservice:AgentPool": (("vmSize",), _agent_pool),
    "azure-native:machinelearningservices:Compute": (("properties.properties.vmSize",), _compute),
}
"""Type → inputs that name its machines, and whether it is spot or low-priority capacity."""


def machines_of(subject: Subject, paths: tuple[str, ...]) -> Iterator[str]:
    """The machines and accelerators that stand at these inputs: a text, a list of texts, or a list with `type`."""
    for path in paths:
        text = subject.text(path)
        if text:
            yield text
            continue
        for part in subject.each(path):
            yield part.text("") or part.text("type")


@resource_rule(
    "gpu-nonprod-spot",
    Severity.MEDIUM,
    Category.COST,
    *SPOT,
    frameworks=("FinOps",),
    why="A trial or a batch can wait for a machine; on spot capacity it costs a third.",
    fix="Use spot or low-priority capacity for machines with accelerators outside production.",
    applies=lambda limits: not limits.production,
)
def gpu_nonprod_spot(subject: Subject) -> Iterator[str]:
    paths, is_spot = SPOT[subject.type]
    found = [machine for machine in machines_of(subject, paths) if ACCELERATED.match(machine) or "nvidia" in machine]
    if found and not is_spot(subject):
        yield f"buys {', '.join(found)} at the full price"


NAMED: Mapping[str, tuple[str, ...]] = {
    **{type_: paths for type_, (paths, _) in SPOT.items()},
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration": ("productionVariants", "shadowProductionVariants"),
    "aws:ec2/launchTemplate:LaunchTemplate": ("instanceType",),
    "azure-native:machinelearningservices:OnlineDeployment": ("properties.instanceType",),
}


@resource_rule(
    "old-generation-instances",
    Severity.LOW,
    Category.COST,
    *NAMED,
    frameworks=("FinOps",),
    why="An old generation costs more for the same work, and is withdrawn when it suits the cloud.",
    fix="Use the family's current generation.",
)
def old_generation_instances(subject: Subject) -> Iterator[str]:
    for path in NAMED[subject.type]:
        parts = list(subject.each(path))
        names = [part.text("instanceType") for part in parts] if parts else []
        for name in [*names, *machines_of(subject, (path,))]:
            if OLD.search(name):
                yield f"uses {name}, of an old generation"


RULES = (gpu_nonprod_spot, old_generation_instances)
