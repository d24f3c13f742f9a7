"""Envoy's file-based discovery (xDS): one file per resource, each with a version that Envoy reports when it took it.

No `watched_directory`: each subscription watches the rename of its own file. Watching the folder would reload all of
them on every rename, and a success could then not be told from one of another file.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

Json = dict[str, Any]
"""A rendered JSON object."""

FILTER_STATS = "extension_config_discovery.http_filter"
SUBSCRIPTIONS = {
    "certificate": "sds.certificate",
    "clusters": "cluster_manager.cds",
    "access": f"{FILTER_STATS}.access",
    "tokens": f"{FILTER_STATS}.tokens",
    "rate_limit": f"{FILTER_STATS}.rate_limit",
    "routes": "http.gateway.rds.routes",
    "listeners": "listener_manager.lds",
}
"""Resource file to the prefix of the counters of its subscription, in the order in which a change is safe."""


def typed(message: str, **fields: Any) -> Json:
    """A message in an `Any` field, with its type."""
    return {"@type": f"type.googleapis.com/{message}", **fields}


def extension(name: str, message: str, **fields: Any) -> Json:
    """An extension and its configuration."""
    return {"name": name, "typed_config": typed(message, **fields)}


def file_of(directory: Path, resource: str) -> Path:
    """Where the resources of one subscription are."""
    return directory / "xds" / f"{resource}.json"


def source(directory: Path, resource: str) -> Json:
    """The `config_source` of a subscription."""
    return {"path_config_source": {"path": str(file_of(directory, resource))}, "resource_api_version": "V3"}


def discovered_filter(directory: Path, resource: str, message: str) -> Json:
    """A filter whose configuration is a file of its own, so that a change holds from the next request on, also on
    connections that are open (a changed listener would serve those by the old rules until they close)."""
    url = f"type.googleapis.com/{message}"
    return {"name": resource, "config_discovery": {"config_source": source(directory, resource), "type_urls": [url]}}


def filter_resource(resource: str, message: str, **fields: Any) -> Json:
    """What such a file holds."""
    return typed("envoy.config.core.v3.TypedExtensionConfig", **extension(resource, message, **fields))


def response(resources: list[Json]) -> Json:
    """The content of a file. Its version is a digest of the content."""
    text = json.dumps(resources, sort_keys=True)
    return {"version_info": hashlib.sha256(text.encode()).hexdigest()[:16], "resources": resources}
