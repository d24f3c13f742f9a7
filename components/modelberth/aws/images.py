"""Images of model servers, so pinned that they cannot change under a model."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator

from modelberth.core.config import In
from modelberth.core.errors import closest
from modelberth.runtimes import names
from modelberth.runtimes.loader import ENDINGS

_REGISTRY = re.compile(r"\d{12}\.dkr\.ecr\.([a-z0-9-]+)\.[a-z0-9.-]+")
_REPOSITORY = re.compile(r"[a-z0-9]+(?:[._/-]+[a-z0-9]+)*")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")

PINNED = "write <account>.dkr.ecr.<region>.amazonaws.com/<repository>@sha256:<64 hexadecimal digits>"


def _pinned(image: str) -> str:
    address, at, digest = image.partition("@")
    registry, _, repository = address.partition("/")
    if not _REGISTRY.fullmatch(registry):
        raise ValueError(f"not in an ECR registry, and SageMaker pulls from no other; {PINNED}")
    if ":" in repository:
        raise ValueError(f"has a tag, and a tag can be moved to another image; {PINNED}")
    if not at or not _DIGEST.fullmatch(digest):
        raise ValueError(f"has no digest, so that it could change under the model; {PINNED}")
    if not _REPOSITORY.fullmatch(repository):
        raise ValueError(f"has no repository; {PINNED}")
    return image


ImageUri = Annotated[str, AfterValidator(_pinned)]
"""An image in an ECR repository, by its digest: `123456789012.dkr.ecr.eu-central-1.amazonaws.com/triton@sha256:…`."""


def _known(images: dict[str, Any]) -> dict[str, Any]:
    for name in images:
        if name not in names() and not name.endswith(ENDINGS):
            fix = closest(name, names()) or "take one of these, or the path of a YAML file of your own"
            raise ValueError(f"no such model server, allowed are {', '.join(names())}; {fix}")
    return images


Images = Annotated[dict[str, In[ImageUri]], AfterValidator(_known)]
"""A model server, by its name in `runtimes/` or the path of a file of that shape, to its image."""


def region_of(image: str) -> str:
    """The region of an `ImageUri`."""
    match = _REGISTRY.match(image)
    if match is None:
        raise ValueError(f"not in an ECR registry; {PINNED}")
    return match.group(1)


def check_region(images: Mapping[str, Any], region: str) -> None:
    """Raises `ValueError` for an image that SageMaker cannot pull there.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html (`Image`)
    """
    for name, image in images.items():
        if isinstance(image, str) and region_of(image) != region:
            raise ValueError(
                f"images: that of {name} is in {region_of(image)}, and SageMaker pulls from the region of the model "
                f"only, {region}; copy it there"
            )


def repository_arn(image: str, partition: str) -> str:
    """The ARN of the repository in which an `ImageUri` lies."""
    registry, _, rest = image.partition("/")
    account, _, _, region, *_ = registry.split(".")
    return f"arn:{partition}:ecr:{region}:{account}:repository/{rest.partition('@')[0]}"
