"""Compute Engine: machines, the accelerators that are added to them, and disks. Linux, no commitment."""

from collections.abc import Iterator

from modelberth_policies.bill.item import Entry, Item, Values
from modelberth_policies.bill.model import Range

GPU_INCLUSIVE = ("a2-", "a3-", "a4-", "a4x-", "g2-", "g4-")
"""Families whose price holds their GPUs: adding `guestAccelerators` would count them twice."""
DEFAULT_MACHINE = "e2-medium"
DEFAULT_NODE_DISK_GB = 100
ONE = Range.of(1.0)


def instance(item: Item) -> Iterator[Entry]:
    """One machine, what is plugged into it, and the disk that it starts from."""
    scheduling = item.under("scheduling")
    spot = scheduling.text("provisioningModel", "STANDARD") == "SPOT" or scheduling.flag("preemptible")
    yield from machine_hours(item, item, ONE, "1 instance", spot=spot)
    boot = item.under("bootDisk.initializeParams")
    yield stored(item, boot.text("type", "pd-standard"), boot.number("size", item.use.volume_gb), ONE, "boot disk")
    if item.has("scratchDisks"):
        yield item.unpriced("the catalogue has no price of local SSDs", "local SSDs")


def disk(item: Item) -> Iterator[Entry]:
    """One persistent disk."""
    size = item.number("size", item.use.volume_gb)
    yield stored(item, item.text("type", "pd-standard"), size, ONE, "disk")


def machine_hours(item: Item, shape: Values, count: Range, words: str, *, spot: bool) -> Iterator[Entry]:
    """Hours of machines, and of the accelerators that `shape` adds to each."""
    kind = shape.text("machineType", DEFAULT_MACHINE).rpartition("/")[2]
    service, how = ("compute-engine-spot", "spot") if spot else ("compute-engine", "on demand")
    hours = count * item.hours
    yield item.line(f"{kind} {how}", service, kind, hours, f"{words} x {item.use.hours:g} h")
    if kind.startswith(GPU_INCLUSIVE):
        return
    for added in shape.each("guestAccelerators"):
        gpu, each = added.text("type").rpartition("/")[2], added.number("count", 1)
        if each:
            yield item.line(f"{gpu} {how}", service, gpu, hours * each, f"{words} x {each:g} x {item.use.hours:g} h")


def node_disks(item: Item, shape: Values, count: Range) -> Iterator[Entry]:
    """The disks that the nodes of a pool start from, and local ones."""
    boot = shape.under("bootDisk")
    kind = boot.text("diskType", shape.text("diskType", "pd-balanced"))
    size = boot.number("sizeGb", shape.number("diskSizeGb", DEFAULT_NODE_DISK_GB))
    yield stored(item, kind, size, count, "node disks")
    if any(_some(shape, path) for path in ("localSsdCount", *(f"{part}.localSsdCount" for part in _LOCAL))):
        yield item.unpriced("the catalogue has no price of local SSDs", "local SSDs")


_LOCAL = ("ephemeralStorageConfig", "ephemeralStorageLocalSsdConfig", "localNvmeSsdBlockConfig")


def _some(shape: Values, path: str) -> bool:
    return shape.number(path, 0) > 0


def stored(item: Item, kind: str, size: float, count: Range, what: str) -> Entry:
    """The storage of so many disks."""
    kind = kind.rpartition("/")[2]
    months = count * (size * item.use.hours / 730)
    return item.line(f"{kind} {what}", "persistent-disk", kind, months, f"{count.shown(1)} x {size:g} GiB")
