"""API keys of a service on a plain machine: those of `core.api_keys`, known to the gateway as hashes."""

import pulumi

from modelberth.core import api_keys
from modelberth.local.resource import SCHEMA_VERSION, MachineProvider


class _Provider(api_keys.KeysProvider, MachineProvider):
    """Stacks have recorded it under this module and name: it must be found there."""


class ApiKeys(api_keys.ApiKeys, module="modelberth", name="ApiKeys"):
    """One key per client, made on this machine."""

    def __init__(self, name: str, clients: tuple[str, ...], opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, clients, opts, provider=_Provider(), schema_version=SCHEMA_VERSION)
