"""How fast callers may be: the arithmetic of usage plans, of the stage and of the firewall. Pure."""

import math
from collections.abc import Mapping
from typing import Any

from modelberth.aws.api_gateway.callers import Callers, Plan

WINDOW_SECONDS = 60
LEAST_PER_WINDOW = 10
"""The firewall counts requests of one address over one minute, and from ten on.
Source: https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based-high-level-settings.html"""


def per_second(rate: float) -> str:
    """A rate as people write it: `100/s`."""
    return f"{rate:g}/s"


def window_limit(rate: float) -> int:
    """Requests of one address in one minute, at this rate per second."""
    return max(LEAST_PER_WINDOW, math.ceil(rate * WINDOW_SECONDS))


def burst_of(rate: float) -> int:
    """What may come at once where only a rate is given: what comes in a second."""
    return max(1, math.ceil(rate))


def plans_of(callers: Callers) -> dict[str, tuple[Plan, tuple[str, ...]]]:
    """Usage plans: role to the plan and its clients. `` is that of all without a plan of their own.

    A key counts in one plan per stage, so each client is in exactly one.
    """
    own = {name: (plan, (name,)) for name, plan in callers.plans.items()}
    rest = tuple(name for name in callers.keys if name not in own)
    plan = Plan() if callers.plan is None else callers.plan
    return {**({"": (plan, rest)} if rest else {}), **own}


def usage(plan: Plan) -> Mapping[str, Any]:
    """The limits of a usage plan in the provider's words; what is left out is not limited."""
    rate, quota = plan.rate, plan.quota
    throttle = None if rate is None else {"rate_limit": rate.per_key, "burst_limit": rate.burst}
    longer = None if quota is None else {"limit": quota.requests, "period": quota.per.upper()}
    return {"throttle_settings": throttle, "quota_settings": longer}
