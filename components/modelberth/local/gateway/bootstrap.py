"""The file that Envoy starts from: who it is, where its admin socket is, and where it finds all else."""

from pathlib import Path

from modelberth.local.gateway import backends, listener, monitoring
from modelberth.local.gateway.config import GatewaySettings
from modelberth.local.gateway.discovery import Json, extension, source

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
        "node": {"id": settings.name, "cluster": settings.name},
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
