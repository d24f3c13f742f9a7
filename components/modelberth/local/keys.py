"""API keys of a service: made once per client, kept as secrets in the stack's state, known to the gateway as hashes."""

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, Resource, UpdateResult

from modelberth.local.resource import SCHEMA_VERSION, MachineProvider

# 256 bits: nobody guesses one, and a plain SHA-256 of one cannot be turned back by trying.
KEY_BYTES = 32


def keys_for(clients: list[str], existing: Mapping[str, str]) -> dict[str, str]:
    """A key for each client: the one it has, else a new one. Keys of others are gone."""
    return {client: existing.get(client) or secrets.token_urlsafe(KEY_BYTES) for client in clients}


def hashes_of(keys: Mapping[str, str]) -> dict[str, str]:
    """Client to the SHA-256 of its key, in hexadecimal."""
    return {client: hashlib.sha256(key.encode()).hexdigest() for client, key in keys.items()}


class _Provider(MachineProvider):
    def create(self, props: dict[str, Any]) -> CreateResult:
        return CreateResult(f"keys-{secrets.token_hex(4)}", self._outputs(props, {}))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
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
    """Client to the SHA-256 of its key: all that the gateway needs."""

    def __init__(self, name: str, clients: tuple[str, ...], opts: pulumi.ResourceOptions | None = None) -> None:
        # A derived output is plain unless it is named here.
        secret = pulumi.ResourceOptions(additional_secret_outputs=["keys"])
        props = {"clients": list(clients), "keys": None, "hashes": None, "schema_version": SCHEMA_VERSION}
        super().__init__(_Provider(), name, props, pulumi.ResourceOptions.merge(opts, secret))
