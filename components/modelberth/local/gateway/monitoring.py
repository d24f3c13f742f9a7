"""What the local gateway tells: a JSON line per request, without keys, bodies or queries; and figures per version.

The queries are over counters and hold no time window: for a span of time, subtract one reading of `/metrics` from a
later one, sample by sample, and put the query to the difference.
"""

from modelberth.core.endpoint import MetricQuery, Signal
from modelberth.local.gateway.config import GatewaySettings
from modelberth.local.gateway.discovery import Json, extension, typed

VERSION_TAG = "model_version"
METADATA = "modelberth"
ANSWERED_BY = f"%UPSTREAM_METADATA({METADATA}:version)%"
"""The version of the server that got the request. Nothing, where the gateway answered itself."""
LATENCY_BUCKETS_MS = (
    *(0.5, 1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 75, 100, 150, 200, 300, 500, 750),
    *(1000, 2000, 5000, 10_000, 30_000, 60_000),
)

ACCESS_LOG: Json = {
    "time": "%START_TIME%",
    "request_id": "%REQ(X-REQUEST-ID)%",
    "client": "%REQ(X-CLIENT-ID)%",
    "method": "%REQ(:METHOD)%",
    "path": "%PATH(NQ):200%",
    "status": "%RESPONSE_CODE%",
    "version": ANSWERED_BY,
    "duration_ms": "%DURATION%",
    "bytes_received": "%BYTES_RECEIVED%",
    "bytes_sent": "%BYTES_SENT%",
    "flags": "%RESPONSE_FLAGS%",
}


def access_log(settings: GatewaySettings) -> list[Json]:
    """One JSON line per request, to standard output: whoever started Envoy keeps the lines and rotates them."""
    message = "envoy.extensions.access_loggers.stream.v3.StdoutAccessLog"
    # A percent sign begins a command of Envoy's.
    labels = {field: value.replace("%", "%%") for field, value in settings.labels.items()}
    line = {**labels, "service": settings.name, **ACCESS_LOG}
    return [extension("envoy.access_loggers.stdout", message, log_format={"json_format": line})]


def stat_name(version: str) -> str:
    """A version in the names of Envoy's counters. The slashes tell where it ends, because it has dots itself."""
    return f"model/{version}/"


def stats() -> Json:
    """Versions as a label of each counter, and buckets in which a model's latencies can be told apart."""
    version = {"tag_name": VERSION_TAG, "regex": r"^cluster\.(model/(.+?)/\.)"}
    # The default tags would take the text up to the first dot of a version for the cluster's name.
    known = [
        {"tag_name": f"envoy.{name}"} for name in ("response_code", "response_code_class", "http_conn_manager_prefix")
    ]
    buckets = {"match": {"suffix": "upstream_rq_time"}, "buckets": list(LATENCY_BUCKETS_MS)}
    return {
        "use_all_default_tags": False,
        "stats_tags": [version, *known],
        "histogram_bucket_settings": [buckets],
    }


def queries(metrics_port: int) -> dict[Signal, MetricQuery]:
    """Signal to the query that answers it, for one version. Latency is the backend's, in whole milliseconds."""
    of_version = f'{VERSION_TAG}="{{version}}"'
    answered = f"sum(envoy_cluster_upstream_rq_xx{{{of_version}}})"
    failed = f'sum(envoy_cluster_upstream_rq_xx{{{of_version},envoy_response_code_class="5"}})'
    buckets = f"sum by (le) (envoy_cluster_upstream_rq_time_bucket{{{of_version}}})"

    def ask(query: str, unit: str) -> MetricQuery:
        source = f"http://127.0.0.1:{metrics_port}/metrics"
        return MetricQuery.model_validate({"language": "prometheus", "source": source, "query": query, "unit": unit})

    quantiles: dict[Signal, str] = {name: f"histogram_quantile({q}, {buckets}) / 1000" for name, q in QUANTILES.items()}
    latencies: dict[Signal, MetricQuery] = {name: ask(query, "seconds") for name, query in quantiles.items()}
    return {"requests": ask(answered, "count"), "error_rate": ask(f"{failed} / {answered}", "share"), **latencies}


QUANTILES: dict[Signal, float] = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


def metrics_listener(settings: GatewaySettings) -> Json:
    """Plain http on loopback: `/metrics` and `/healthz` of Envoy's admin interface by GET, and nothing else of it."""
    host = {"name": "metrics", "domains": ["*"], "routes": [_shown(*item) for item in SHOWN.items()]}
    manager = extension(
        "envoy.filters.network.http_connection_manager",
        "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        stat_prefix="metrics",
        http_filters=[extension("envoy.filters.http.router", "envoy.extensions.filters.http.router.v3.Router")],
        route_config={"name": "metrics", "virtual_hosts": [host]},
        request_timeout="10s",
        request_headers_timeout="10s",
        common_http_protocol_options={"idle_timeout": "60s"},
    )
    return typed(
        "envoy.config.listener.v3.Listener",
        name="metrics",
        address={"socket_address": {"address": "127.0.0.1", "port_value": settings.metrics_port}},
        enable_reuse_port=False,
        # A flood of clients must not blind whoever watches.
        ignore_global_conn_limit=True,
        filter_chains=[{"filters": [manager]}],
    )


SHOWN = {"/metrics": "/stats/prometheus", "/healthz": "/ready"}


def _shown(path: str, admin_path: str) -> Json:
    get = {"name": ":method", "string_match": {"exact": "GET"}}
    return {"match": {"path": path, "headers": [get]}, "route": {"cluster": "admin", "prefix_rewrite": admin_path}}
