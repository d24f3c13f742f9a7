"""What is known of SageMaker's instance types: `instance("ml.m6i.large").vcpus`, `exact(2, 8)`.

The facts and where each is written are in `instance_types.yaml`. A type that is not there is refused: nobody could say
what it has, and rules about storage keys, rollouts and scaling depend on it.
"""

import difflib
import math
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Annotated, Literal

import yaml
from pydantic import AfterValidator, Field

from modelberth.core.config import Config
from modelberth.core.errors import ModelberthError

Source = Annotated[str, Field(pattern=r"^https://\S+$")]
SHAPE = re.compile(r"ml\.[a-z0-9-]{1,20}\.[a-z0-9-]{1,20}")
"""What a name of an instance type looks like; other texts are not repeated in messages."""

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Every program reads the file at its start: 20 ms with libyaml, 180 without."""


class Accelerator(Config):
    """The accelerators of a family."""

    type: str
    """Short name: `l4`, `a10g`, `inferentia2`."""
    memory_mib: Annotated[int, Field(gt=0)]
    """Memory of one, in MiB."""
    neuron: bool = False
    """Whether it is AWS's own, programmed with the Neuron SDK. Left out: a GPU."""


class InstanceType(Config):
    """One instance type for hosting."""

    name: str
    """`ml.g5.xlarge`."""
    family: str
    """`g5`."""
    vcpus: Annotated[int, Field(gt=0)]
    """Processor cores as the operating system sees them."""
    memory_gib: Annotated[float, Field(gt=0)]
    """Memory in GiB. Containers get a little less."""
    gpus: Annotated[int, Field(ge=0)] = 0
    """Accelerators: GPUs, or Neuron devices. Left out: none."""
    gpu: Accelerator | None = None
    """What each of them is. Left out: there are none."""
    nvme_gb: Annotated[int, Field(ge=0)] = 0
    """Local storage in GB. Left out: none, a volume is attached instead."""
    architecture: Literal["x86_64", "arm64"] = "x86_64"
    """What images must be built for. Left out: x86-64."""
    burstable: bool = False
    """Whether its speed depends on credits that it saves while idle. Left out: it does not."""

    @property
    def gpu_type(self) -> str | None:
        """Short name of its accelerators: `l4`. None: it has none."""
        return None if self.gpu is None else self.gpu.type

    @property
    def neuron(self) -> bool:
        """Whether its accelerators are Neuron devices, which no GPU metric tells of."""
        return self.gpu is not None and self.gpu.neuron

    @property
    def nvme(self) -> bool:
        """Whether it has local storage. That is encrypted by the instance's hardware, no volume key applies to it.

        Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html, KmsKeyId.
        """
        return self.nvme_gb > 0

    @property
    def inf1(self) -> bool:
        """Whether SageMaker updates it without guard.

        Source: https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-exclusions.html
        """
        return self.family == "inf1"


COLUMNS = ("vcpus", "memory_gib", "gpus", "nvme_gb")
Row = Annotated[tuple[float, ...], Field(min_length=2, max_length=4)]


class Family(Config):
    """What all sizes of one family have in common, and what tells them apart."""

    source: Source
    """Where it is written."""
    gpu: Accelerator | None = None
    """Left out: no accelerators."""
    architecture: Literal["x86_64", "arm64"] = "x86_64"
    """Left out: x86-64."""
    burstable: bool = False
    """Left out: no."""
    sizes: Annotated[dict[str, Row], Field(min_length=1)]
    """Size to vCPUs, memory in GiB, accelerators, local storage in GB."""

    def types(self, family: str) -> list[InstanceType]:
        """The instance types of the family."""
        same = {"family": family, "gpu": self.gpu, "architecture": self.architecture, "burstable": self.burstable}
        return [
            InstanceType.parse({"name": f"ml.{family}.{size}", **same, **dict(zip(COLUMNS, row, strict=False))})
            for size, row in self.sizes.items()
        ]


class Catalogue(Config):
    """The whole file."""

    sources: dict[str, Source]
    """Addresses that the families refer to."""
    preference: tuple[str, ...]
    """Families from which a portable size is taken, the preferred one first."""
    families: dict[str, Family]
    """Family to its sizes."""


@cache
def catalogue() -> Catalogue:
    """The file `instance_types.yaml`, checked."""
    text = files("modelberth.aws.sagemaker").joinpath("instance_types.yaml").read_text(encoding="utf-8")
    return Catalogue.parse(yaml.load(text, Loader=LOADER), source="instance_types.yaml")  # noqa: S506 - both are safe


@cache
def load() -> Mapping[str, InstanceType]:
    """Name to instance type, all that are known."""
    types = [type_ for name, family in catalogue().families.items() for type_ in family.types(name)]
    return MappingProxyType({type_.name: type_ for type_ in types})


def instance(name: str) -> InstanceType:
    """One instance type. Raises `ModelberthError` for an unknown name, with the nearest ones."""
    if name not in load():
        raise ModelberthError(_unknown(name))
    return load()[name]


def _known(name: str) -> str:
    if name not in load():
        raise ValueError(_unknown(name))
    return name


InstanceTypeName = Annotated[str, AfterValidator(_known)]
"""Name of a known instance type: `ml.m6i.large`."""


def _unknown(name: str) -> str:
    got = f"got {name!r}, " if SHAPE.fullmatch(name) else ""
    hosted = f"ml.{name}"
    near = [hosted] if hosted in load() else difflib.get_close_matches(name, load(), n=3)
    fix = f"nearest: {', '.join(near)}" if near else "write one such as ml.m7i.large"
    return f"{got}no known instance type for hosting; {fix}"


def exact(cpu: float, memory_gib: float, gpu_type: str | None = None, gpu_count: int = 0) -> InstanceType | None:
    """The type that has exactly this size; of several the preferred one. None: there is none.

    Never a burstable type, never one that needs images for arm64.
    """
    asked = (cpu, memory_gib, _short(gpu_type), gpu_count)
    found = (type_ for type_ in _candidates() if _size(type_) == asked)
    return next(found, None)


def nearest(
    cpu: float, memory_gib: float, gpu_type: str | None = None, gpu_count: int = 0, most: int = 3
) -> tuple[InstanceType, ...]:
    """The types nearest to this size, the nearest first, for a message. Twice as much is as far as half as much.

    Only those with the accelerator that is asked for, or without one; where nothing has it, those with any GPU.
    """
    wanted = [type_ for type_ in _candidates() if type_.gpu_type == _short(gpu_type)]
    among = wanted or [type_ for type_ in _candidates() if type_.gpus and not type_.neuron]
    asked = (cpu, memory_gib, gpu_count)
    return tuple(sorted(among, key=lambda type_: _distance(type_, asked))[:most])


@cache
def _candidates() -> tuple[InstanceType, ...]:
    """What a portable size may become, the preferred ones first."""
    families = catalogue().families
    return tuple(load()[f"ml.{name}.{size}"] for name in catalogue().preference for size in families[name].sizes)


def _short(gpu_type: str | None) -> str | None:
    return None if gpu_type is None else gpu_type.lower()


def _size(type_: InstanceType) -> tuple[float, float, str | None, int]:
    return type_.vcpus, type_.memory_gib, type_.gpu_type, type_.gpus


def _distance(type_: InstanceType, asked: tuple[float, float, int]) -> float:
    has = (type_.vcpus, type_.memory_gib, type_.gpus)
    return sum(abs(math.log2(one / other)) for one, other in zip(has, asked, strict=True) if one and other)
