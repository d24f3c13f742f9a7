"""What a model's address says: `models:/ranker/1.4.0` is version 1.4.0 of `ranker` in the MLflow registry. Pure."""

import re
from dataclasses import dataclass

from modelberth.core.errors import ModelberthError
from modelberth.core.model import SEMANTIC_VERSION

_REGISTRY = re.compile(r"models:/(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(?:/(?P<version>[^/@]+))?")


@dataclass(frozen=True, slots=True)
class Reference:
    """A model in a registry."""

    name: str
    """Its registered name."""
    version: str | None
    """Its semantic version; None where the address leaves it open."""

    def at(self, version: str) -> str:
        """The address of one version."""
        return f"models:/{self.name}/{version}"


def parse(uri: str) -> Reference:
    """Read a registry address. Raises `ModelberthError` for anything else, and for a version that is not semantic."""
    match = _REGISTRY.fullmatch(uri)
    if match is None:
        raise ModelberthError("no address in a registry; write models:/<name>/<version>")
    version = match["version"]
    if version is not None and not SEMANTIC_VERSION.fullmatch(version):
        raise ModelberthError(f"{version!r} is no semantic version; write three numbers: models:/{match['name']}/1.4.0")
    return Reference(match["name"], version)
