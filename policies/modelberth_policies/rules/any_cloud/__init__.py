"""Rules for every cloud, and for the stack as a whole."""

from modelberth_policies.rule import Rule
from modelberth_policies.rules.any_cloud import (
    budget,
    exposure,
    machines,
    privacy,
    protection,
    regions,
    secrets,
    tags,
)

RULES: tuple[Rule, ...] = (
    *budget.RULES,
    *exposure.RULES,
    *machines.RULES,
    *privacy.RULES,
    *protection.RULES,
    *regions.RULES,
    *secrets.RULES,
    *tags.RULES,
)
