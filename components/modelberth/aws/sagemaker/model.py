"""What runs on an instance: one container, several in series or side by side, or many models in one."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal, Self

import pulumi
from pydantic import AfterValidator, Field, model_validator

from modelberth.aws.ids import shaped
from modelberth.aws.images import ImageUri, region_of, repository_arn
from modelberth.aws.sagemaker.identity import ArtefactUri
from modelberth.core.config import Config, In
from modelberth.core.model import Version

MOST_CONTAINERS = 15
"""Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModel.html"""

ARCHIVE = ".tar.gz"
"""How an archive's address ends."""

Hostname = Annotated[
    str, shaped(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", "a name; write letters, digits and hyphens, 63 at most")
]

Environment = dict[
    Annotated[
        str, shaped(r"[A-Za-z_][A-Za-z0-9_]{0,1023}", "a name; write letters, digits and underscores, no digit first")
    ],
    In[str],
]


class Container(Config):
    """One container."""

    image: In[ImageUri]
    """Image in an ECR repository, by digest. It listens on 8080 and answers `GET /ping` and `POST /invocations`."""

    model_data: In[ArtefactUri] | None = None
    """Where the model's files lie in S3: `s3://bucket/ranker/1.4.0/`, a folder of files as they are, or
    `…/model.tar.gz`, one archive. They are at `/opt/ml/model` in the container. Left out: they are in the image."""

    archive: bool | None = None
    """Whether `model_data` is one archive (`.tar.gz`). Left out: its ending says it; an Output counts as a folder."""

    environment: Environment = Field(default_factory=dict)
    """Environment variables; no secrets, everyone who may describe the model reads them. Left out: none."""

    hostname: Hostname | None = None
    """Name by which a caller chooses this container, where several stand side by side. Left out: none."""

    @model_validator(mode="after")
    def _one_sort(self) -> Self:
        if self.archive is None or not isinstance(self.model_data, str):
            return self
        if self.archive and not self.model_data.endswith(ARCHIVE):
            raise ValueError("archive is true, but model_data is a folder; name the .tar.gz in it")
        if not self.archive and self.model_data.endswith(ARCHIVE):
            raise ValueError("archive is false, but model_data is one; leave archive out")
        return self


def _some(containers: tuple[Container, ...]) -> tuple[Container, ...]:
    # Not by min_length: of a wrong container pydantic then says too that there is none.
    if not 1 <= len(containers) <= MOST_CONTAINERS:
        raise ValueError(f"got {len(containers)} containers; SageMaker takes 1 to {MOST_CONTAINERS}")
    return containers


class Outbound(Config):
    """Containers that may reach the network, through the subnets and security group of the foundation."""

    reason: Annotated[str, Field(min_length=10)]
    """Why they must."""


class Artefact(Config):
    """One version of a model, and the containers that serve it."""

    version: Version
    """Its semantic version; a tag says it, so that what serves can be told."""

    containers: Annotated[tuple[Container, ...], AfterValidator(_some)]
    """One; or up to fifteen."""

    execution: Literal["serial", "direct"] = "serial"
    """What several containers are: `serial`, the answer of one is the request of the next; `direct`, a caller names
    one by its hostname. Left out: serial."""

    many: bool = False
    """Whether `model_data` is a folder of many models of which a caller names one (multi-model endpoint). Left out:
    no."""

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if self.many and len(self.containers) > 1:
            raise ValueError(
                f"many models in {len(self.containers)} containers; SageMaker loads them in one; leave one"
            )
        if self.many and any(container.model_data is None for container in self.containers):
            raise ValueError("many is set, but there is no model_data; give the folder in which the models lie")
        if self.execution == "direct" and len(self.containers) == 1:
            raise ValueError("execution is direct, but there is one container; write serial, or add containers")
        if self.execution == "direct" and any(container.hostname is None for container in self.containers):
            raise ValueError("execution is direct, and a container has no hostname; give each one")
        return self


def content_of(artefact: Artefact, *, isolated: bool) -> dict[str, Any]:
    """The inputs of the SageMaker model that say what runs; role, network and tags are not of it."""
    containers = [_container(container, artefact.many) for container in artefact.containers]
    isolation = {"enable_network_isolation": isolated}
    if len(containers) == 1:
        return {**isolation, "primary_container": containers[0]}
    mode = artefact.execution.capitalize()
    return {**isolation, "containers": containers, "inference_execution_config": {"mode": mode}}


def _container(container: Container, many: bool) -> dict[str, Any]:
    given = {
        "image": container.image,
        "container_hostname": container.hostname,
        "environment": dict(container.environment) or None,
        "mode": "MultiModel" if many else None,
        **_data(container, many),
    }
    return {name: value for name, value in given.items() if value is not None}


def locations_of(artefacts: Iterable[Artefact]) -> tuple[In[str], ...]:
    """Where the files of these lie, each with its other versions where the path names the version."""
    given = [(artefact.version, container.model_data) for artefact in artefacts for container in artefact.containers]
    found = [(version, location) for version, location in given if location is not None]
    known = [with_versions(location, version) for version, location in found if isinstance(location, str)]
    late = [
        pulumi.Output.from_input(location).apply(lambda plain, version=version: with_versions(plain, version))
        for version, location in found
        if not isinstance(location, str)
    ]
    return (*dict.fromkeys(known), *late)


def with_versions(location: str, version: str) -> str:
    """The folder of all versions of a model: `s3://models/ranker/` of `s3://models/ranker/1.4.0/…`.

    The role is changed before an update begins. If it could read the new version only, the old one could not be loaded
    again while it still serves, or after a rollback. Where the path does not name the version, the path itself.
    """
    folder, found, _ = location.partition(f"/{version}/")
    return f"{folder}/" if found and folder.count("/") > 2 else location


def repositories_of(artefacts: Iterable[Artefact], partition: str) -> tuple[In[str], ...]:
    """ARNs of the repositories of their images, each once where it is known."""
    images = [container.image for artefact in artefacts for container in artefact.containers]
    known = [repository_arn(image, partition) for image in images if isinstance(image, str)]
    late = [image for image in images if not isinstance(image, str)]
    outputs = [pulumi.Output.from_input(image).apply(lambda plain: repository_arn(plain, partition)) for image in late]
    return (*dict.fromkeys(known), *outputs)


def check_images(artefacts: Iterable[Artefact], region: str) -> None:
    """Raises `ValueError` for an image that SageMaker cannot pull there.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html (`Image`)
    """
    for artefact in artefacts:
        for container in artefact.containers:
            lies = region_of(container.image) if isinstance(container.image, str) else region
            if lies != region:
                raise ValueError(
                    f"version {artefact.version}: an image is in {lies}, and SageMaker pulls from the region of the "
                    f"endpoint only, {region}; copy it there"
                )


def is_archive(container: Container) -> bool:
    """Whether the model's files are one archive."""
    location = container.model_data
    if container.archive is not None:
        return container.archive
    return isinstance(location, str) and location.endswith(ARCHIVE)


def _data(container: Container, many: bool) -> dict[str, Any]:
    """An archive, a folder of many archives, or a folder of files as they are."""
    if container.model_data is None:
        return {}
    if many or is_archive(container):
        return {"model_data_url": container.model_data}
    source = {"s3_uri": container.model_data, "s3_data_type": "S3Prefix", "compression_type": "None"}
    return {"model_data_source": {"s3_data_sources": [source]}}
