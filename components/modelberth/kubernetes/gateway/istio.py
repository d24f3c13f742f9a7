"""Who is let in, in Istio's words: tokens are checked, and everything that is not allowed is denied. Pure.

The policies stand at the gateway and so in its namespace, and name the service by host and path. From the first of them
on, the gateway denies whatever none of them allows, other teams' routes with it.
Source: https://istio.io/latest/docs/reference/config/security/authorization-policy/
"""

from typing import Any

from modelberth.kubernetes.gateway.callers import CLIENT_HEADER, Jwt
from modelberth.kubernetes.gateway.config import FrontDoorArgs
from modelberth.kubernetes.gateway.route import door_name, hostname_of, path_of
from modelberth.kubernetes.manifest import Manifest, Place, manifest


def istio_objects(args: FrontDoorArgs, key_set: str | None, grpc: bool, place: Place) -> dict[str, Manifest]:
    """Resource name to object. Pure. `key_set`: the issuer's keys. None: they are asked for."""
    jwt, gateway = None if args.callers is None else args.callers.jwt, args.foundation.gateway
    if jwt is None or gateway is None:
        return {}
    at_gateway = Place(gateway.namespace, place.instance, place.labels)
    target = {"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": gateway.name}
    checked = {"targetRefs": [target], "jwtRules": [_token(jwt, key_set)]}
    allowed = {"targetRefs": [target], "action": "ALLOW", "rules": [_let_in(args, jwt, grpc, place.instance)]}
    name = door_name(place)
    return {
        f"{place.instance}-access": manifest("RequestAuthentication", name, at_gateway, spec=checked),
        f"{place.instance}-allowed": manifest("AuthorizationPolicy", name, at_gateway, spec=allowed),
    }


def _token(jwt: Jwt, key_set: str | None) -> dict[str, Any]:
    """How a token is checked. The model server does not get it, but the caller's name."""
    keys = {"jwksUri": jwt.jwks} if key_set is None else {"jwks": key_set}
    claim = {"header": CLIENT_HEADER, "claim": jwt.client_claim}
    where = [{"name": "Authorization", "prefix": "Bearer "}]
    return {
        "issuer": jwt.issuer,
        "audiences": list(jwt.audiences),
        **keys,
        "fromHeaders": where,
        "outputClaimToHeaders": [claim],
    }


def _let_in(args: FrontDoorArgs, jwt: Jwt, grpc: bool, service: str) -> Manifest:
    host, path = hostname_of(args), path_of(args, service)
    where: dict[str, Any] = {"hosts": [host, f"{host}:*"]}
    if not grpc:
        where["paths"] = [path, f"{path}/*"]
    return {
        "from": [{"source": {"requestPrincipals": [f"{jwt.issuer}/*"]}}],
        "to": [{"operation": where}],
        # Another service at this gateway may take other tokens of the same issuer.
        "when": [{"key": "request.auth.audiences", "values": list(jwt.audiences)}],
    }
