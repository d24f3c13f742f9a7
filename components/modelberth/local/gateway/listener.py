"""Where clients arrive: https on 127.0.0.1, and what the gateway refuses before it looks at who calls."""

from modelberth.local.gateway import access, rate_limit, rollout
from modelberth.local.gateway.config import GatewaySettings
from modelberth.local.gateway.discovery import Json, discovered_filter, extension, filter_resource, source, typed
from modelberth.local.gateway.monitoring import access_log
from modelberth.local.gateway.replies import local_replies

LOOPBACK = "127.0.0.1"
SERVER = "modelberth"
HTTP_MESSAGE = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
TLS = "envoy.extensions.transport_sockets.tls.v3"
BUFFER_BYTES = 1 << 20
"""How much a connection buffers before Envoy stops reading; the body limit has its own buffer."""


def listener(settings: GatewaySettings) -> Json:
    """The listener of the clients."""
    directory = settings.directory
    filters = {
        "tokens": discovered_filter(directory, "tokens", access.TOKENS_MESSAGE),
        "access": discovered_filter(directory, "access", access.KEYS_MESSAGE),
        "body": _body_limit(settings),
        "rate_limit": discovered_filter(directory, "rate_limit", rate_limit.MESSAGE),
    }
    routes = {"rds": {"route_config_name": "routes", "config_source": source(directory, "routes")}}
    secret = {"name": "certificate", "sds_config": source(directory, "certificate")}
    return _listener(settings, routes, filters, {"tls_certificate_sds_secret_configs": [secret]})


def inline_listener(settings: GatewaySettings) -> Json:
    """The same listener with all that it would discover written into it, for `envoy --mode validate`."""
    found = {name: _named(resource) for name, resource in filter_resources(settings).items()}
    limit = found.pop("rate_limit")
    filters = {**found, "body": _body_limit(settings), "rate_limit": limit}
    certificate = tls_certificate(settings)
    return _listener(settings, {"route_config": rollout.table(settings)}, filters, {"tls_certificates": [certificate]})


def _named(resource: Json) -> Json:
    return {"name": resource["name"], "typed_config": resource["typed_config"]}


def filter_resources(settings: GatewaySettings) -> dict[str, Json]:
    """The filters that can change under open connections: whose token, whose key, how fast; in this order."""
    return {
        "tokens": filter_resource("tokens", access.TOKENS_MESSAGE, **access.tokens(settings)),
        "access": filter_resource("access", access.KEYS_MESSAGE, **access.keys(settings)),
        "rate_limit": filter_resource("rate_limit", rate_limit.MESSAGE, **rate_limit.rate_limit(settings)),
    }


def tls_certificate(settings: GatewaySettings) -> Json:
    """Certificate and key, by the names of their files."""
    return {
        "certificate_chain": {"filename": str(settings.certificate)},
        "private_key": {"filename": str(settings.private_key)},
    }


def certificate_secret(settings: GatewaySettings) -> Json:
    """The certificate as a resource that Envoy discovers. It watches the folder: one that is renewed in place is used
    by the next connection. Between the renewal of the key and that of the certificate the old pair serves on."""
    pair = {**tls_certificate(settings), "watched_directory": {"path": str(settings.certificate.parent)}}
    return typed(f"{TLS}.Secret", name="certificate", tls_certificate=pair)


def address(port: int) -> Json:
    """A port on the loopback interface, which no other machine can reach."""
    return {"socket_address": {"address": LOOPBACK, "port_value": port}}


def _listener(settings: GatewaySettings, routes: Json, filters: dict[str, Json], certificate: Json) -> Json:
    return typed(
        "envoy.config.listener.v3.Listener",
        name="gateway",
        address=address(settings.port),
        # With port reuse, the default, a second process could take half of the connections.
        enable_reuse_port=False,
        per_connection_buffer_limit_bytes=BUFFER_BYTES,
        filter_chains=[
            {
                "transport_socket_connect_timeout": "10s",
                "transport_socket": _tls(certificate),
                "filters": [_http(settings, routes, filters)],
            }
        ],
    )


def _tls(certificate: Json) -> Json:
    common = {
        "tls_params": {"tls_minimum_protocol_version": "TLSv1_2", "tls_maximum_protocol_version": "TLSv1_3"},
        # The first that a client speaks too. Over HTTP/2 a refusal that comes before the body ends the stream, and curl
        # 7.88 then reports a framing error in place of the 401. Clients that speak HTTP/2 only, as gRPC's, get it.
        "alpn_protocols": ["http/1.1", "h2"],
        **certificate,
    }
    return extension("envoy.transport_sockets.tls", f"{TLS}.DownstreamTlsContext", common_tls_context=common)


def _http(settings: GatewaySettings, routes: Json, filters: dict[str, Json]) -> Json:
    return extension(
        "envoy.filters.network.http_connection_manager",
        HTTP_MESSAGE,
        stat_prefix="gateway",
        http_filters=[*filters.values(), _ROUTER],
        access_log=access_log(settings),
        local_reply_config=local_replies(),
        request_timeout=f"{settings.timeout:g}s",
        stream_idle_timeout=f"{settings.timeout + 5:g}s",
        **HARDENED,
        **routes,
    )


def _body_limit(settings: GatewaySettings) -> Json:
    """Reads the whole body before it goes on, so that a slow one costs the backend nothing.

    After the caller is known: strangers' bodies are not read. Before the rate limit: Envoy closes the connection on
    which it refuses a request that is half read, and a new handshake costs more than the rest of a body.
    """
    return extension(rollout.BUFFER, f"{rollout.BUFFER_MESSAGE}.Buffer", max_request_bytes=settings.max_body_bytes)


_ROUTER = extension(
    "envoy.filters.http.router", "envoy.extensions.filters.http.router.v3.Router", suppress_envoy_headers=True
)

HARDENED: Json = {
    "use_remote_address": True,
    # Nobody is internal: else Envoy obeys `x-envoy-*` headers of whoever calls from this machine.
    "internal_address_config": {"cidr_ranges": [{"address_prefix": "255.255.255.255", "prefix_len": 32}]},
    "early_header_mutation_extensions": access.unforgeable_client(),
    "normalize_path": True,
    "merge_slashes": True,
    "path_with_escaped_slashes_action": "REJECT_REQUEST",
    "server_header_transformation": "OVERWRITE",
    "server_name": SERVER,
    "request_headers_timeout": "10s",
    "max_request_headers_kb": 16,
    "generate_request_id": True,
    "preserve_external_request_id": False,
    "always_set_request_id_in_response": True,
    "common_http_protocol_options": {
        "idle_timeout": "300s",
        "max_headers_count": 64,
        # A server behind may read `x_client_id` as `x-client-id`.
        "headers_with_underscores_action": "REJECT_REQUEST",
    },
    "http2_protocol_options": {
        "max_concurrent_streams": 100,
        "initial_stream_window_size": 65536,
        "initial_connection_window_size": 1048576,
    },
}
