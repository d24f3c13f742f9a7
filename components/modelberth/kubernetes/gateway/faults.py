"""What a gateway would ignore or refuse, in sentences. Pure."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal

from modelberth.kubernetes.backends import Backend
from modelberth.kubernetes.foundation import Foundation
from modelberth.kubernetes.gateway.rate_limit import Limits

if TYPE_CHECKING:
    from modelberth.kubernetes.gateway.config import FrontDoorArgs

RATE_LIMIT_SERVICE = "envoy-ratelimit"
"""The add-on with which Envoy Gateway counts for all its instances together.
Source: https://gateway.envoyproxy.io/docs/tasks/traffic/global-rate-limit/"""

MOST_RULES = 16
"""Rules of one route, and backends of one rule.
Source: sigs.k8s.io/gateway-api@v1.4.0:config/crd/standard/gateway.networking.k8s.io_httproutes.yaml"""

Guard = Literal["envoy-gateway", "istio"]


def guard_of(foundation: Foundation) -> Guard | None:
    """What checks requests in a cluster. None: nothing does."""
    if "envoy-gateway" in foundation.addons:
        return "envoy-gateway"
    return "istio" if "istio" in foundation.addons else None


def unguarded(foundation: Foundation) -> str:
    """Why no route can stand in a cluster, in one clause; empty where one can."""
    if foundation.gateway is None:
        return "foundation.gateway is left out, through which requests come; name one there"
    if guard_of(foundation) is not None:
        return ""
    have = ", ".join(sorted(foundation.addons)) or "none"
    fix = "install envoy-gateway or istio and name it there"
    return f"nothing in the cluster checks who calls; foundation.addons has {have}; {fix}"


def overheard(foundation: Foundation, listener: str | None = None) -> str:
    """Why keys and tokens could come in clear text, in one clause; empty where they cannot. `listener` is a route's.

    Source: https://gateway-api.sigs.k8s.io/reference/spec/#parentreference (sectionName)
    """
    gateway = foundation.gateway
    if gateway is None or gateway.listener is not None or listener is not None:
        return ""
    why = "a route then attaches to every listener of the gateway, an HTTP one too, where they come in clear text"
    return f"there are keys or tokens, and foundation.gateway.listener is left out; {why}; {NAME_LISTENER}"


NAME_LISTENER = "name foundation.gateway.listener, the HTTPS one"


def uncounted(foundation: Foundation) -> str:
    """Why no global limit holds in a cluster, in one clause; empty where one does."""
    if RATE_LIMIT_SERVICE in foundation.addons:
        return ""
    have = ", ".join(sorted(foundation.addons)) or "none"
    fix = "install it and name it there"
    return (
        f"each instance of the gateway counts alone without {RATE_LIMIT_SERVICE}; foundation.addons has {have}; {fix}"
    )


def faults_of_door(args: "FrontDoorArgs") -> Iterator[str]:
    """What cannot be, whatever endpoint is behind."""
    missing = unguarded(args.foundation)
    if missing:
        yield missing
    if args.callers is None and (args.public is None or args.public.auth != "none"):
        yield "nobody is let in; give callers"
    heard = "" if args.callers is None else overheard(args.foundation, args.route.listener)
    if heard:
        yield heard
    yield from _strangers(args)
    yield from _counting(args)
    if guard_of(args.foundation) == "istio":
        yield from _beyond_istio(args)


def _strangers(args: "FrontDoorArgs") -> Iterator[str]:
    if args.public is None:
        return
    known = ("none",) if args.callers is None else args.callers.auth
    if args.public.auth not in known:
        yield f"public.auth is {args.public.auth}, and callers has {' and '.join(known)}; write that, or change callers"
    if args.limits.total is None:
        yield "limits.total is left out, and strangers could take all there is; give one"
    elif args.limits.scope == "local":
        yield "limits.scope is local, and each instance of the gateway would let as many strangers in; write global"


def _counting(args: "FrontDoorArgs") -> Iterator[str]:
    limits: Limits = args.limits
    total, one = limits.total, limits.per_client
    if one is not None and args.callers is None:
        yield "limits.per_client is given, and no caller is told apart; give callers, or limits.total alone"
    if one is not None and total is not None and one.per_second > total.per_second:
        above = f"{one.per_second:g}/s for each client is above {total.per_second:g}/s for all of them"
        yield f"limits.per_client: {above}; lower it"
    if limits.scope == "global" and (one is not None or total is not None):
        missing = "" if guard_of(args.foundation) == "istio" else uncounted(args.foundation)
        if missing:
            yield f"limits.scope is global: {missing}, or write local"


def _beyond_istio(args: "FrontDoorArgs") -> Iterator[str]:
    """Istio knows tokens and denies the rest; it counts, holds and asks for keys in nothing that it supports itself.

    Source: https://istio.io/latest/docs/reference/config/security/ (its rate limits are an EnvoyFilter's, which it does
    not keep stable: https://istio.io/latest/docs/reference/config/networking/envoy-filter/)
    """
    callers = args.callers
    # What is set to the value that it has anyway asks for nothing.
    limits = sorted(
        name for name in Limits.model_fields if getattr(args.limits, name) != Limits.model_fields[name].default
    )
    wanted = {
        "callers.keys": callers is not None and bool(callers.keys),
        "callers.permissions": callers is not None and bool(callers.permissions),
        "route.graphql": args.route.graphql is not None,
        "route.retries": "retries" in args.route.model_fields_set,
        **{f"limits.{name}": True for name in limits},
    }
    refused = [name for name, given in wanted.items() if given]
    if refused:
        yield f"Istio has no {', '.join(refused)}; take envoy-gateway, or leave it out"
    if callers is None:
        yield "Istio has no limit of all callers together, which a service without callers must have; give callers.jwt"


def faults_before(args: "FrontDoorArgs", backends: Mapping[str, Backend]) -> Iterator[str]:
    """What cannot be before these backends."""
    protocols = sorted({backend.protocol for backend in backends.values()})
    together = sum(backend.weight for backend in backends.values())
    if together != 100:
        yield f"endpoint.backends have weights of {together} together; a route needs 100"
    if len(protocols) > 1:
        yield "endpoint.backends speak http and grpc; a route has one of them, so make two front doors"
    if protocols == ["grpc"]:
        yield from _not_over_grpc(args)
    if rules_of(args, len(backends)) > MOST_RULES:
        most = f"a route has {MOST_RULES} rules at most"
        yield f"{len(backends)} versions by header need {rules_of(args, len(backends))}; {most}; split by weight"


def _not_over_grpc(args: "FrontDoorArgs") -> Iterator[str]:
    route = args.route
    if route.hostname is None:
        yield "the endpoint speaks gRPC, and route.hostname is left out; give a host name that no HTTP service has"
    given = {"route.path": route.path, "route.graphql": route.graphql, "limits.max_body_kib": args.limits.max_body_kib}
    wrong = [name for name, value in given.items() if value is not None]
    if wrong:
        yield f"the endpoint speaks gRPC, which has no {', '.join(wrong)}; leave it out"


def rules_of(args: "FrontDoorArgs", versions: int) -> int:
    """How many rules a route has: each kind of request, split for each version that can be asked for."""
    graphql = args.route.graphql
    kinds = 1 if graphql is None else 3 if graphql.get else 2
    splits = 1 + (versions if args.route.split_by == "header" else 0)
    return kinds * splits + (graphql is not None)
