"""Amounts as Kubernetes writes them: half a core is `500m`, two GiB are `2048Mi`."""

import math
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator

from modelberth.core.config import Config

_POSITIVE = "must be above 0"


def _positive(value: float) -> float:
    if not value > 0 or math.isinf(value):
        raise ValueError(f"got {value:g}; {_POSITIVE}")
    return value


Cores = Annotated[float, AfterValidator(_positive)]
"""Processor cores: 0.5 is half of one."""

GiB = Annotated[float, AfterValidator(_positive)]
"""Memory or storage in GiB."""


class Resources(Config):
    """What one container is given.

    Memory is request and limit in one: what is promised and not there ends in a killed pod. There is no limit of cores,
    which would slow a model down while its node idles.
    """

    cpu: Cores
    """Cores that are kept for it."""

    memory_gib: GiB
    """Memory that it gets, and not more."""


def cores(cpu: float) -> str:
    """Cores as a quantity, in thousandths where they are no whole number; at least one thousandth."""
    return str(int(cpu)) if cpu == int(cpu) else f"{max(1, round(cpu * 1000))}m"


def mebibytes(gib: float) -> str:
    """GiB as a quantity in whole MiB; at least one."""
    return f"{max(1, round(gib * 1024))}Mi"


def requirements(
    resources: Resources, devices: Mapping[str, int] | None = None, disk_gib: float | None = None
) -> dict[str, Any]:
    """Requests and limits of a container. Devices (`nvidia.com/gpu`) are asked for and limited alike.

    `disk_gib` is what its pod may write on the node's disk. It is asked for, so that the node has it, and not limited:
    each volume has a limit of its own. None: nothing is asked for.
    """
    counted = {name: str(count) for name, count in (devices or {}).items()}
    memory = mebibytes(resources.memory_gib)
    disk = {} if disk_gib is None else {"ephemeral-storage": mebibytes(disk_gib)}
    return {
        "requests": {"cpu": cores(resources.cpu), "memory": memory, **disk, **counted},
        "limits": {"memory": memory, **counted},
    }


def duration(seconds: float) -> str:
    """A length of time as Go writes it, in whole seconds, at least one: `90s`."""
    return f"{max(1, round(seconds))}s"
