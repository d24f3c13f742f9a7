"""The model servers behind the local gateway: one cluster per version, one server each, asked for its readiness.

A replaced backend (same version, other port) is a changed cluster: Envoy asks the new server for its readiness first,
then sends it all new requests, and lets the old one finish what it has. So nothing fails if the new server is ready
before the change and the old one is stopped after the change is confirmed.
"""

from modelberth.local.gateway.config import GatewaySettings
from modelberth.local.gateway.discovery import Json, extension, typed
from modelberth.local.gateway.monitoring import METADATA, stat_name

IDLE_SECONDS = 4
"""How long a connection to a backend may idle. Less than the 5 s after which uvicorn closes it: a request that is sent
into a closing connection is lost."""
CHECK_SECONDS = 1
LIMITS: Json = {"max_connections": 256, "max_pending_requests": 256, "max_requests": 512, "max_retries": 16}


def clusters(settings: GatewaySettings) -> list[Json]:
    """One cluster for each version, named as it."""
    return [
        typed("envoy.config.cluster.v3.Cluster", **cluster(settings, version, port))
        for version, port in sorted(settings.backends.items())
    ]


def cluster(settings: GatewaySettings, version: str, port: int) -> Json:
    """The cluster's fields. No outlier detection: ejecting the only server of a version turns one error into many."""
    return {
        "name": version,
        "alt_stat_name": stat_name(version),
        "type": "STATIC",
        "connect_timeout": "1s",
        "load_assignment": {"cluster_name": version, "endpoints": [{"lb_endpoints": [_server(version, port)]}]},
        "health_checks": [_readiness(settings.ready_path)],
        "circuit_breakers": {"thresholds": [LIMITS]},
        "typed_extension_protocol_options": _http(),
    }


def _server(version: str, port: int) -> Json:
    address = {"socket_address": {"address": "127.0.0.1", "port_value": port}}
    return {"endpoint": {"address": address}, "metadata": {"filter_metadata": {METADATA: {"version": version}}}}


def _readiness(path: str) -> Json:
    return {
        "timeout": f"{CHECK_SECONDS}s",
        "interval": f"{CHECK_SECONDS}s",
        # Envoy's default is a minute for a cluster that has no requests, such as a candidate at weight 0.
        "no_traffic_interval": f"{CHECK_SECONDS}s",
        "unhealthy_threshold": 2,
        "healthy_threshold": 1,
        "http_health_check": {"path": path},
    }


def _http() -> Json:
    message = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
    options = extension(
        message,
        message,
        explicit_http_config={"http_protocol_options": {}},
        common_http_protocol_options={"idle_timeout": f"{IDLE_SECONDS}s"},
    )
    return {message: options["typed_config"]}
