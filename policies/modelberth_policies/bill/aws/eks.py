"""EKS: the control plane, dearer once its version is old, and the machines of node groups."""

from collections.abc import Iterator, Mapping

from modelberth_policies.bill.aws.ec2 import disk, machines
from modelberth_policies.bill.aws.scaling import between
from modelberth_policies.bill.item import Entry, Item
from modelberth_policies.prices import gathered

END_OF_STANDARD_SUPPORT: Mapping[str, str] = {
    "1.28": "2024-11-26",
    "1.29": "2025-03-23",
    "1.30": "2025-07-23",
    "1.31": "2025-11-26",
    "1.32": "2026-03-23",
    "1.33": "2026-07-29",
    "1.34": "2026-12-02",
}
"""Kubernetes version → the last day at the lower price, for the versions that have one yet:
https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html"""


def cluster(item: Item) -> Iterator[Entry]:
    """The control plane. Left out, the version is the newest."""
    version = item.text("version", "newest")
    # Of this day, not of today: the same plan has the same bill until the catalogue is renewed.
    extended = _ended(version, gathered("aws").isoformat())
    if item.value("upgradePolicy.supportType", "EXTENDED") == "STANDARD":
        extended = False
    sku = f"cluster {'extended' if extended else 'standard'} support"
    yield item.line(f"control plane, version {version}", "eks", sku, item.hours, f"1 cluster x {item.use.hours:g} h")


def _ended(version: str, day: str) -> bool:
    last = END_OF_STANDARD_SUPPORT.get(version)
    if last is not None:
        return last < day
    oldest = min(END_OF_STANDARD_SUPPORT, key=_number)
    return version[:1].isdigit() and _number(version) < _number(oldest)


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else 0 for part in version.split("."))


def node_group(item: Item) -> Iterator[Entry]:
    """Its machines, from the minimum to the maximum, and their disks."""
    scaling = item.under("scalingConfig")
    least, most = scaling.number("minSize"), scaling.number("maxSize")
    count = between(item, min(least, most), most)
    named = item.value("instanceTypes", ["t3.medium"])
    kinds = [kind for kind in named if isinstance(kind, str)] if isinstance(named, list) else []
    words = f"{least:g} to {most:g} nodes by autoscaling"
    spot = item.text("capacityType", "ON_DEMAND") == "SPOT"
    if len(kinds) == 0:
        yield item.unpriced("instanceTypes names none that is known")
    else:
        yield machines(item, kinds, count, spot=spot, words=words)
    yield from disk(item, "gp3", item.number("diskSize", 20), count, "node volumes")
