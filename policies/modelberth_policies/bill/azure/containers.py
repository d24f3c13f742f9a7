"""Container Apps and Container Instances: what each replica reserves, for as long as it runs."""

from collections.abc import Iterator

from modelberth_policies.bill.autoscaling import between, words
from modelberth_policies.bill.item import Entry, Item, NotPriceable, Values
from modelberth_policies.bill.model import Range
from modelberth_policies.bill.quantity import gib

DEFAULT_MAX_REPLICAS = 10
"""https://learn.microsoft.com/azure/container-apps/scale-app"""
CONSUMPTION = "Consumption"


def container_app(item: Item) -> Iterator[Entry]:
    """Replicas of the consumption plan. Every second counts as busy: nobody knows which ones are idle, and cheaper."""
    if item.text("workloadProfileName", CONSUMPTION) != CONSUMPTION:
        yield item.free("the workload profile of its environment bears the cost")
        return
    scale, containers = item.under("template.scale"), item.each("template.containers")
    if not containers:
        raise NotPriceable("template.containers is not set")
    least, most = scale.number("minReplicas", 0), scale.number("maxReplicas", DEFAULT_MAX_REPLICAS)
    seconds = between(item, least, most) * item.hours * 3600.0
    shown = f"{words(least, most, 'replicas')} x {item.use.hours:g} h x 3600 s"
    cores = sum(each.number("resources.cpu") for each in containers)
    memory = sum(gib(each, "resources.memory") for each in containers)
    yield item.line("vCPU", "container-apps", "vCPU active", seconds * cores, f"{shown} x {cores:g} vCPU")
    yield item.line("memory", "container-apps", "memory active", seconds * memory, f"{shown} x {memory:g} GiB")
    requests = item.monthly(item.use.requests / 1e6)
    yield item.line("requests", "container-apps", "requests", requests, f"{item.use.requests:g} requests")
    if any(each.number("resources.gpu", 0) for each in containers):
        yield item.unpriced("the catalogue has no price of GPUs of Container Apps", "GPUs")


def managed_environment(item: Item) -> Iterator[Entry]:
    """The consumption plan costs nothing by itself; machines that are kept for a profile do."""
    kept = [each for each in item.each("workloadProfiles") if _is_kept(each)]
    if not kept:
        yield item.free("its apps bear the cost")
    for profile in kept:
        kind = profile.text("workloadProfileType")
        yield item.unpriced(f"the catalogue has no price of the workload profile {kind}", kind)


def _is_kept(profile: Values) -> bool:
    return not profile.text("workloadProfileType", CONSUMPTION).startswith(CONSUMPTION)


def container_group(item: Item) -> Iterator[Entry]:
    """A group of containers. One that is not started again runs for the active hours, at worst the whole month."""
    if item.text("osType", "Linux") != "Linux" or item.text("priority", "Regular") != "Regular":
        yield item.unpriced("the catalogue has no price of Windows or spot container groups")
        return
    containers = item.each("containers")
    if not containers:
        raise NotPriceable("containers is not set")
    always = item.text("restartPolicy", "Always") == "Always"
    most = item.use.hours
    hours = item.hours if always else Range(0.0, min(item.use.active_hours, most), most)
    shown = f"{hours.shown(0)} h"
    cores = sum(each.number("resources.requests.cpu") for each in containers)
    memory = sum(each.number("resources.requests.memoryInGB") for each in containers)
    yield item.line("vCPU", "container-instances", "vCPU", hours * cores, f"{shown} x {cores:g} vCPU")
    yield item.line("memory", "container-instances", "memory", hours * memory, f"{shown} x {memory:g} GB")
    if any(each.has("resources.requests.gpu") for each in containers):
        yield item.unpriced("the catalogue has no price of GPUs of Container Instances", "GPUs")
