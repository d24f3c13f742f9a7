"""Application and network load balancers: hours, and capacity units on average."""

from collections.abc import Iterator, Mapping

from modelberth_policies.bill.item import Entry, Item

UNITS: Mapping[str, tuple[str, str]] = {"application": ("alb", "LCU"), "network": ("nlb", "NLCU")}


def load_balancer(item: Item) -> Iterator[Entry]:
    """One balancer of either kind."""
    kind = item.text("loadBalancerType", "application")
    if kind not in UNITS:
        yield item.unpriced(f"the catalogue has no price of a {kind} load balancer")
        return
    service, unit = UNITS[kind]
    yield item.line(f"{kind} balancer", service, "load balancer hour", item.hours, f"1 x {item.use.hours:g} h")
    units = item.monthly(item.use.capacity_units * item.use.hours)
    words = f"{item.use.capacity_units:g} units x {item.use.hours:g} h"
    yield item.line("capacity units", service, unit, units, words)
