"""How fast callers may be: what Envoy Gateway can count, and its rules. Pure.

Envoy Gateway knows a number of requests and a unit, and no burst beside it. A local limit is a bucket that holds that
number and is filled with it once in each unit (envoyproxy/gateway@v1.6.0:internal/xds/translator/local_ratelimit.go); a
global one counts in windows of that unit. In both, that many requests may come at once. So a rate with a burst can be
said exactly where the burst is what the rate gives in a second, a minute, an hour or a day; any other is refused.

Tokens of language models are not counted: a limit can cost what stands in a response's metadata
(envoyproxy/gateway@v1.6.0:api/v1alpha1/ratelimit_types.go, RateLimitCostMetadata), and nothing that is installed here
writes it there; Envoy AI Gateway would.
"""

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from modelberth.core.config import Config
from modelberth.kubernetes.gateway.callers import CLIENT_HEADER

MOST = 2**32 - 1
"""Envoy counts in 32 bits: envoyproxy/gateway@v1.6.0:internal/xds/translator/local_ratelimit.go casts to uint32."""

UNITS: Mapping[str, int] = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
"""Unit to seconds, the shortest first."""

Unit = Literal["second", "minute", "hour", "day"]
Rules = list[dict[str, Any]]


class Limit(Config):
    """So many requests in each unit of time; 429 above it."""

    requests: Annotated[int, Field(ge=1, le=MOST)]
    """How many. All of them may come at once."""

    per: Unit = "second"
    """In what time. Left out: a second."""

    @property
    def per_second(self) -> float:
        """The rate in the long run."""
        return self.requests / UNITS[self.per]


class Limits(Config):
    """How much is let through."""

    per_client: Limit | None = None
    """For each caller, whatever the gateway knows it by. Left out: no limit of its own."""

    total: Limit | None = None
    """For all callers together. Left out: no limit; a public service must have one."""

    scope: Literal["global", "local"] = "global"
    """`global`: counted by the rate limit service for all gateways and routes together; while it is down everything is
    let through, unless the gateway is configured with `failClosed`. `local`: each instance of the gateway counts each
    rule of the route on its own, so n of them let n times as much through. Left out: global."""

    max_body_kib: Annotated[int, Field(ge=1, le=1 << 20)] | None = None
    """Longest request body; 413 above it. The gateway holds it in memory before it passes it on. Left out: 10 MiB over
    HTTP; over gRPC there is no limit, as a stream cannot be held."""

    max_connections: Annotated[int, Field(ge=1, le=MOST)] = 1024
    """Connections to the pods of a rule, for one instance of the gateway; 503 above it. Left out: 1024, as Envoy has
    it."""

    max_pending: Annotated[int, Field(ge=1, le=MOST)] = 1024
    """Requests that wait for a connection. Left out: 1024."""

    max_parallel: Annotated[int, Field(ge=1, le=MOST)] = 1024
    """Requests under way. Left out: 1024."""


def limit_of(per_second: float, burst: int | None = None) -> Limit | None:
    """The limit with exactly this rate, and this burst where one is given. None: Envoy Gateway cannot say it.

    Without a burst the shortest unit is taken in which the rate is a whole number.
    """
    for unit in UNITS:
        requests = whole(per_second, unit)
        if requests is not None and burst in (None, requests):
            return Limit.model_validate({"requests": requests, "per": unit})
    return None


def whole(per_second: float, unit: str) -> int | None:
    """Requests in one unit at a rate, if they are a whole number that can be counted."""
    exact = per_second * UNITS[unit]
    if not 0.5 <= exact < MOST + 0.5:
        return None
    rounded = round(exact)
    return rounded if math.isclose(rounded, exact, rel_tol=1e-9) else None


def bursts(per_second: float) -> list[int]:
    """The bursts that can be said with a rate."""
    return [burst for burst in (whole(per_second, unit) for unit in UNITS) if burst is not None]


def rate_limit(limits: Limits, tokens: bool) -> dict[str, Any]:
    """The field `rateLimit` of a BackendTrafficPolicy; empty where nothing is limited. Pure.

    `tokens`: callers may come with a token, which may lack the claim that names them; those share one limit.
    """
    every = _everybody(limits.scope)
    selectors: list[tuple[Limit | None, Rules]] = [(limits.total, every)]
    selectors.append((limits.per_client, [{"headers": [{"type": "Distinct", "name": CLIENT_HEADER}]}]))
    if tokens:
        nameless = {"type": "RegularExpression", "name": CLIENT_HEADER, "value": ".+", "invert": True}
        selectors.append((limits.per_client, [{"headers": [nameless]}]))
    rules = [_rule(limit, who, limits.scope) for limit, who in selectors if limit is not None]
    return {"rateLimit": {limits.scope: {"rules": rules}}} if rules else {}


def _everybody(scope: str) -> Rules:
    """Whom the limit of all selects.

    A local rule that selects nobody in particular is the bucket of those requests only that no other rule selects
    (`AlwaysConsumeDefaultTokenBucket` is false there), so it selects every path.
    """
    return [] if scope == "global" else [{"path": {"type": "PathPrefix", "value": "/"}}]


def _rule(limit: Limit, selectors: Rules, scope: str) -> dict[str, Any]:
    return {
        **({"clientSelectors": selectors} if selectors else {}),
        "limit": {"requests": limit.requests, "unit": limit.per.capitalize()},
        # Else each rule of each route has counters of its own.
        **({"shared": True} if scope == "global" else {}),
    }
