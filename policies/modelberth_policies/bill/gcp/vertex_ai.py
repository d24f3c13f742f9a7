"""Vertex AI prediction: replicas by the hour. It scales to zero only where its minimum says so."""

from collections.abc import Iterator

from modelberth_policies.bill.autoscaling import between, words
from modelberth_policies.bill.gcp.machines import GPU_INCLUSIVE
from modelberth_policies.bill.item import Entry, Item, NotPriceable, Values


def pool(item: Item) -> Iterator[Entry]:
    """Machines that several models share."""
    yield from _replicas(item, item)


def model_garden(item: Item) -> Iterator[Entry]:
    """An endpoint with a model of the Model Garden deployed to it."""
    yield from _replicas(item, item.under("deployConfig"))


def _replicas(item: Item, holder: Values) -> Iterator[Entry]:
    if not holder.has("dedicatedResources"):
        raise NotPriceable("it has no dedicatedResources: Vertex chooses the machines and their number")
    resources = holder.under("dedicatedResources")
    least = resources.number("minReplicaCount")
    most = max(resources.number("maxReplicaCount", least), least)
    machine = resources.under("machineSpec")
    kind = machine.text("machineType")
    shown = f"{words(least, most, 'replicas')} x {item.use.hours:g} h"
    hours = between(item, least, most) * item.hours
    sku = f"{kind} spot" if resources.flag("spot") else kind
    yield item.line(sku, "vertex-prediction", sku, hours, shown)
    if machine.has("acceleratorType") and not kind.startswith(GPU_INCLUSIVE):
        gpu, each = machine.text("acceleratorType"), machine.number("acceleratorCount", 1)
        yield item.line(gpu, "vertex-prediction", gpu, hours * each, f"{shown} x {each:g}")
