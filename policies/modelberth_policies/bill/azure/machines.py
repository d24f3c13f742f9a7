"""Virtual machines, whoever runs them: Linux, pay as you go. Azure ML's and AKS's machines cost the same."""

import re
from collections.abc import Iterator

from modelberth_policies.bill.item import Entry, Item
from modelberth_policies.bill.model import Range

_PARTS = re.compile(r"^([a-z]+)(\d+)((?:-\d+)?)([a-z]*)$", re.IGNORECASE)
_VERSION = re.compile(r"^v\d+$", re.IGNORECASE)


def size_named(name: str) -> str:
    """The size as price lists spell it: Azure takes `STANDARD_DS3_V2` for `Standard_DS3_v2`."""
    first, *rest = name.split("_")
    return "_".join([first.capitalize(), *(_part(index, part) for index, part in enumerate(rest))])


def _part(index: int, part: str) -> str:
    if _VERSION.match(part):
        return part.lower()
    match = _PARTS.match(part)
    if match is None or index > 0:
        return part.upper()  # the accelerator: `T4`, `A100`
    family, number, limited, features = match.groups()
    return f"{family.upper()}{number}{limited}{features.lower()}"


def machine_hours(item: Item, size: str, count: Range, words: str, *, spot: bool = False) -> Entry:
    """Hours of machines of a size. The catalogue has no spot prices of Azure."""
    name = size_named(size)
    service, how = ("virtual-machines-spot", "spot") if spot else ("virtual-machines", "on demand")
    return item.line(f"{name} {how}", service, name, count * item.hours, f"{words} x {item.use.hours:g} h")


def virtual_machine(item: Item) -> Iterator[Entry]:
    """One machine; the catalogue has no price of its disks."""
    spot = item.text("priority", "Regular") == "Spot"
    if item.has("osProfile.windowsConfiguration"):
        yield item.unpriced("the catalogue has no price of Windows machines")
        return
    size = item.text("hardwareProfile.vmSize")
    yield machine_hours(item, size, Range.of(1.0), "1 machine", spot=spot)
    yield item.unpriced("the catalogue has no price of managed disks", "disks")
