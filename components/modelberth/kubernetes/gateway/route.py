"""The routes of the Gateway API before an endpoint: which request goes to which version, and as what. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from modelberth.kubernetes.backends import Backend
from modelberth.kubernetes.foundation import Foundation
from modelberth.kubernetes.gateway.callers import CLIENT_HEADER
from modelberth.kubernetes.gateway.config import VERSION_HEADER, FrontDoorArgs, Routing
from modelberth.kubernetes.gateway.faults import guard_of
from modelberth.kubernetes.gateway.keys import KEY_HEADER
from modelberth.kubernetes.manifest import Manifest, Place, manifest
from modelberth.kubernetes.network import Gateway

Matches = list[dict[str, Any]]
Asking = Literal["keys", "jwt", "none"]

PUBLIC = "modelberth.dev/public-because"
"""The annotation with the reason why strangers may call."""

STRIPPED: Mapping[str, tuple[str, ...]] = {
    "keys": (),
    "jwt": ("authorization",),
    "none": (CLIENT_HEADER,),
}
"""How callers are told apart to the headers that a model server does not get: a token, and a name that nobody checked.
A key is taken out where it is checked."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way of being let in; each has a route of its own, as one policy asks for all that it names."""

    asking: Asking
    suffix: str = ""
    """What its name ends in, where it is not the only one."""
    headers: tuple[tuple[str, str], ...] = ()
    """Headers, and regular expressions that they must meet, by which a request shows that it comes this way."""


def ways_of(args: FrontDoorArgs) -> list[Way]:
    """The ways of being let in. With two, a request with a key is asked for the key, and any other for a token."""
    auth = () if args.callers is None else args.callers.auth
    if len(auth) > 1:
        return [Way("keys", headers=((KEY_HEADER, ".+"),)), Way("jwt", suffix="-tokens")]
    return [Way("keys" if auth == ("keys",) else "jwt" if auth else "none")]


def path_of(args: FrontDoorArgs, service: str) -> str:
    """The beginning of the path of every request to a service."""
    return f"/{service}" if args.route.path is None else args.route.path


def hostname_of(args: FrontDoorArgs) -> str:
    """The host name of every request to a service."""
    return _gateway(args.foundation).hostname if args.route.hostname is None else args.route.hostname


def _gateway(foundation: Foundation) -> Gateway:
    if foundation.gateway is None:
        raise ValueError("a route needs a gateway")
    return foundation.gateway


def is_grpc(backends: Mapping[str, Backend]) -> bool:
    """Whether what is behind speaks gRPC."""
    return any(backend.protocol == "grpc" for backend in backends.values())


def route_kind(backends: Mapping[str, Backend]) -> str:
    """The kind of route that the backends want."""
    return "GRPCRoute" if is_grpc(backends) else "HTTPRoute"


def door_name(place: Place, way: Way | None = None) -> str:
    """The name of a way's objects. KServe names routes after the service itself, so this is another one."""
    return f"{place.instance}-front-door{'' if way is None else way.suffix}"


def route(args: FrontDoorArgs, backends: Mapping[str, Backend], way: Way, place: Place) -> Manifest:
    """The route of one way of being let in. Pure."""
    spec = {
        "parentRefs": [_parent(args.foundation, args.route)],
        "hostnames": [hostname_of(args)],
        "rules": rules(args, backends, way, place),
    }
    reason = {} if args.public is None else {PUBLIC: args.public.reason}
    return manifest(route_kind(backends), door_name(place, way), place, reason, spec=spec)


def _parent(foundation: Foundation, routing: Routing) -> Manifest:
    gateway = _gateway(foundation)
    listener = gateway.listener if routing.listener is None else routing.listener
    return {
        "group": "gateway.networking.k8s.io",
        "kind": "Gateway",
        "name": gateway.name,
        "namespace": gateway.namespace,
        **({} if listener is None else {"sectionName": listener}),
    }


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of request: how it is known, and what its path becomes."""

    match: Mapping[str, Any]
    rewrite: Mapping[str, str] | None


def rules(args: FrontDoorArgs, backends: Mapping[str, Backend], way: Way, place: Place) -> list[Manifest]:
    """The rules of a route: every kind of request, for each version that is asked for and for whichever comes."""
    found = [
        _rule(args, kind, _headers(way, {args.route.header: version} if version else {}), chosen, way)
        for kind in kinds(args, backends, place.instance)
        for version, chosen in splits(args.route, backends).items()
    ]
    if args.route.graphql is None:
        return found
    path = path_of(args, place.instance) + args.route.graphql.path
    return [*found, _closed({"path": {"type": "Exact", "value": path}, **_matching(_headers(way, {}))}, place)]


def kinds(args: FrontDoorArgs, backends: Mapping[str, Backend], service: str) -> list[Kind]:
    """The kinds of requests that are let through."""
    if is_grpc(backends):
        return [Kind({}, None)]
    path, graphql = path_of(args, service), args.route.graphql
    all_ = Kind(
        {"path": {"type": "PathPrefix", "value": path}}, {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/"}
    )
    if graphql is None:
        return [all_]
    exact = {"type": "Exact", "value": path + graphql.path}
    rewrite = {"type": "ReplaceFullPath", "replaceFullPath": graphql.path}
    methods = ("POST", *(("GET",) if graphql.get else ()))
    return [all_, *(Kind({"path": exact, "method": method}, rewrite) for method in methods)]


def splits(routing: Routing, backends: Mapping[str, Backend]) -> dict[str, Mapping[str, Backend]]:
    """The version that is asked for to those that may answer it; `` is a request that asks for none."""
    by_header = {version: {version: _whole(backend)} for version, backend in backends.items()}
    return {"": backends, **(by_header if routing.split_by == "header" else {})}


def _whole(backend: Backend) -> Backend:
    """A version that answers all of its requests, and copies none."""
    return backend.model_copy(update={"weight": 100, "mirror": 0})


def _headers(way: Way, exact: Mapping[str, str]) -> Matches:
    shown = [{"type": "RegularExpression", "name": name, "value": value} for name, value in way.headers]
    return [*shown, *({"type": "Exact", "name": name, "value": value} for name, value in exact.items())]


def _matching(headers: Matches) -> Manifest:
    return {"headers": headers} if headers else {}


def _rule(args: FrontDoorArgs, kind: Kind, headers: Matches, chosen: Mapping[str, Backend], way: Way) -> Manifest:
    match = {**kind.match, **_matching(headers)}
    filters = [
        *_stripping(args, way),
        *_rewriting(kind),
        *(_copy(backend) for backend in chosen.values() if backend.mirror),
    ]
    limit = {} if is_grpc(chosen) else {"timeouts": {"request": duration(args.route.timeout)}}
    return {
        **({"matches": [match]} if match else {}),
        **({"filters": filters} if filters else {}),
        "backendRefs": [_share(version, backend) for version, backend in chosen.items()],
        **limit,
    }


def _stripping(args: FrontDoorArgs, way: Way) -> list[Manifest]:
    # Istio takes the token out itself, unless it is told otherwise.
    headers = STRIPPED[way.asking] if guard_of(args.foundation) == "envoy-gateway" else ()
    return [{"type": "RequestHeaderModifier", "requestHeaderModifier": {"remove": list(headers)}}] if headers else []


def _rewriting(kind: Kind) -> list[Manifest]:
    return [] if kind.rewrite is None else [{"type": "URLRewrite", "urlRewrite": {"path": dict(kind.rewrite)}}]


def _copy(backend: Backend) -> Manifest:
    mirror = {"backendRef": _reference(backend), "percent": backend.mirror}
    return {"type": "RequestMirror", "requestMirror": mirror}


def _share(version: str, backend: Backend) -> Manifest:
    # The gateway's own errors have no such header, so they tell a stranger no version.
    answered = {"set": [{"name": VERSION_HEADER, "value": version}]}
    named = {"type": "ResponseHeaderModifier", "responseHeaderModifier": answered}
    return {**_reference(backend), "weight": backend.weight, "filters": [*_asking_for(backend), named]}


def _asking_for(backend: Backend) -> list[Manifest]:
    """The headers by which what is behind knows who is meant; what a caller wrote in them is overwritten."""
    wanted = [{"name": name, "value": value} for name, value in backend.headers.items()]
    return [{"type": "RequestHeaderModifier", "requestHeaderModifier": {"set": wanted}}] if wanted else []


def _reference(backend: Backend) -> Manifest:
    return {"group": "", "kind": "Service", "name": backend.service, "port": backend.port}


def _closed(match: Manifest, place: Place) -> Manifest:
    """The rule of what is let through in no other way: 405."""
    answer = {"group": "gateway.envoyproxy.io", "kind": "HTTPRouteFilter", "name": closed_name(place)}
    return {"matches": [match], "filters": [{"type": "ExtensionRef", "extensionRef": answer}]}


def closed_name(place: Place) -> str:
    """The name of the filter that answers 405."""
    return f"{place.instance}-not-allowed"


def closed_filter(place: Place) -> Manifest:
    """The answer to a method that a path does not take. Pure."""
    body = {"type": "Inline", "inline": "method not allowed"}
    answer = {"statusCode": 405, "contentType": "text/plain", "body": body}
    return manifest("HTTPRouteFilter", closed_name(place), place, spec={"directResponse": answer})


def duration(seconds: float) -> str:
    """A length of time as the Gateway API writes it: in milliseconds, or in whole seconds above 99 of them.

    Source: https://gateway-api.sigs.k8s.io/geps/gep-2257/ (five digits at most)
    """
    milliseconds = max(1, round(seconds * 1000))
    return f"{milliseconds}ms" if milliseconds <= 99_999 else f"{round(seconds)}s"
