"""EC2: instances, groups of them, and volumes. Linux, shared tenancy; spot at the on-demand price less the saving."""

from collections.abc import Iterator

from modelberth_policies.bill.autoscaling import between
from modelberth_policies.bill.item import Entry, Item, NotPriceable, Values
from modelberth_policies.bill.model import Line, Range
from modelberth_policies.bill.related import related

LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
FREE_IOPS = 3000


def instance(item: Item) -> Iterator[Entry]:
    """One machine and its disks."""
    spot = item.under("instanceMarketOptions").text("marketType", "") if item.has("instanceMarketOptions") else ""
    one = Range.of(1.0)
    yield machines(item, [item.text("instanceType")], one, spot=spot == "spot", words="1 instance")
    yield from _disk(item, item.under("rootBlockDevice"), one, "root volume")
    for device in item.each("ebsBlockDevices"):
        yield from _disk(item, device, one, "volume")


def volume(item: Item) -> Iterator[Entry]:
    """One EBS volume."""
    yield from disk(item, item.text("type", "gp2"), item.number("size"), Range.of(1.0), "volume")
    extra = item.number("iops", FREE_IOPS) - FREE_IOPS
    if extra > 0 and item.text("type", "gp2") == "gp3":
        yield item.line(
            "IOPS", "ebs", "gp3 IOPS", Range.of(extra * item.use.hours / 730), f"{extra:g} over {FREE_IOPS}"
        )


def auto_scaling_group(item: Item) -> Iterator[Entry]:
    """The machines of a group, from its minimum to its maximum."""
    least, most = item.number("minSize"), item.number("maxSize")
    count = between(item, min(least, most), most)
    words = f"{least:g} to {most:g} instances by autoscaling"
    template = related(item, "launchTemplate.id", LAUNCH_TEMPLATE, "name")
    if template is None:
        raise NotPriceable("its launch template is not in this plan")
    launched = Values(template.inputs, "the launch template's")
    spot = (
        launched.under("instanceMarketOptions").text("marketType", "") if launched.has("instanceMarketOptions") else ""
    )
    yield machines(item, [launched.text("instanceType")], count, spot=spot == "spot", words=words)
    for device in launched.each("blockDeviceMappings"):
        yield from _disk(item, device.under("ebs"), count, "volumes")


def machines(item: Item, kinds: list[str], count: Range, *, spot: bool, words: str) -> Entry:
    """Instance hours. Of several types that may be launched, the dearest; one without a price leaves all without."""
    service, how = ("ec2-spot", "spot") if spot else ("ec2", "on demand")
    formula = f"{words} x {item.use.hours:g} h{f', dearest of {len(kinds)} types' if len(kinds) > 1 else ''}"
    lines = [item.line(f"{kind} {how}", service, kind, count * item.hours, formula) for kind in kinds]
    priced = [line for line in lines if isinstance(line, Line)]
    if len(priced) < len(lines):
        return next(line for line in lines if not isinstance(line, Line))
    return max(priced, key=lambda line: line.unit_price.usd)


def _disk(item: Item, device: Values, count: Range, what: str) -> Iterator[Entry]:
    kind = device.text("volumeType", "gp2")
    if device.has("volumeSize"):
        yield from disk(item, kind, device.number("volumeSize"), count, what)
    else:
        yield from disk(item, kind, item.use.volume_gb, count, f"{what} (size assumed)")


def disk(item: Item, kind: str, size: float, count: Range, what: str) -> Iterator[Entry]:
    """Storage of so many volumes."""
    stored = count * (size * item.use.hours / 730)
    yield item.line(f"{kind} {what}", "ebs", f"{kind} storage", stored, f"{count.shown(1)} x {size:g} GB")
