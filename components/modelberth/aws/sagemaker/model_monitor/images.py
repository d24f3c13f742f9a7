"""The prebuilt images of Model Monitor, of which each region has its own copy: `images.yaml`."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

import yaml
from pydantic import Field

from modelberth.aws.ids import AccountId
from modelberth.aws.provider import Account
from modelberth.core.config import Config

Analyzer = Literal["analyzer", "clarify"]
"""`analyzer` for data quality and model quality, `clarify` for bias and explainability."""


class Prebuilt(Config):
    """One prebuilt image, wherever it is."""

    source: Annotated[str, Field(pattern=r"^https://\S+$")]
    """Where it is written."""
    repository: str
    """Name of the repository, the same in every region."""
    tag: str | None = None
    """Its tag. Left out: none, the only image there is."""
    registries: dict[str, AccountId]
    """Region to the account that holds it."""


@cache
def prebuilt() -> Mapping[str, Prebuilt]:
    """The file `images.yaml`, checked."""
    text = files("modelberth.aws.sagemaker.model_monitor").joinpath("images.yaml").read_text(encoding="utf-8")
    return {name: Prebuilt.parse(image, name, "images.yaml") for name, image in yaml.safe_load(text).items()}


def prebuilt_image(account: Account, analyzer: Analyzer) -> str:
    """The image in the account's region. Raises `ValueError` for a region of which no source tells."""
    image = prebuilt()[analyzer]
    if account.region not in image.registries:
        raise ValueError(f"no source tells of a prebuilt {image.repository} in {account.region}; give the image")
    host = f"{image.registries[account.region]}.dkr.ecr.{account.region}.{account.domain}"
    return f"{host}/{image.repository}{'' if image.tag is None else ':' + image.tag}"
