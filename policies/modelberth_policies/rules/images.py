"""Container images: what an address says of where an image comes from, and of which one it is.

The grammar is that of github.com/distribution/reference: `[registry/]repository[:tag][@sha256:digest]`.
Standard library only.
"""

import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from modelberth_policies.resources import GAP
from modelberth_policies.subject import Subject, Undeterminable

DOCKER_HUB = "docker.io"
_HUB_NAMES = (DOCKER_HUB, "index.docker.io", "registry-1.docker.io")
_DIGEST = re.compile(rf"[^@\s]+@sha256:(?:[0-9a-f]{{64}}|[0-9a-f]*{GAP}[0-9a-f{GAP}]*)")
"""A digest that is still unknown is one all the same."""


def is_pinned(image: object) -> bool:
    """Whether the image is named by its digest, so that it is the same image tomorrow."""
    return isinstance(image, str) and _DIGEST.fullmatch(image) is not None


def registry_of(image: str) -> str:
    """The registry's host, with its port: `docker.io` where the address names none."""
    return _parts(image)[0]


def in_registries(image: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns fits: `111122223333.dkr.ecr.*` the registry, `ghcr.io/acme/*` it and the repository.

    No pattern allows every registry.
    """
    registry, repository = _parts(image)
    asked = tuple(patterns)
    fits = (fnmatchcase(f"{registry}/{repository}" if "/" in each else registry, each) for each in asked)
    return not asked or any(fits)


def not_pinned(owner: Subject, path: str = "image") -> Iterator[str]:
    """Half a sentence if the image at `path` is not named by its digest. Undeterminable where its end is unknown."""
    image = owner.text(path)
    if is_pinned(image):
        return
    if image.endswith(GAP):
        raise Undeterminable(f"{owner.path}.{path}".lstrip("."))
    yield f"takes the image {owner.show(path)}, which names no digest (@sha256:…)"


def not_allowed(owner: Subject, path: str = "image") -> Iterator[str]:
    """Half a sentence if the image at `path` comes from no registry that the limits allow."""
    patterns = owner.limits.images.registries
    image = owner.text(path) if patterns else ""
    if in_registries(image, patterns):
        return
    if GAP in "/".join(_parts(image)):
        raise Undeterminable(f"{owner.path}.{path}".lstrip("."))
    yield f"takes the image {owner.show(path)}; allowed are {', '.join(patterns)}"


def _parts(image: str) -> tuple[str, str]:
    """Registry and repository, without tag and digest, both as they are resolved."""
    name = image.partition("@")[0].removeprefix("docker://")
    host, slash, rest = name.partition("/")
    if not slash or not (host == "localhost" or "." in host or ":" in host or GAP in host):
        host, rest = DOCKER_HUB, name
    host = DOCKER_HUB if host.lower() in _HUB_NAMES else host.lower()
    repository = re.sub(r":[^/:]*$", "", rest)
    return host, f"library/{repository}" if host == DOCKER_HUB and "/" not in repository else repository
