"""The files of models, for servers that Seldon brings along and that are told an address only."""

from typing import TYPE_CHECKING, Literal

from modelberth.core.errors import ConfigError, Fault
from modelberth.core.model import ModelVersion
from modelberth.kubernetes.model_files import ModelStore, address_of
from modelberth.runtimes import load

if TYPE_CHECKING:
    from modelberth.runtimes import Runtime

Platform = Literal["seldon-core-1", "seldon-core-2"]
"""Which Seldon."""


def unfetchable(store: ModelStore) -> str:
    """Why Seldon cannot fetch from a store, in one clause; empty where it can.

    Source: https://docs.seldon.ai/seldon-core-1/configuration/servers/overview and
    https://docs.seldon.ai/seldon-core-2/user-guide/models/rclone
    """
    kind = "mlflow" if store.mlflow is not None else "oci" if store.oci is not None else None
    if kind is None:
        return ""
    return f"foundation.models is of {kind}, and Seldon's own servers fetch from an object store only; give a prefix"


def storage_uri(model: ModelVersion, store: ModelStore) -> str:
    """The address of a model for Seldon; it ends in the digest. Raises `ConfigError` for a store it cannot use."""
    if why := unfetchable(store):
        what, _, fix = why.rpartition("; ")
        raise ConfigError([Fault("foundation.models", what, fix)])
    return address_of(model, store)


def brought(runtime: str, platform: Platform) -> "Runtime":
    """A model server that this Seldon brings along. Raises `ValueError` for any other."""
    found = load(runtime)
    if found.platform is None or found.platform.name != platform:
        version = platform.rpartition("-")[2]
        raise ValueError(f"{runtime} is no server of {platform}; take one whose name begins with seldon-v{version}-")
    return found


def implementation_of(runtime: str) -> str:
    """What Seldon calls a server that it brings along; empty for one that runs in any container."""
    found = load(runtime).platform
    return "" if found is None else found.implementation
