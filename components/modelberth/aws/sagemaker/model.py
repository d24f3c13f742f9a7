"""What runs on an instance: one container, several in series or side by side, or many models in one."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal, Self

import pulumi
from pydantic import Field, model_validator

from modelberth.aws.images import ImageUri, repository_arn
from modelberth.core.config import Config, In
from modelberth.core.model import Version

MOST_CONTAINERS = 15
"""Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModel.html"""

S3Uri = Annotated[str, Field(pattern=r"^s3://[a-z0-9][a-z0-9.-]+/\S+$")]
"""`s3://bucket/ranker/1.4.0/`: a folder of files as they are. `…/model.tar.gz`: one archive."""

Environment = dict[Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=1024)], In[str]]


class Container(Config):
    """One container."""

    image: In[ImageUri]
    """Image in an ECR repository, by digest. It listens on 8080 and answers `GET /ping` and `POST /invocations`."""

    model_data: In[S3Uri] | None = None
    """Where the model's files lie in S3; they are at `/opt/ml/model` in the container. Left out: they are in the
    image."""

    archive: bool | None = None
    """Whether `model_data` is one archive (`.tar.gz`). Left out: its ending says it; an Output counts as a folder."""

    environment: Environment = Field(default_factory=dict)
    """Environment variables; no secrets, everyone who may describe the model reads them. Left out: none."""

    hostname: Annotated[str, Field(pattern=r"^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$")] | None = None
    """Name by which a caller chooses this container, where several stand side by side. Left out: none."""


class Artefact(Config):
    """One version of a model, and the containers that serve it."""

    version: Version
    """Its semantic version; a tag says it, so that what serves can be told."""

    containers: Annotated[tuple[Container, ...], Field(min_length=1, max_length=MOST_CONTAINERS)]
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
    """Where the files of these lie."""
    containers = [container for artefact in artefacts for container in artefact.containers]
    return tuple(container.model_data for container in containers if container.model_data is not None)


def repositories_of(artefacts: Iterable[Artefact], partition: str) -> tuple[In[str], ...]:
    """ARNs of the repositories of their images, each once where it is known."""
    images = [container.image for artefact in artefacts for container in artefact.containers]
    known = [repository_arn(image, partition) for image in images if isinstance(image, str)]
    late = [image for image in images if not isinstance(image, str)]
    outputs = [pulumi.Output.from_input(image).apply(lambda plain: repository_arn(plain, partition)) for image in late]
    return (*dict.fromkeys(known), *outputs)


def is_archive(container: Container) -> bool:
    """Whether the model's files are one archive."""
    location = container.model_data
    if container.archive is not None:
        return container.archive
    return isinstance(location, str) and location.endswith(".tar.gz")


def _data(container: Container, many: bool) -> dict[str, Any]:
    """An archive, a folder of many archives, or a folder of files as they are."""
    if container.model_data is None:
        return {}
    if many or is_archive(container):
        return {"model_data_url": container.model_data}
    source = {"s3_uri": container.model_data, "s3_data_type": "S3Prefix", "compression_type": "None"}
    return {"model_data_source": {"s3_data_sources": [source]}}
