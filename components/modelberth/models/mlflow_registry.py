"""The MLflow registry: semantic versions and digests, kept as tags beside MLflow's own counter of versions."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlparse

from modelberth.core.errors import ModelberthError
from modelberth.core.model import ModelVersion
from modelberth.models.digest import digest_of
from modelberth.models.reference import Reference, parse

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import LoggedModel
    from mlflow.entities.model_registry import ModelVersion as Entry

VERSION_TAG = "modelberth.version"
DIGEST_TAG = "modelberth.digest"


@dataclass(frozen=True, slots=True)
class Registered:
    """A version as the registry knows it."""

    model: ModelVersion
    files: Path
    """Where its files are on this machine."""


def client(tracking_uri: str) -> "MlflowClient":
    """A client of one registry. MLflow is imported here, because it takes two seconds."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "ERROR")
    from mlflow import MlflowClient

    return MlflowClient(tracking_uri=tracking_uri, registry_uri=tracking_uri)


def register(registry: "MlflowClient", name: str, version: str, logged: "LoggedModel") -> ModelVersion:
    """Register a logged model under a semantic version, with the digest of its files.

    Raises `ModelberthError` where that version exists already: what was pinned must not change.
    """
    uri = f"models:/{name}/{version}"
    _reference(uri)
    if version in known_versions(registry, name):
        raise ModelberthError(f"model {name}: version {version} is registered already; raise the version")
    digest = digest_of(_path(logged.artifact_location, uri))
    if not registry.search_registered_models(f"name = '{name}'"):
        registry.create_registered_model(name)
    # With its tags from the first moment: a version without them would never be found again.
    registry.create_model_version(
        name,
        # Not its models: address, which MLflow would look up in whatever registry is the process's default.
        source=logged.artifact_location,
        run_id=logged.source_run_id,
        model_id=logged.model_id,
        tags={VERSION_TAG: version, DIGEST_TAG: digest},
    )
    return ModelVersion(uri=uri, version=version, digest=digest, source_run=logged.source_run_id)


def known_versions(registry: "MlflowClient", name: str) -> list[str]:
    """The semantic versions of a model, in the order in which they were registered."""
    return [entry.tags[VERSION_TAG] for entry in _entries(registry, name)]


def resolve(registry: "MlflowClient", uri: str) -> Registered:
    """The version that an address names. Raises `ModelberthError` with the versions that there are."""
    reference, entry = _reference(uri), _entry(registry, uri)
    model = ModelVersion(
        uri=uri, version=entry.tags[VERSION_TAG], digest=entry.tags[DIGEST_TAG], source_run=entry.run_id or None
    )
    return Registered(model, _files(registry, reference.name, entry.version))


def download_uri(registry: "MlflowClient", uri: str) -> str:
    """Where the files of the version are that an address names. Raises `ModelberthError` as `resolve` does."""
    return str(registry.get_model_version_download_uri(_reference(uri).name, _entry(registry, uri).version))


def _entry(registry: "MlflowClient", uri: str) -> "Entry":
    reference = _reference(uri)
    entries = {entry.tags[VERSION_TAG]: entry for entry in _entries(registry, reference.name)}
    entry = entries.get(reference.version or "")
    if entry is None:
        known = ", ".join(entries) or "none"
        raise ModelberthError(f"model {uri}: no such version in the registry; registered versions: {known}")
    return entry


def _reference(uri: str) -> Reference:
    try:
        return parse(uri)
    except ModelberthError as error:
        # No field of a file says here which address is meant.
        raise ModelberthError(f"model {uri}: {error}") from None


def _entries(registry: "MlflowClient", name: str) -> list["Entry"]:
    found: Any = registry.search_model_versions(f"name = '{name}'", order_by=["version_number ASC"])
    return [entry for entry in found if VERSION_TAG in entry.tags and DIGEST_TAG in entry.tags]


def _files(registry: "MlflowClient", name: str, counter: str) -> Path:
    return _path(str(registry.get_model_version_download_uri(name, counter)), f"models:/{name}")


def _path(address: str, uri: str) -> Path:
    location = urlparse(address)
    if location.scheme not in ("", "file"):
        raise ModelberthError(f"model {uri}: its files are at {location.scheme}:, not on this machine; copy them here")
    return Path(unquote(location.path))
