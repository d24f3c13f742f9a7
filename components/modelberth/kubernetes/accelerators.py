"""GPUs and other devices: what a container asks for, and on which nodes they are."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from modelberth.core.config import Config


class Toleration(Config):
    """A taint that pods may stand on."""

    key: str
    """The taint's key: `nvidia.com/gpu`."""

    value: str | None = None
    """Its value. Left out: any."""

    effect: Literal["NoSchedule", "NoExecute", "PreferNoSchedule"] = "NoSchedule"
    """What it does to others. Left out: NoSchedule."""


class Accelerator(Config):
    """One sort of device in the cluster, under the name that services ask for: `l4`."""

    resource: Annotated[
        str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?/[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$")
    ] = "nvidia.com/gpu"
    """What the device plugin calls it; a slice of a GPU: `nvidia.com/mig-1g.10gb`. Left out: `nvidia.com/gpu`."""

    node_selector: Annotated[dict[str, str], Field(min_length=1)]
    """Labels of the nodes that have it: `{nvidia.com/gpu.product: NVIDIA-L4}`."""

    tolerations: Annotated[tuple[Toleration, ...], Field(min_length=1)] = (Toleration(key="nvidia.com/gpu"),)
    """Taints of those nodes. Left out: `nvidia.com/gpu`."""

    per_node: Annotated[int, Field(ge=1)] | None = None
    """How many of them one node has. Left out: it is not known, and a pod that asks for more than there are waits."""

    spot: dict[str, str] = Field(default_factory=dict)
    """Labels of those of them that may be taken away at any time and cost less: they are preferred, and the others are
    the fallback. Left out: there is no preference."""

    spot_tolerations: tuple[Toleration, ...] = ()
    """Taints of these. Left out: none."""

    @model_validator(mode="after")
    def _spot_is_named(self) -> Self:
        if self.spot_tolerations and not self.spot:
            raise ValueError("spot_tolerations are given, and spot says of no node that it is one; give its labels")
        return self


class Devices(Config):
    """Accelerators of one pod."""

    accelerator: Accelerator
    """Which."""

    count: Annotated[int, Field(ge=1)] = 1
    """How many. Left out: 1."""


def requested(devices: Devices | None) -> dict[str, int]:
    """The devices by the name of their resource."""
    return {} if devices is None else {devices.accelerator.resource: devices.count}


def placement(devices: Devices | None) -> dict[str, Any]:
    """The fields of a pod spec that bring it to nodes with its devices. Pure."""
    if devices is None:
        return {}
    accelerator = devices.accelerator
    tolerations = [_toleration(each) for each in (*accelerator.tolerations, *accelerator.spot_tolerations)]
    placed: dict[str, Any] = {"nodeSelector": dict(accelerator.node_selector), "tolerations": tolerations}
    return placed if not accelerator.spot else {**placed, "affinity": {"nodeAffinity": _preferring(accelerator.spot)}}


def _toleration(toleration: Toleration) -> dict[str, str]:
    match = {"operator": "Exists"} if toleration.value is None else {"operator": "Equal", "value": toleration.value}
    return {"key": toleration.key, **match, "effect": toleration.effect}


def _preferring(labels: Mapping[str, str]) -> dict[str, Any]:
    terms = [{"key": key, "operator": "In", "values": [value]} for key, value in sorted(labels.items())]
    return {
        "preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 100, "preference": {"matchExpressions": terms}}]
    }
