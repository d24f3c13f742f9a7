"""On which instance types batch transform runs. The facts and their source are in `instance_types.yaml`."""

import difflib
from functools import cache
from importlib.resources import files
from typing import Annotated

import yaml
from pydantic import AfterValidator, Field

from modelberth.aws.sagemaker.instances import InstanceTypeName, load
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
        size = name.rpartition(".")[2]
        same = [other for other in transform_types() if other.endswith(f".{size}")]
        near = difflib.get_close_matches(name, same or transform_types(), n=3, cutoff=0)
        raise ValueError(f"SageMaker runs no batch transform on {name}; take {', '.join(near)}")
    return name


TransformInstanceType = Annotated[InstanceTypeName, AfterValidator(_runs_transform)]
"""Name of an instance type that runs batch transform: `ml.m6i.large`."""
