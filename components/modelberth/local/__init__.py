"""Serve models on one plain machine: `from modelberth.local import LocalEndpoint, LocalFoundation`."""

from modelberth.local.config import LocalEndpointArgs
from modelberth.local.endpoint import LocalEndpoint
from modelberth.local.foundation import LocalFoundation, LocalFoundationArgs

__all__ = ["LocalEndpoint", "LocalEndpointArgs", "LocalFoundation", "LocalFoundationArgs"]
