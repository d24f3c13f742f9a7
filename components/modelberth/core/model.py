"""Which model: a version of it, pinned by its digest, and the name of the server that runs it. Types only."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from modelberth.core.config import Config

SEMANTIC_VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-[0-9A-Za-z.-]+)?")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def _semantic(value: str) -> str:
    if not SEMANTIC_VERSION.fullmatch(value):
        raise ValueError(f"{value[:40]!r} is no semantic version; write three numbers: 1.4.0")
    return value


def _digest(value: str) -> str:
    if not DIGEST.fullmatch(value):
        raise ValueError("not a digest; write sha256: and 64 hexadecimal digits, or run `modelberth pin`")
    return value


Version = Annotated[str, AfterValidator(_semantic)]
"""A semantic version (semver.org): `1.4.0`."""

Digest = Annotated[str, AfterValidator(_digest)]
"""The SHA-256 of a model's files: `sha256:` and 64 hexadecimal digits."""


class ModelVersion(Config):
    """One version of a model, so pinned that it cannot change under the service."""

    @model_validator(mode="before")
    @classmethod
    def _version_of_uri(cls, value: Any) -> Any:
        if not isinstance(value, Mapping) or "version" in value:
            return value
        last = str(value.get("uri", "")).rpartition("/")[2]
        return {**value, "version": last} if SEMANTIC_VERSION.fullmatch(last) else value

    uri: str
    """Where it is: `models:/ranker/1.4.0`, `s3://…`, an OCI reference."""

    version: Version
    """Its semantic version. Left out: the last part of the uri, where that is one."""

    digest: Digest
    """The digest of its files. What is served is checked against it, and another one is refused."""

    signature: dict[str, Any] | None = None
    """Its inputs and outputs, in MLflow's words. Left out: unknown until it is loaded."""

    stage: str | None = None
    """Where it stands in its life, in the registry's word. Left out: the registry has none."""

    source_run: str | None = None
    """The run that trained it. Left out: unknown."""


class RuntimeRef(Config):
    """The model server: a name from `runtimes/`, or the path of a file of the same shape."""

    name: Annotated[str, Field(min_length=1)]
    """`serving`, `mlserver`, `triton`, …, or `./my-runtime.yaml`."""
