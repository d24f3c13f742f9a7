"""How the local gateway splits requests between versions: weights, copies, and the header that names who answered."""

from modelberth.local.gateway.access import CLIENT_HEADER
from modelberth.local.gateway.config import GatewaySettings
from modelberth.local.gateway.discovery import Json, typed
from modelberth.local.gateway.monitoring import ANSWERED_BY

VERSION_HEADER = "x-model-version"
BUFFER = "envoy.filters.http.buffer"
BUFFER_MESSAGE = "envoy.extensions.filters.http.buffer.v3"


def routes(settings: GatewaySettings) -> Json:
    """The route table. A name in it that is no cluster makes Envoy refuse the whole table and keep the old one."""
    return typed("envoy.config.route.v3.RouteConfiguration", **table(settings))


def table(settings: GatewaySettings) -> Json:
    """The route table's fields."""
    host = {"name": settings.name, "domains": ["*"], "routes": [_route(settings, path) for path in settings.paths]}
    return {
        "name": "routes",
        "validate_clusters": True,
        "virtual_hosts": [host],
        "response_headers_to_add": [_answerer()],
    }


def _route(settings: GatewaySettings, path: str) -> Json:
    body = typed(f"{BUFFER_MESSAGE}.BufferPerRoute", buffer={"max_request_bytes": settings.max_body_bytes})
    shares = sorted(settings.weights.items())
    return {
        "match": {"prefix" if path.endswith("/") else "path": path, "headers": [NAMED_CALLER]},
        "route": {
            "weighted_clusters": {"clusters": [{"name": name, "weight": share} for name, share in shares]},
            "timeout": f"{settings.timeout:g}s",
            "retry_policy": RETRIES,
            "request_mirror_policies": _copies(settings),
        },
        "typed_per_filter_config": {BUFFER: body},
    }


NAMED_CALLER: Json = {"name": CLIENT_HEADER, "present_match": True}
"""Nothing is routed that the access filter has not named: Envoy lets a request pass whose script fails."""
RETRIES: Json = {
    # Only where the backend cannot have seen the request: a model server need not answer twice.
    "retry_on": "connect-failure,refused-stream,reset-before-request",
    "num_retries": 3,
    "retry_back_off": {"base_interval": "0.05s", "max_interval": "0.5s"},
}


def _answerer() -> Json:
    """Names the version that answered, and only then: the gateway's own errors tell a stranger no version."""
    header = {"key": VERSION_HEADER, "value": ANSWERED_BY}
    return {"header": header, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}


def _copies(settings: GatewaySettings) -> list[Json]:
    if settings.mirror is None or settings.mirror.percent == 0:
        return []
    fraction = {"default_value": {"numerator": settings.mirror.percent, "denominator": "HUNDRED"}}
    return [
        {"cluster": settings.mirror.version, "runtime_fraction": fraction, "disable_shadow_host_suffix_append": True}
    ]


def weights_in(dump: Json) -> dict[str, int]:
    """Version to percent in the route table that a `config_dump` of Envoy's shows. Empty: there is none."""
    for config in dump.get("configs", []):
        for host in config.get("route_config", {}).get("virtual_hosts", []):
            for route in host.get("routes", []):
                clusters = route["route"]["weighted_clusters"]["clusters"]
                return {cluster["name"]: int(cluster.get("weight", 0)) for cluster in clusters}
    return {}
