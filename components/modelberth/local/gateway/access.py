"""Who may call the local gateway: API keys in the header `x-api-key`, known by their SHA-256, and signed tokens.

Where both are configured, either is enough; a token that is there and wrong is refused also beside a good key. Where
neither is, everybody gets 401. A key in the query string is not looked at. The backends see neither key nor token, but
`x-client-id`: the key's name, or `token:` and the token's subject.
"""

from importlib.resources import files

from modelberth.local.gateway.config import GatewaySettings, Tokens
from modelberth.local.gateway.discovery import Json, extension

KEYS_MESSAGE = "envoy.extensions.filters.http.lua.v3.Lua"
TOKENS_MESSAGE = "envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication"
CLIENT_HEADER = "x-client-id"


def keys(settings: GatewaySettings) -> Json:
    """Fields of the filter that names the caller, or refuses it."""
    clients = ", ".join(f'["{digest}"] = "{client}"' for client, digest in sorted(settings.key_hashes.items()))
    script = files("modelberth.local.gateway").joinpath("access.lua").read_text()
    return {"default_source_code": {"inline_string": f"local CLIENTS = {{ {clients} }}\n{script}"}}


def tokens(settings: GatewaySettings) -> Json:
    """Fields of the filter that verifies a token where there is one."""
    if settings.jwt is None:
        return {}
    either = {"requires_any": {"requirements": [{"provider_name": "issuer"}, {"allow_missing": {}}]}}
    return {
        "providers": {"issuer": _provider(settings.jwt)},
        "rules": [{"match": {"prefix": "/"}, "requires": either}],
        "strip_failure_response": True,
    }


def _provider(jwt: Tokens) -> Json:
    return {
        "issuer": jwt.issuer,
        "audiences": list(jwt.audiences),
        "local_jwks": {"inline_string": jwt.jwks},
        # Named, so that a token in the query string, which ends up in logs, is not accepted.
        "from_headers": [{"name": "authorization", "value_prefix": "Bearer "}],
        "require_expiration": True,
        "payload_in_metadata": "claims",
        "forward": False,
    }


def unforgeable_client() -> list[Json]:
    """Drops a client id that the caller sent, before any filter, route or log can see it."""
    message = "envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation"
    return [
        extension("envoy.http.early_header_mutation.header_mutation", message, mutations=[{"remove": CLIENT_HEADER}])
    ]
