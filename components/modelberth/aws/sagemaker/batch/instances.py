"""On which instance types batch transform runs. The facts and their source are in `instance_types.yaml`."""

from functools import cache
from importlib.resources import files
from typing import Annotated

import yaml
from pydantic import AfterValidator, Field

from modelberth.aws.sagemaker.instances import InstanceType, InstanceTypeName, instance, load
from modelberth.core.config import Config


class Catalogue(Config):
    """The whole file."""

    source: Annotated[str, Field(pattern=r"^https://\S+$")]
    """Where it is written."""
    families: tuple[str, ...]
    """Families, all sizes of which are taken."""
    refused: tuple[str, ...]
    """Types of these families that are not."""


@cache
def transform_types() -> tuple[str, ...]:
    """Names of the instance types, as the catalogue of hosting orders them."""
    text = files("modelberth.aws.sagemaker.batch").joinpath("instance_types.yaml").read_text(encoding="utf-8")
    catalogue = Catalogue.parse(yaml.safe_load(text), source="batch/instance_types.yaml")
    known = (type_ for type_ in load().values() if type_.family in catalogue.families)
    return tuple(type_.name for type_ in known if type_.name not in catalogue.refused)


def _runs_transform(name: str) -> str:
    if name not in transform_types():
        near = sorted(transform_types(), key=lambda other: _distance(instance(other), instance(name)))
        raise ValueError(f"SageMaker runs no batch transform on {name}; take {', '.join(near[:3])}")
    return name


def _distance(one: InstanceType, other: InstanceType) -> tuple[bool, float, float]:
    return bool(one.gpus) != bool(other.gpus), abs(one.vcpus - other.vcpus), abs(one.memory_gib - other.memory_gib)


TransformInstanceType = Annotated[InstanceTypeName, AfterValidator(_runs_transform)]
"""Name of an instance type that runs batch transform: `ml.m6i.large`."""
