"""API keys of a service: made once for each client, kept as secrets in the stack's state.

A provider is recorded in the state by its module and name, so what a target of its own has recorded stays where it is:
it takes `KeysProvider` as its base.
"""

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider, UpdateResult

from modelberth.core.dynamic import RecordingProvider

# 256 bits: nobody guesses one, and a plain SHA-256 of one cannot be turned back by trying.
KEY_BYTES = 32

SCHEMA_VERSION = 1
"""An input of the keys. Raise it where existing ones must be brought up to a new meaning."""


def keys_for(clients: list[str], existing: Mapping[str, str]) -> dict[str, str]:
    """A key for each client: the one it has, else a new one. Keys of others are gone."""
    return {client: existing.get(client) or secrets.token_urlsafe(KEY_BYTES) for client in clients}


def hashes_of(keys: Mapping[str, str]) -> dict[str, str]:
    """Client to the SHA-256 of its key, in hexadecimal."""
    return {client: hashlib.sha256(key.encode()).hexdigest() for client, key in keys.items()}


class KeysProvider(RecordingProvider):
    """Makes keys when a client comes, and keeps those that are there."""

    def create(self, props: dict[str, Any]) -> CreateResult:
        """A key for every client."""
        return CreateResult(f"keys-{secrets.token_hex(4)}", self._outputs(props, {}))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """A key for each new client; who left the list has none any more."""
        return UpdateResult(self._outputs(_news, _olds.get("keys", {})))

    @staticmethod
    def _outputs(props: Mapping[str, Any], existing: Mapping[str, str]) -> dict[str, Any]:
        keys = keys_for(props["clients"], existing)
        return {**props, "keys": keys, "hashes": hashes_of(keys)}


class ApiKeys(Resource, module="modelberth", name="ApiKeys"):
    """One key per client. A client that leaves the list loses its key; one that comes gets a new one."""

    keys: pulumi.Output[dict[str, str]]
    """Client to key. Secret."""
    hashes: pulumi.Output[dict[str, str]]
    """Client to the SHA-256 of its key, for a gateway that need not know more."""

    def __init__(
        self,
        name: str,
        clients: tuple[str, ...],
        opts: pulumi.ResourceOptions | None = None,
        *,
        provider: ResourceProvider | None = None,
        schema_version: int = SCHEMA_VERSION,
    ) -> None:
        # A derived output is plain unless it is named here.
        secret = pulumi.ResourceOptions(additional_secret_outputs=["keys"])
        props = {"clients": list(clients), "keys": None, "hashes": None, "schema_version": schema_version}
        maker = KeysProvider() if provider is None else provider
        super().__init__(maker, name, props, pulumi.ResourceOptions.merge(opts, secret))
