"""Repositories of images: private, under your key, and what is pushed stays as it is."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, resource_rule
from modelberth_policies.rules.gcp.identities import bindings_of, everyone_in
from modelberth_policies.subject import Subject

REPOSITORY = "gcp:artifactregistry/repository:Repository"
GRANTS = (
    "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember",
    "gcp:artifactregistry/repositoryIamBinding:RepositoryIamBinding",
    "gcp:artifactregistry/repositoryIamPolicy:RepositoryIamPolicy",
)
_STANDARD = "STANDARD_REPOSITORY"


@resource_rule(
    "artifact-registry-private-cmek",
    Severity.HIGH,
    Category.SUPPLY_CHAIN,
    REPOSITORY,
    *GRANTS,
    frameworks=("NIST AC-3",),
    anchors=("CKV_GCP_101", "CKV_GCP_84"),
    over=bindings_of,
    why="Who writes the repository writes what runs, and who reads it reads the models that are in it.",
    fix="Set kms_key_name and docker_config.immutable_tags, and grant the repository to named members only.",
)
def artifact_registry_private_cmek(repository: Subject) -> Iterator[str]:
    """Only a repository that is pushed to has tags of its own."""
    if repository.type != REPOSITORY:
        yield from everyone_in(repository)
        return
    if not repository.present("kmsKeyName"):
        yield "is encrypted with a key of Google's (kmsKeyName is unset)"
    is_pushed_to = repository.text("mode", _STANDARD) not in ("REMOTE_REPOSITORY", "VIRTUAL_REPOSITORY")
    if repository.text("format").upper() != "DOCKER" or not is_pushed_to:
        return
    tags = "dockerConfig.immutableTags"
    if repository.value(tags) is not True:
        yield f"lets a tag become another image ({tags} is {repository.show(tags)})"


RULES = (artifact_registry_private_cmek,)
