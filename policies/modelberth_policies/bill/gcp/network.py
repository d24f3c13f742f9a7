"""Load balancing, NAT and addresses."""

from collections.abc import Iterator

from modelberth_policies.bill.item import Entry, Item
from modelberth_policies.bill.model import Range

NAT_VMS = 32
"""A NAT gateway costs by the virtual machine up to so many: https://cloud.google.com/nat/pricing"""
_RULES = ("gcp:compute/forwardingRule:ForwardingRule", "gcp:compute/globalForwardingRule:GlobalForwardingRule")


def forwarding_rule(item: Item) -> Iterator[Entry]:
    """A regional balancer's address: its hours, and what it takes in."""
    if item.value("loadBalancingScheme", "EXTERNAL") == "":
        yield item.unpriced("the catalogue has no price of endpoints of Private Service Connect")
        return
    yield item.line("forwarding rule", "load-balancing", "forwarding rule", item.hours, f"1 x {item.use.hours:g} h")
    passed, shown = item.monthly(item.use.processed_gb), f"{item.use.processed_gb:g} GB"
    yield item.line("data processed", "load-balancing", "ingress data", passed, shown)


def global_forwarding_rule(item: Item) -> Iterator[Entry]:
    """The same for all regions: the catalogue has prices of single ones only."""
    item.region = "global"
    yield from forwarding_rule(item)


def nat(item: Item) -> Iterator[Entry]:
    """A NAT gateway: its hours by the number of machines behind it, which nobody knows, and what passes it."""
    hours = Range(item.use.hours / NAT_VMS, item.use.hours, item.use.hours)
    shown = f"1 to {NAT_VMS} machines or more, {NAT_VMS} expected, x {item.use.hours:g} h"
    yield item.line("gateway", "cloud-nat", "gateway (max, >=32 VMs)", hours, shown)
    passed = item.monthly(item.use.processed_gb)
    yield item.line("data processed", "cloud-nat", "data processed", passed, f"{item.use.processed_gb:g} GiB")


def address(item: Item) -> Iterator[Entry]:
    """A reserved address. One that a balancer uses is paid for with it."""
    if item.text("addressType", "EXTERNAL") == "INTERNAL":
        yield item.free("an internal address costs nothing")
        return
    users = [each.type for each in item.plan if _uses(each.property_dependencies, item.resource.urn)]
    if any(type_ in _RULES for type_ in users):
        yield item.free("its balancer bears the cost")
        return
    sku = "in-use external IP on VM" if users else "unused external IP"
    yield item.line("address", "static-ip", sku, item.hours, f"1 address x {item.use.hours:g} h")


def global_address(item: Item) -> Iterator[Entry]:
    """An address of all regions."""
    item.region = "global"
    yield from address(item)


def _uses(dependencies: object, urn: str) -> bool:
    return isinstance(dependencies, dict) and any(urn in urns for urns in dependencies.values())
