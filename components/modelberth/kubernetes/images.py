"""Images of containers, so pinned that they cannot change under a model."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator

from modelberth.core.config import In
from modelberth.core.errors import ConfigError, Fault, closest
from modelberth.runtimes import names
from modelberth.runtimes.loader import ENDINGS

_HOST = r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d+)?"
_REPOSITORY = r"[a-z0-9]+(?:(?:[._/]|__|-+)[a-z0-9]+)*"
_PINNED = re.compile(rf"({_HOST}/)?{_REPOSITORY}(:[\w.-]+)?@sha256:[0-9a-f]{{64}}")

PINNED = "write <registry>/<repository>@sha256:<64 hexadecimal digits>"


def pinned(image: str) -> str:
    """The image itself. Raises `ValueError` for one that could change: a tag can be moved."""
    if "@" not in image:
        raise ValueError(f"has no digest, so that it could change under the model; {PINNED}")
    if not _PINNED.fullmatch(image):
        raise ValueError(f"is no image reference; {PINNED}")
    return image


ImageRef = Annotated[str, AfterValidator(pinned)]
"""An image by its digest: `ghcr.io/acme/serving@sha256:…`. Source: https://github.com/opencontainers/distribution-spec"""


def _known(images: dict[str, Any]) -> dict[str, Any]:
    for name in images:
        if name not in names() and not name.endswith(ENDINGS):
            fix = closest(name, names()) or "take one of these, or the path of a YAML file of your own"
            raise ValueError(f"{name!r} is no model server, allowed are {', '.join(names())}; {fix}")
    return images


Images = Annotated[dict[str, In[ImageRef]], AfterValidator(_known)]
"""A model server, by its name in `runtimes/` or the path of a file of that shape, to its image."""


def image_of(images: Mapping[str, Any], runtime: str) -> Any:
    """The image of a model server. Raises `ConfigError` where none is named."""
    if runtime not in images:
        fix = f"name one: foundation.images.{runtime}; {PINNED}"
        raise ConfigError([Fault("runtime", f"{runtime} has no image among {', '.join(images) or 'none'}", fix)])
    return images[runtime]
