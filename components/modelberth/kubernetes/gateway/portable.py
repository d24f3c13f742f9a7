"""Who may call a service, in the gateway's words, or what it cannot honour; and the route before its endpoint."""

from collections.abc import Iterator
from typing import Any

import pulumi

from modelberth.core.config import Config
from modelberth.core.endpoint import ServingEndpoint
from modelberth.core.errors import ConfigError
from modelberth.core.labels import Labels
from modelberth.core.service import Access, Jwt, Rate, Refusal, Service, Slo
from modelberth.kubernetes.backends import RoutedEndpoint
from modelberth.kubernetes.foundation import Foundation
from modelberth.kubernetes.gateway import callers
from modelberth.kubernetes.gateway.config import FrontDoorArgs, GatewayFrontDoorArgs
from modelberth.kubernetes.gateway.faults import guard_of, overheard, uncounted, unguarded
from modelberth.kubernetes.gateway.front_door import GatewayFrontDoor
from modelberth.kubernetes.gateway.rate_limit import MOST, bursts, limit_of

Limit = tuple[bool, str, str, str]
"""Whether a limit is met, the field that it is about, why, and what to write instead."""

MOST_KEYS = 256
"""Names that one rule of a SecurityPolicy may hold.
Source: envoyproxy/gateway@v1.6.0:api/v1alpha1/authorization_types.go"""


def front_door(
    name: str, args: Config, endpoint: RoutedEndpoint, opts: pulumi.ResourceOptions | None = None
) -> ServingEndpoint:
    """The route before an endpoint, of what `front_door_args` gave."""
    given = {field: getattr(args, field) for field in args.model_fields_set}
    return GatewayFrontDoor(name, GatewayFrontDoorArgs.parse({**given, "endpoint": endpoint}, name), opts)


def split_as_tested(service: Service, door: FrontDoorArgs | None) -> FrontDoorArgs | None:
    """Pure. The route, by header where an A/B test goes by one: a request that names its version gets it."""
    test = service.rollout.ab_test
    if door is None or test is None or test.by != "header":
        return door
    return door.model_copy(update={"route": door.route.model_copy(update={"split_by": "header"})})


def front_door_args(
    access: Access, foundation: Foundation, labels: Labels | None, *, slo: Slo | None = None
) -> FrontDoorArgs | list[Refusal] | None:
    """Pure. The route that honours every field of an access, or the fields that the gateway cannot honour.

    None where nobody is let in: then there is no route, and only who is named in the cluster may ask. Alarms are made
    of `slo` by the endpoint, which is measured itself: a route adds nothing to them.
    """
    if not access.keys and access.jwt is None and access.public is None:
        return [_refusal(*limit) for limit in _unused(access) if limit[0]] or None
    refused = [_refusal(*limit) for limit in _limits(access, foundation) if limit[0]]
    return refused or FrontDoorArgs.parse(_arguments(access, foundation, labels))


def _refusal(_met: bool, field: str, why: str, fix: str) -> Refusal:
    return Refusal(field, why, fix)


def _unused(access: Access) -> Iterator[Limit]:
    alone = "it limits each caller, and nobody is let in"
    yield access.rate is not None, "access.rate", alone, "give keys or jwt, or leave it out"


def _limits(access: Access, foundation: Foundation) -> Iterator[Limit]:
    missing = unguarded(foundation)
    if missing:
        why, _, fix = missing.rpartition("; ")
        yield True, "access", why, fix
        return
    yield from _encrypted(access, foundation)
    yield from _keys(access)
    if access.jwt is not None:
        yield from _tokens(access.jwt)
    if access.rate is not None:
        yield from _rate(access.rate, access, foundation)
    yield from _strangers(access, foundation)
    if guard_of(foundation) == "istio":
        yield from _beyond_istio(access)


def _encrypted(access: Access, foundation: Foundation) -> Iterator[Limit]:
    told = bool(access.keys) or access.jwt is not None
    why, _, fix = overheard(foundation).rpartition("; ")
    yield told and bool(why), "access", why, fix


def _keys(access: Access) -> Iterator[Limit]:
    twice = sorted({name for name in access.keys if access.keys.count(name) > 1})
    yield bool(twice), "access.keys", f"{', '.join(twice)} stands there twice", "name each caller once"
    many = len(access.keys) > MOST_KEYS
    yield many, "access.keys", f"{len(access.keys)} callers are more than a policy can name ({MOST_KEYS})", "use tokens"


def _tokens(jwt: Jwt) -> Iterator[Limit]:
    """What is wrong with a token's issuer, by the rules of the gateway's own words."""
    try:
        callers.Jwt.parse(jwt.model_dump(), "access.jwt")
    except ConfigError as error:
        for fault in error.faults:
            why, _, fix = fault.what.partition("; ")
            yield True, fault.path, why, fix or "write what Envoy Gateway takes"


def _rate(rate: Rate, access: Access, foundation: Foundation) -> Iterator[Limit]:
    nobody = not access.keys and access.jwt is None
    yield (
        nobody,
        "access.rate",
        "it limits each caller, and no caller is told apart",
        "give keys or jwt, or leave it out",
    )
    possible = bursts(rate.per_key)
    which = f"a caller of {rate.per_key:g}/s may send at once what it may send in a second, a minute, an hour or a day"
    fix = f"write burst: {' or '.join(f'{burst}' for burst in possible)}"
    yield bool(possible) and rate.burst not in possible, "access.rate", f"{which}; burst is {rate.burst}", fix
    yield not possible, "access.rate.per_key", _uncountable(rate.per_key), "round it, or lower it"
    yield from _counted("access.rate", foundation)


def _uncountable(per_second: float) -> str:
    return f"{per_second:g}/s is no whole number, {MOST} at most, in a second, a minute, an hour or a day"


def _strangers(access: Access, foundation: Foundation) -> Iterator[Limit]:
    public = access.public
    if public is None:
        return
    known = (*(["keys"] if access.keys else []), *(["jwt"] if access.jwt is not None else [])) or ("none",)
    unlike = f"auth is {public.auth}, and callers have {' and '.join(known)}"
    yield public.auth not in known, "access.public", unlike, f"write {known[0]}, or change the callers"
    wrong = limit_of(public.rate_limit) is None
    yield wrong, "access.public.rate_limit", _uncountable(public.rate_limit), "round it, or lower it"
    over = access.rate is not None and access.rate.per_key > public.rate_limit
    above = f"{access.rate.per_key:g}/s is above public.rate_limit {public.rate_limit:g}/s" if access.rate else ""
    yield over, "access.rate.per_key", above, "lower it"
    yield from _counted("access.public", foundation)


def _counted(field: str, foundation: Foundation) -> Iterator[Limit]:
    missing = "" if guard_of(foundation) == "istio" else uncounted(foundation)
    why, _, fix = missing.rpartition("; ")
    yield bool(missing), field, why, fix


def _beyond_istio(access: Access) -> Iterator[Limit]:
    fix = "take envoy-gateway, or leave it out"
    yield bool(access.keys), "access.keys", "Istio knows no API keys", fix
    yield access.rate is not None, "access.rate", "Istio keeps no limit that it supports itself", fix
    yield access.public is not None, "access.public", "Istio keeps no limit of all strangers together", fix


def _arguments(access: Access, foundation: Foundation, labels: Labels | None) -> dict[str, Any]:
    """What is left out here is left out there, so that `native` can still say it."""
    public, rate, who = access.public, access.rate, {}
    if access.keys:
        who["keys"] = access.keys
    if access.jwt is not None:
        who["jwt"] = access.jwt.model_dump()
    limits = {
        "per_client": None if rate is None else limit_of(rate.per_key, rate.burst),
        "total": None if public is None else limit_of(public.rate_limit),
    }
    given = {name: limit for name, limit in limits.items() if limit is not None}
    return {
        "foundation": foundation,
        "labels": labels,
        **({"callers": who} if who else {}),
        **({"limits": given} if given else {}),
        **({} if public is None else {"public": {"reason": public.reason, "auth": public.auth}}),
    }
