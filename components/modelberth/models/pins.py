"""Pins: which digest each version of a model has, in a file beside the configuration, as a lock file is."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from modelberth.core.files import write_atomically
from modelberth.models.mlflow_registry import resolve

if TYPE_CHECKING:
    from mlflow import MlflowClient

HEAD = "# Written by `modelberth pin`: the digest of each model version that may be served.\n"


def read(file: Path) -> Mapping[str, str]:
    """Address to digest; empty where there is no file."""
    return (yaml.safe_load(file.read_text()) or {}) if file.exists() else {}


def write(file: Path, registry: "MlflowClient", uris: Iterable[str]) -> dict[str, str]:
    """Pin these versions too. Returns those whose digest was not there or is another one now."""
    before = read(file)
    found = {uri: resolve(registry, uri).model.digest for uri in uris}
    changed = {uri: digest for uri, digest in found.items() if before.get(uri) != digest}
    if changed:
        write_atomically(file, HEAD + yaml.safe_dump({**before, **found}), mode=0o666)
    return changed
