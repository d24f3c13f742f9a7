"""AKS: the price of the tier, and the machines of agent pools, within the cluster or of their own."""

from collections.abc import Iterator

from modelberth_policies.bill.autoscaling import between, words
from modelberth_policies.bill.azure.machines import machine_hours
from modelberth_policies.bill.item import Entry, Item, Values

_TIERS = {"Standard": "uptime SLA (Standard tier)", "Premium": "Premium tier"}


def cluster(item: Item) -> Iterator[Entry]:
    """The tier, and the pools within it."""
    tier = item.text("sku.tier", "Free").capitalize()
    if tier in _TIERS:
        yield item.line(f"{tier} tier", "aks", _TIERS[tier], item.hours, f"1 cluster x {item.use.hours:g} h")
    pools = item.each("agentPoolProfiles")
    for pool in pools:
        yield from _pool(item, pool)
    if tier not in _TIERS and not pools:
        yield item.free("a cluster of the free tier costs nothing; its agent pools are billed")


def agent_pool(item: Item) -> Iterator[Entry]:
    """A pool of its own."""
    yield from _pool(item, item)


def _pool(item: Item, pool: Values) -> Iterator[Entry]:
    name = pool.text("name", "agent pool")
    if pool.text("osType", "Linux") != "Linux":
        yield item.unpriced("the catalogue has no price of Windows machines", name)
        return
    if pool.flag("enableAutoScaling"):
        least, most = pool.number("minCount", 0), pool.number("maxCount")
    else:
        least = most = pool.number("count", 1)
    spot = pool.text("scaleSetPriority", "Regular") == "Spot"
    shown = words(least, most, "nodes")
    yield machine_hours(item, pool.text("vmSize"), between(item, least, most), shown, spot=spot)
    if pool.text("osDiskType", "Managed") != "Ephemeral":
        yield item.unpriced("the catalogue has no price of managed disks", f"disks of {name}")
