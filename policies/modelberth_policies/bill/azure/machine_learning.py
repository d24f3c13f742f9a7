"""Azure Machine Learning: online deployments and computes. It charges their machines, and nothing on top."""

from collections.abc import Iterator

from modelberth_policies.bill.autoscaling import between, words
from modelberth_policies.bill.azure.machines import machine_hours
from modelberth_policies.bill.item import Entry, Item, Values
from modelberth_policies.bill.model import Range
from modelberth_policies.bill.related import of_type, refers
from modelberth_policies.resources import GAP, Resource, read_text

AUTOSCALE = "azure-native:monitor:AutoscaleSetting"
AUTOSCALE_OLD = "azure-native:insights:AutoscaleSetting"
DEFAULT_SIZE = "Standard_F4s_v2"
"""Of a deployment that names no size: https://learn.microsoft.com/azure/machine-learning/reference-yaml-deployment-managed-online"""


def online_deployment(item: Item) -> Iterator[Entry]:
    """The instances of a managed deployment, from the least to the most that its autoscale setting allows."""
    if item.text("properties.endpointComputeType", "Managed") == "Kubernetes":
        yield item.free("it runs on the nodes of the cluster that is attached, which are billed there")
        return
    least, most = _bounds(item)
    shown = words(least, most, "instances")
    yield machine_hours(item, item.text("properties.instanceType", DEFAULT_SIZE), between(item, least, most), shown)


def _bounds(item: Item) -> tuple[float, float]:
    settings = [
        Values(each.inputs, each.name) for each in of_type(item, AUTOSCALE, AUTOSCALE_OLD) if _scales(each, item)
    ]
    profiles = [profile for setting in settings for profile in setting.each("profiles")]
    if not profiles:
        fixed = item.number("sku.capacity", 1)
        return fixed, fixed
    least = min(profile.number("capacity.minimum") for profile in profiles)
    return least, max(least, *(profile.number("capacity.maximum") for profile in profiles))


def _scales(setting: Resource, item: Item) -> bool:
    """One that does not say that it is on is off."""
    if not Values(setting.inputs, setting.name).flag("enabled"):
        return False
    if not refers(setting, "targetResourceUri", item.resource, "deploymentName"):
        return False
    # Deployments of other endpoints may have the same name.
    uri, endpoint = (
        read_text(*pair)[0] for pair in ((setting.inputs, "targetResourceUri"), (item.whole, "endpointName"))
    )
    known = isinstance(uri, str) and isinstance(endpoint, str) and GAP not in uri + endpoint
    return not known or f"/{endpoint}/".lower() in uri.lower()


def compute(item: Item) -> Iterator[Entry]:
    """A cluster of machines for jobs, or one machine for a person. Whatever else is attached is billed elsewhere."""
    kind = item.text("properties.computeType")
    inner = item.under("properties.properties")
    if kind == "AmlCompute":
        scale = inner.under("scaleSettings")
        least, most = scale.number("minNodeCount", 0), scale.number("maxNodeCount")
        spot = inner.text("vmPriority", "Dedicated") == "LowPriority"
        shown = words(least, most, "nodes")
        yield machine_hours(item, inner.text("vmSize"), between(item, least, most), shown, spot=spot)
    elif kind == "ComputeInstance":
        idle = inner.has("idleTimeBeforeShutdown")
        count = between(item, 0.0, 1.0) if idle else Range.of(1.0)
        yield machine_hours(item, inner.text("vmSize"), count, "1 machine, off when idle" if idle else "1 machine")
    else:
        yield item.free(f"a compute of the kind {kind} is attached; it is billed where it was made")
