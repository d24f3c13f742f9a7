"""Images that are named by what they hold, from where they may come."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, resource_rule
from modelberth_policies.rules.images import not_allowed, not_pinned
from modelberth_policies.rules.kubernetes.pods import (
    PATCHES,
    SERVING,
    WORKLOADS,
    containers_of,
    is_container,
    volumes_of,
)
from modelberth_policies.subject import Subject


def _images_of(resource: Subject) -> Iterator[Subject]:
    yield from containers_of(resource)
    yield from volumes_of(resource)


def _path(part: Subject) -> str:
    """Where a container, or a volume that is an image, names it."""
    return "image" if is_container(part) else "image.reference"


@resource_rule(
    "k8s-image-digest",
    Severity.HIGH,
    Category.SUPPLY_CHAIN,
    *WORKLOADS,
    *PATCHES,
    *SERVING,
    frameworks=("NIST SI-7",),
    anchors=("CKV_K8S_43", "KSV-0013", "C-0075", "kube-linter:latest-tag", "polaris:tagNotSpecified"),
    why="Whoever may push a tag decides what every new pod runs, unseen by a review.",
    fix="Name the image by its digest: repository@sha256:….",
    over=_images_of,
)
def k8s_image_digest(part: Subject) -> Iterator[str]:
    """The image of a container that names none is filled in by a controller."""
    path = _path(part)
    if part.text(path):
        yield from not_pinned(part, path)


@resource_rule(
    "k8s-image-registry-allow-list",
    Severity.HIGH,
    Category.SUPPLY_CHAIN,
    *WORKLOADS,
    *PATCHES,
    *SERVING,
    frameworks=("NIST CM-7",),
    anchors=("KSV-0125", "C-0078", "C-0001"),
    why="An image from a registry that nobody vouches for is a stranger's program beside your models.",
    fix="Copy the image into a registry of images.registries and take it from there.",
    over=_images_of,
    applies=lambda limits: bool(limits.images.registries),
)
def k8s_image_registry_allow_list(part: Subject) -> Iterator[str]:
    path = _path(part)
    if part.text(path):
        yield from not_allowed(part, path)


RULES = (k8s_image_digest, k8s_image_registry_allow_list)
