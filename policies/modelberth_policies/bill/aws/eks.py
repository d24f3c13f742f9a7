"""EKS: the control plane, dearer once its version is old, and the machines of node groups."""

from collections.abc import Iterator

from modelberth_policies.bill.autoscaling import between
from modelberth_policies.bill.aws.ec2 import disk, machines
from modelberth_policies.bill.item import Entry, Item
from modelberth_policies.prices import gathered
from modelberth_policies.support_dates import standard_support_ended


def cluster(item: Item) -> Iterator[Entry]:
    """The control plane. Left out, the version is the newest."""
    version = item.text("version", "newest")
    # Of this day, not of today: the same plan has the same bill until the catalogue is renewed.
    extended = version != "newest" and bool(standard_support_ended(version, gathered("aws")))
    if item.value("upgradePolicy.supportType", "EXTENDED") == "STANDARD":
        extended = False
    sku = f"cluster {'extended' if extended else 'standard'} support"
    yield item.line(f"control plane, version {version}", "eks", sku, item.hours, f"1 cluster x {item.use.hours:g} h")


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
