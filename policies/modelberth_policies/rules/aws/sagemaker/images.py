"""Images of containers: pinned, from registries that are trusted, and without credentials in the environment."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, resource_rule
from modelberth_policies.rules.aws.sagemaker.containers import HOLDERS, containers
from modelberth_policies.rules.credentials import credentials_in
from modelberth_policies.rules.images import not_allowed, not_pinned
from modelberth_policies.subject import Subject


@resource_rule(
    "sagemaker-image-digest",
    Severity.HIGH,
    Category.SUPPLY_CHAIN,
    *HOLDERS,
    over=containers,
    frameworks=("SLSA", "NIST CM-14", "NIST SI-7"),
    why="A tag can be moved: the next instance may start another program than the one that was tested.",
    fix="Write the image with its digest: <repository>@sha256:<64 hex digits>.",
)
def sagemaker_image_digest(container: Subject) -> Iterator[str]:
    """A container of a model package has the image of that."""
    if not container.present("modelPackageName"):
        yield from not_pinned(container)


@resource_rule(
    "sagemaker-image-registry-allow-list",
    Severity.HIGH,
    Category.SUPPLY_CHAIN,
    *HOLDERS,
    over=containers,
    applies=lambda limits: bool(limits.images.registries),
    frameworks=("NIST CM-7",),
    why="An image from a registry that nobody vouches for runs with the model's role and sees its requests.",
    fix="Copy the image to an allowed registry, or add the registry's account to images.registries of the limits.",
)
def sagemaker_image_registry_allow_list(container: Subject) -> Iterator[str]:
    if not container.present("modelPackageName"):
        yield from not_allowed(container)


@resource_rule(
    "sagemaker-container-env-no-secrets",
    Severity.CRITICAL,
    Category.SECURITY,
    *HOLDERS,
    over=containers,
    frameworks=("NIST IA-5", "AISF-DATA-05"),
    why="Whoever may describe the model reads its environment.",
    fix="Keep it in Secrets Manager, give the container its ARN, and let the execution role read it.",
)
def sagemaker_container_env_no_secrets(container: Subject) -> Iterator[str]:
    yield from credentials_in(container, "environment")


RULES = (
    sagemaker_image_digest,
    sagemaker_image_registry_allow_list,
    sagemaker_container_env_no_secrets,
)
