"""The Secret in which Envoy Gateway finds the API keys of a service. Pure."""

import base64
from collections.abc import Mapping

import pulumi

from modelberth.kubernetes.manifest import Manifest, Place, manifest

KEY_HEADER = "x-api-key"
"""The header in which a caller sends its key."""


def keys_secret(name: str, place: Place, keys: pulumi.Input[Mapping[str, str]]) -> Manifest:
    """Client to its key, as Envoy Gateway reads it: one entry of the Secret for each client.

    Written as `data`: with server-side apply an entry that leaves `stringData` stays in the Secret, and a client that
    was struck off would still be let in.
    """
    data = _encoded(keys) if isinstance(keys, Mapping) else pulumi.Output.secret(keys).apply(_encoded)
    return manifest("Secret", name, place, type="Opaque", data=data)


def _encoded(keys: Mapping[str, str]) -> dict[str, str]:
    return {client: base64.b64encode(key.encode()).decode() for client, key in keys.items()}
