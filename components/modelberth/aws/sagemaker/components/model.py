"""One model on shared instances: what runs, what each copy reserves, how many copies there are."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from modelberth.aws.sagemaker.components.scaling import Scaling
from modelberth.aws.sagemaker.model import Artefact, Container
from modelberth.core.config import Config
from modelberth.core.model import Version

Timeout = Annotated[int, Field(ge=60, le=3600)]
"""Seconds, from one minute to one hour."""


class Requirements(Config):
    """What each copy reserves on its instance (`ComputeResourceRequirements`). A reservation places copies; only
    `max_memory_mib` limits what one takes."""

    min_memory_mib: Annotated[int, Field(ge=128)]
    """Memory in MiB. SageMaker keeps part of each instance for itself, so that a copy that reserves most of it is
    refused: of the 16 GiB of ml.g5.xlarge, 1024 were taken and 4096 were not (seen in July 2026)."""

    max_memory_mib: Annotated[int, Field(ge=128)] | None = None
    """Memory in MiB above which a copy is stopped. Left out: no limit but the instance's."""

    cpu_cores: Annotated[float, Field(ge=0.25)] | None = None
    """Processor cores. Left out: none is reserved."""

    accelerators: Annotated[int, Field(ge=1)] | None = None
    """GPUs or Neuron devices. Left out: none."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.max_memory_mib is not None and self.max_memory_mib < self.min_memory_mib:
            raise ValueError(
                f"max_memory_mib is {self.max_memory_mib}, below min_memory_mib {self.min_memory_mib}; raise it"
            )
        return self


class SharedModel(Config):
    """One version of a model, in copies that each take a part of an instance: an inference component."""

    version: Version
    """Its semantic version; a tag says it, so that what serves can be told."""

    container: Container
    """What runs. One container: for several in series take `realtime`."""

    requirements: Requirements
    """What each copy reserves."""

    copies: Annotated[int, Field(ge=1)] | None = None
    """How many copies, where none are added or removed by load. Left out: 1; with `scaling` that decides."""

    scaling: Scaling | None = None
    """How the number of copies follows the load, down to none. Left out: it stays."""

    startup_timeout_seconds: Timeout | None = None
    """How long a container may take until `GET /ping` answers. Left out: SageMaker's own."""

    download_timeout_seconds: Timeout | None = None
    """How long the model's files may take to come from S3. Left out: SageMaker's own."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.copies is not None and self.scaling is not None:
            raise ValueError(f"copies is {self.copies}, and scaling moves the number; leave copies out")
        if self.container.hostname is not None:
            raise ValueError("container.hostname is for several containers side by side, and here is one; leave it out")
        return self


def artefact(model: SharedModel) -> Artefact:
    """The model as the other kinds have it."""
    return Artefact(version=model.version, containers=(model.container,))


def fewest(model: SharedModel) -> int:
    """Copies at least, at any time. 0: it sleeps when nobody calls."""
    if model.scaling is None:
        return first(model)
    return min(model.scaling.min_capacity, *(entry.min for entry in model.scaling.schedule), most(model))


def most(model: SharedModel) -> int:
    """Copies at most, at any time."""
    if model.scaling is None:
        return first(model)
    return max(model.scaling.max_capacity, *(entry.max for entry in model.scaling.schedule), 1)


def first(model: SharedModel) -> int:
    """Copies when it is made: at least one, so that a model that cannot start fails the run, not its first caller."""
    if model.scaling is not None:
        return max(1, model.scaling.min_capacity)
    return 1 if model.copies is None else model.copies
