"""What a stack costs a month: `estimate(plan) -> Bill`. Standard library only, and no network."""

from modelberth_policies.bill.assumptions import Assumptions, Profile, UsageLike, default_profile
from modelberth_policies.bill.estimate import estimate, service_of
from modelberth_policies.bill.model import NOTHING, UNBOUNDED, Bill, Free, Line, Range, Unpriced

__all__ = [
    "NOTHING",
    "UNBOUNDED",
    "Assumptions",
    "Bill",
    "Free",
    "Line",
    "Profile",
    "Range",
    "Unpriced",
    "UsageLike",
    "default_profile",
    "estimate",
    "service_of",
]
