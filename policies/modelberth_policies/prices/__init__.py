"""List prices as dated data, and how to look one up."""

from modelberth_policies.prices.catalogue import Coverage, Price, age_days, coverage, find, gathered

__all__ = ["Coverage", "Price", "age_days", "coverage", "find", "gathered"]
