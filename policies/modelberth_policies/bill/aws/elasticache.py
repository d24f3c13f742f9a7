"""ElastiCache: nodes by the hour. Memcached nodes cost what Redis nodes do."""

from collections.abc import Iterator

from modelberth_policies.bill.item import Entry, Item
from modelberth_policies.bill.model import Range


def cluster(item: Item) -> Iterator[Entry]:
    """A cluster; one that belongs to a replication group is billed there."""
    if item.has("replicationGroupId"):
        yield item.free("its replication group bears the cost")
        return
    yield _nodes(item, item.number("numCacheNodes", 1))


def replication_group(item: Item) -> Iterator[Entry]:
    """Shards x (1 + replicas), or so many nodes."""
    shards, replicas = item.number("numNodeGroups", 1), item.number("replicasPerNodeGroup", 0)
    yield _nodes(item, item.number("numCacheClusters", shards * (1 + replicas)))


def _nodes(item: Item, count: float) -> Entry:
    kind, engine = item.text("nodeType"), item.text("engine", "redis")
    sold = "Valkey" if engine.lower() == "valkey" else "Redis"
    words = f"{count:g} nodes x {item.use.hours:g} h"
    return item.line(f"{kind} {engine}", "elasticache", f"{kind} {sold}", Range.of(count * item.use.hours), words)
