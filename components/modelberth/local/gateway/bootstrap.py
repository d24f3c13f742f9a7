"""The file that Envoy starts from: who it is, where its admin socket is, and where it finds all else."""

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from modelberth.core.errors import ModelberthError
from modelberth.local.gateway import backends, listener, monitoring
from modelberth.local.gateway.config import GatewaySettings
from modelberth.local.gateway.discovery import Json, extension, source

MAX_SOCKET_PATH = 100
"""Bytes that the path of a unix socket may have: 104 on macOS, 108 on Linux, with the zero at the end."""
MAX_CONNECTIONS = 1024


def bootstrap(settings: GatewaySettings, admin_socket: Path) -> Json:
    """What Envoy starts from; listeners and clusters are discovered."""
    dynamic = {
        "lds_config": source(settings.directory, "listeners"),
        "cds_config": source(settings.directory, "clusters"),
    }
    return {
        **_process(settings, admin_socket),
        "dynamic_resources": dynamic,
        "static_resources": {"clusters": [_admin(admin_socket)]},
    }


def inline_bootstrap(settings: GatewaySettings) -> Json:
    """The same with everything written into it, for `envoy --mode validate`."""
    admin_socket = settings.directory / "admin.sock"
    listeners = [listener.inline_listener(settings), monitoring.metrics_listener(settings)]
    clusters = [backends.cluster(settings, version, port) for version, port in settings.backends.items()]
    resources = {"listeners": [_untyped(item) for item in listeners], "clusters": [*clusters, _admin(admin_socket)]}
    return {**_process(settings, admin_socket), "static_resources": resources}


def _untyped(resource: Json) -> Json:
    return {field: value for field, value in resource.items() if field != "@type"}


def _process(settings: GatewaySettings, admin_socket: Path) -> Json:
    limit = extension(
        "envoy.resource_monitors.global_downstream_max_connections",
        "envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig",
        max_active_downstream_connections=MAX_CONNECTIONS,
    )
    return {
        "node": {"id": settings.name, "cluster": settings.name, "metadata": dict(settings.labels)},
        "admin": {"address": _pipe(admin_socket), "ignore_global_conn_limit": True},
        "stats_config": monitoring.stats(),
        # Histograms are readable only after a flush; the default is 5 s.
        "stats_flush_interval": "1s",
        "overload_manager": {"resource_monitors": [limit]},
    }


def _pipe(path: Path) -> Json:
    return {"pipe": {"path": str(path), "mode": 0o600}}


def _admin(path: Path) -> Json:
    """Envoy's own admin interface as a cluster, for the metrics listener."""
    endpoint = {"endpoint": {"address": _pipe(path)}}
    return {
        "name": "admin",
        "type": "STATIC",
        "load_assignment": {"cluster_name": "admin", "endpoints": [{"lb_endpoints": [endpoint]}]},
    }


def admin_socket_of(directory: Path) -> Path:
    """Where the admin socket goes: into the gateway's folder, or, where that path is too long for a socket, into a
    private folder of the temporary directory, named after the gateway's folder; `remove` takes it away."""
    inside = directory / "admin.sock"
    if len(os.fsencode(inside)) <= MAX_SOCKET_PATH:
        return inside
    digest = hashlib.sha256(os.fsencode(directory)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"modelberth-{digest}" / "admin.sock"


def private_folder(folder: Path) -> None:
    """Makes a folder that only this user may enter. Raises where it is somebody else's, or a link."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise ModelberthError(f"{folder}: not a folder of this user; remove it, or choose another directory")
    folder.chmod(0o700)
