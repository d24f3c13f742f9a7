"""What pods cost: what they ask for, at the price of a node that the usage file states. No list has such prices."""

from collections.abc import Iterator
from dataclasses import dataclass

from modelberth_policies.bill.item import Entry, Item
from modelberth_policies.bill.model import Line, Range
from modelberth_policies.prices import Price

SOURCE = "the usage file"


@dataclass(frozen=True, slots=True)
class Asked:
    """What one pod reserves."""

    cores: float
    gib: float
    gpus: float = 0.0

    def __add__(self, other: "Asked") -> "Asked":
        return Asked(self.cores + other.cores, self.gib + other.gib, self.gpus + other.gpus)


@dataclass(frozen=True, slots=True)
class _Part:
    what: str
    unit: str
    amount: float
    field: str
    usd: float | None


def pod_hours(item: Item, asked: Asked, hours: Range, shown: str, what: str = "pods") -> Iterator[Entry]:
    """Lines for so many hours of such pods."""
    use = item.use
    parts = (
        _Part("vCPU", "vCPU", asked.cores, "node_vcpu_hour_usd", use.node_vcpu_hour_usd),
        _Part("memory", "GiB", asked.gib, "node_gib_hour_usd", use.node_gib_hour_usd),
        _Part("GPU", "GPU", asked.gpus, "node_gpu_hour_usd", use.node_gpu_hour_usd),
    )
    for part in parts:
        if part.amount:
            yield _priced(item, part, hours, shown, what)


def _priced(item: Item, part: _Part, hours: Range, shown: str, what: str) -> Entry:
    name = f"{part.what} of {what}"
    if part.usd is None:
        reason = (
            f"{shown} x {part.amount:g} {part.unit}, and no price of a node is configured: set {part.field} in the "
            "usage file (0: its nodes are billed elsewhere)"
        )
        return item.unpriced(reason, name)
    if part.usd == 0:
        return item.free(f"{part.field} is 0: the nodes that its pods run on are billed elsewhere")
    price = Price(part.usd, f"{part.unit}-hour", part.what, "the cluster", SOURCE, "as configured", service="node")
    formula = f"{shown} x {part.amount:g} {part.unit}"
    return Line(item.resource.urn, item.service, item.product, name, price, hours * part.amount, formula)
