"""KMS: keys and their use."""

from collections.abc import Iterator

from modelberth_policies.bill.item import Entry, Item
from modelberth_policies.bill.model import Range

BILLED_ROTATIONS = 2
"""Of a key's rotations, the first two raise its price, each by that of a key: https://aws.amazon.com/kms/pricing."""


def key(item: Item) -> Iterator[Entry]:
    """A key by the month, and the calls to it."""
    share = item.use.hours / 730
    rotated = item.flag("enableKeyRotation")
    keys = Range(share, share, share * (1 + BILLED_ROTATIONS if rotated else 1))
    words = "1 key, each of its first two rotations as much again" if rotated else "1 key"
    yield item.line("key", "kms", "customer managed key", keys, words)
    symmetric = item.text("customerMasterKeySpec", "SYMMETRIC_DEFAULT") == "SYMMETRIC_DEFAULT"
    calls = item.monthly(item.use.api_calls / 10_000)
    sku = "symmetric requests" if symmetric else "asymmetric requests"
    yield item.line("calls", "kms", sku, calls, f"{item.use.api_calls:g} calls")
