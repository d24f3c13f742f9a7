"""Gateways, balancers and addresses."""

from collections.abc import Iterator

from modelberth_policies.bill.item import Entry, Item, NotPriceable
from modelberth_policies.bill.model import Range

UNITS_OF_AN_INSTANCE = 10
"""Capacity units that each instance reserves: https://learn.microsoft.com/azure/application-gateway/understanding-pricing"""


def application_gateway(item: Item) -> Iterator[Entry]:
    """Its hours, and capacity units: those that its instances reserve, or what is used beyond."""
    kind = item.text("sku.tier", item.text("sku.name", "Standard_v2"))
    yield item.line(
        f"{kind} gateway", "application-gateway", f"{kind} gateway", item.hours, f"1 x {item.use.hours:g} h"
    )
    if item.has("autoscaleConfiguration"):
        scaling = item.under("autoscaleConfiguration")
        least = scaling.number("minCapacity", 0)
        most = scaling.number("maxCapacity", max(least, 10))
    else:
        least = most = item.number("sku.capacity")
    if most < least:
        raise NotPriceable("autoscaleConfiguration.maxCapacity is less than minCapacity")
    low, high = least * UNITS_OF_AN_INSTANCE, most * UNITS_OF_AN_INSTANCE
    units = Range(low, min(max(low, item.use.capacity_units), high), high) * item.hours
    shown = f"{least:g} to {most:g} instances x {UNITS_OF_AN_INSTANCE} units x {item.use.hours:g} h"
    yield item.line("capacity units", "application-gateway", f"{kind} capacity unit", units, shown)


def private_endpoint(item: Item) -> Iterator[Entry]:
    """Its hours, and what passes it."""
    yield item.line("endpoint", "private-endpoint", "endpoint", item.hours, f"1 x {item.use.hours:g} h")
    passed = item.monthly(item.use.processed_gb)
    yield item.line("data processed", "private-endpoint", "data processed", passed, f"{item.use.processed_gb:g} GB")


def nat_gateway(item: Item) -> Iterator[Entry]:
    """Its hours, and what passes it."""
    yield item.line("gateway", "nat-gateway", "gateway", item.hours, f"1 gateway x {item.use.hours:g} h")
    passed = item.monthly(item.use.processed_gb)
    yield item.line("data processed", "nat-gateway", "data processed", passed, f"{item.use.processed_gb:g} GB")


def public_ip(item: Item) -> Iterator[Entry]:
    """A static regional address; other kinds have no price here."""
    kind = item.text("publicIPAllocationMethod", "Dynamic").lower()
    tier = item.text("sku.tier", "Regional").lower()
    yield item.line("address", "public-ip", f"{kind} {tier}", item.hours, f"1 address x {item.use.hours:g} h")


def load_balancer(item: Item) -> Iterator[Entry]:
    """What passes a standard balancer; the catalogue has no price of its rules."""
    if item.text("sku.name", "Basic") == "Basic":
        yield item.free("a basic balancer costs nothing")
        return
    passed = item.monthly(item.use.processed_gb)
    yield item.line(
        "data processed", "load-balancer", "standard data processed", passed, f"{item.use.processed_gb:g} GB"
    )
    if item.count("loadBalancingRules") + item.count("outboundRules"):
        yield item.unpriced("the catalogue has no price of the rules of a balancer", "rules")
