"""GKE: the fee for the cluster, and the machines of node pools: those of their own and those within a cluster."""

import re
from collections.abc import Iterator

from modelberth_policies.bill.autoscaling import between, words
from modelberth_policies.bill.gcp.machines import machine_hours, node_disks
from modelberth_policies.bill.item import Entry, Item, Values
from modelberth_policies.bill.related import related

CLUSTER = "gcp:container/cluster:Cluster"
ZONES_OF_A_REGION = 3
"""In so many zones a regional cluster puts the nodes of a pool that names none:
https://cloud.google.com/kubernetes-engine/docs/concepts/regional-clusters"""
_ZONE = re.compile(r"-[a-z]$")


def cluster(item: Item) -> Iterator[Entry]:
    """The fee, the pools within it, and the pool that it is born with."""
    fee = f"1 cluster x {item.use.hours:g} h"
    yield item.line("cluster management", "gke", "cluster management fee", item.hours, fee)
    if item.flag("enableAutopilot"):
        yield item.unpriced("Autopilot bills pods, and the plan does not show which ones run here", "pods")
        return
    if item.flag("clusterAutoscaling.enabled"):
        yield item.unpriced("the plan does not show what node auto-provisioning will add", "auto-provisioned nodes")
    pools = item.each("nodePools")
    zones = _zones(item, item)
    for pool in pools:
        yield from _pool(item, pool, _zones(pool, None) or zones)
    if not pools and not item.flag("removeDefaultNodePool"):
        yield from _pool(item, item, zones)


def node_pool(item: Item) -> Iterator[Entry]:
    """A pool of its own. It is in the zones of its cluster, unless it names others."""
    zones = _zones(item, None)
    if zones == 0:
        owner = related(item, "cluster", CLUSTER, "name")
        zones = _zones(Values(owner.inputs, "the cluster's"), item) if owner is not None else _zones(item, item)
    yield from _pool(item, item, zones)


def _zones(holder: Values, place: Values | None) -> int:
    """How many zones are named: `nodeLocations`, in a zonal cluster besides its own; else what `place` implies."""
    named = holder.value("nodeLocations", [])
    listed = len(named) if isinstance(named, list) else 0
    if place is None:
        return listed
    location = holder.value("location", place.value("location", ""))
    zonal = isinstance(location, str) and _ZONE.search(location) is not None
    if zonal:
        return listed + (0 if isinstance(named, list) and location in named else 1)
    return listed or ZONES_OF_A_REGION


def _pool(item: Item, pool: Values, zones: int) -> Iterator[Entry]:
    least, most = _bounds(pool, zones)
    count = between(item, least, most)
    shape = pool.under("nodeConfig")
    spot = shape.flag("spot") or shape.flag("preemptible")
    shown = words(least, most, "nodes")
    yield from machine_hours(item, shape, count, f"{shown} in {zones} zones", spot=spot)
    yield from node_disks(item, shape, count)


def _bounds(pool: Values, zones: int) -> tuple[float, float]:
    """The fewest and the most nodes. Only the totals of autoscaling count all zones together."""
    if not pool.has("autoscaling"):
        default = pool.number("initialNodeCount", 1)
        fixed = pool.number("nodeCount", default) * zones
        return fixed, fixed
    scaling = pool.under("autoscaling")
    least = scaling.number("totalMinNodeCount", scaling.number("minNodeCount", 0) * zones)
    if scaling.has("totalMaxNodeCount"):
        return least, max(scaling.number("totalMaxNodeCount"), least)
    return least, max(scaling.number("maxNodeCount") * zones, least)
