"""Secrets Manager: secrets, their replicas, and calls."""

from collections.abc import Iterator

from modelberth_policies.bill.item import Entry, Item
from modelberth_policies.bill.model import Range


def secret(item: Item) -> Iterator[Entry]:
    """One secret, and one more for each region that it is copied to."""
    copies = 1 + item.count("replicas")
    yield item.line("secret", "secretsmanager", "secret", Range.of(copies * item.use.hours / 730), f"{copies} secrets")
    calls = item.monthly(item.use.api_calls / 10_000)
    yield item.line("calls", "secretsmanager", "API requests", calls, f"{item.use.api_calls:g} calls")
