"""Who is let in, in Envoy Gateway's words: a SecurityPolicy for each way of asking. Pure."""

import json
from pathlib import Path
from typing import Any

from modelberth.core.errors import ModelberthError
from modelberth.kubernetes.gateway.callers import CLIENT_HEADER, Callers, Jwt, Permission
from modelberth.kubernetes.gateway.keys import KEY_HEADER
from modelberth.kubernetes.manifest import Manifest

PROVIDER = "tokens"
"""The name of the one issuer, in a policy."""

PRIVATE = ("d", "p", "q", "dp", "dq", "qi", "k")
"""Parts of a key that nobody but its owner may have. Source: RFC 7518, section 6"""

GATEWAY_API = "gateway.networking.k8s.io"


def key_policy(callers: Callers, secret: str) -> dict[str, Any]:
    """What of a SecurityPolicy asks for a key. The model sees the caller's name, and not the key.

    Whatever a caller sends in `x-client-id` is overwritten
    (https://github.com/envoyproxy/envoy/blob/main/source/extensions/filters/http/api_key_auth/api_key_auth.cc).
    """
    asked = {
        "credentialRefs": [{"name": secret}],
        "extractFrom": [{"headers": [KEY_HEADER]}],
        "forwardClientIDHeader": CLIENT_HEADER,
        "sanitize": True,
    }
    rules = [_of_clients(one) for one in callers.permissions if one.clients]
    known = _allow("known-clients", {"headers": [{"name": CLIENT_HEADER, "values": list(callers.keys)}]})
    return {"apiKeyAuth": asked, "authorization": _only(rules if callers.permissions else [known])}


def token_policy(callers: Callers, key_set: str | None) -> dict[str, Any]:
    """What of a SecurityPolicy asks for a token. `key_set`: the issuer's keys. None: the gateway asks for them."""
    jwt = callers.jwt
    if jwt is None:
        raise ValueError("nobody has a token")
    provider = {
        "name": PROVIDER,
        "issuer": jwt.issuer,
        "audiences": list(jwt.audiences),
        # Envoy Gateway would also look into the query string, which ends up in logs.
        "extractFrom": {"headers": [{"name": "Authorization", "valuePrefix": "Bearer "}]},
        "claimToHeaders": [{"header": CLIENT_HEADER, "claim": jwt.client_claim}],
        **_keys_of(jwt, key_set),
    }
    rules = [_of_tokens(one) for one in callers.permissions if one.of_tokens]
    own = {"name": "iss", "valueType": "String", "values": [jwt.issuer]}
    known = _allow("known-issuer", {"jwt": {"provider": PROVIDER, "claims": [own]}})
    authorization = _only(rules if callers.permissions else [known])
    return {"jwt": {"providers": [provider]}, "authorization": authorization}


def _keys_of(jwt: Jwt, key_set: str | None) -> dict[str, Any]:
    if key_set is None:
        return {"remoteJWKS": {"uri": jwt.jwks, "cacheDuration": "300s"}}
    return {"localJWKS": {"type": "Inline", "inline": key_set}}


def _only(rules: list[Manifest]) -> Manifest:
    """The first rule that fits decides; what fits none is denied."""
    return {"defaultAction": "Deny", "rules": rules}


def _allow(name: str, principal: Manifest, methods: tuple[str, ...] = ()) -> Manifest:
    operation = {"operation": {"methods": list(methods)}} if methods else {}
    return {"name": name, "action": "Allow", "principal": principal, **operation}


def _of_clients(permission: Permission) -> Manifest:
    principal = {"headers": [{"name": CLIENT_HEADER, "values": list(permission.clients)}]}
    return _allow(permission.name, principal, permission.methods)


def _of_tokens(permission: Permission) -> Manifest:
    claims = [
        {"name": name, "valueType": "StringArray" if name in permission.lists else "String", "values": list(values)}
        for name, values in permission.claims.items()
    ]
    asked = {"claims": claims, "scopes": list(permission.scopes)}
    principal = {"jwt": {"provider": PROVIDER, **{name: values for name, values in asked.items() if values}}}
    return _allow(permission.name, principal, permission.methods)


def key_set_of(jwt: Jwt | None) -> str | None:
    """The keys of an issuer out of their file, in one line. None where there are no tokens, or the gateway asks.

    Raises `ModelberthError` for a file that cannot be read, is no key set, or holds private keys.
    """
    if jwt is None or jwt.jwks.startswith("https://"):
        return None
    where = f"callers.jwt.jwks: {jwt.jwks}"
    try:
        found = json.loads(Path(jwt.jwks).read_text())
    except OSError as error:
        raise ModelberthError(f"{where}: {error.strerror}; write the path of the issuer's key set") from None
    except ValueError:
        raise ModelberthError(f"{where} is no JSON; save the issuer's key set (RFC 7517) there") from None
    keys = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(keys, list) or not keys or not all(isinstance(key, dict) for key in keys):
        raise ModelberthError(f"{where} has no keys; save the issuer's key set (RFC 7517) there")
    if any(part in key for key in keys for part in PRIVATE):
        raise ModelberthError(f"{where} holds a private key; take it away, and save the public key set there")
    return json.dumps(found, sort_keys=True, separators=(",", ":"))
