"""The rate limit of the local gateway: a token bucket for each caller; 429 and `x-ratelimit-*` when it is empty.

Callers with an API key have a bucket each, by name. Callers with a token have one for each subject, which Envoy makes
when it first sees the subject; it keeps the `MAX_SUBJECTS` that called last.
"""

import math

from modelberth.core.quantities import SECONDS
from modelberth.local.gateway.access import CLIENT_HEADER
from modelberth.local.gateway.config import GatewaySettings, RateLimit
from modelberth.local.gateway.discovery import Json

MESSAGE = "envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit"
MAX_SUBJECTS = 10_000


def _bucket(rate: RateLimit) -> Json:
    """Exactly `per_second`, also where it is no whole number: whole tokens in a stretched second."""
    tokens = math.ceil(rate.per_second)
    interval = round(tokens / rate.per_second / SECONDS["ms"])
    return {"max_tokens": rate.burst, "tokens_per_fill": tokens, "fill_interval": f"{interval / 1000:.3f}s"}


def _descriptor(client: str, rate: RateLimit) -> Json:
    return {"entries": [{"key": "client", "value": client}], "token_bucket": _bucket(rate)}


def rate_limit(settings: GatewaySettings) -> Json:
    """Fields of the rate limit filter. Without a rate: a filter that lets everything through."""
    rate = settings.rate
    if rate is None:
        return {"stat_prefix": "rate_limit"}
    any_other = [{"entries": [{"key": "client"}], "token_bucket": _bucket(rate)}] if settings.jwt else []
    return {
        "stat_prefix": "rate_limit",
        "filter_enabled": {"default_value": {"numerator": 100}},
        "filter_enforced": {"default_value": {"numerator": 100}},
        "enable_x_ratelimit_headers": "DRAFT_VERSION_03",
        # Asked only where no descriptor fits, which no caller can bring about: the access filter names each.
        "token_bucket": _bucket(rate),
        "always_consume_default_token_bucket": False,
        "descriptors": [*(_descriptor(client, rate) for client in sorted(settings.key_hashes)), *any_other],
        "max_dynamic_descriptors": MAX_SUBJECTS,
        "rate_limits": [{"actions": [{"request_headers": {"header_name": CLIENT_HEADER, "descriptor_key": "client"}}]}],
    }
