"""How many pods there are: what the object says, or the autoscaler that names it."""

from modelberth_policies.bill.item import Item, Values
from modelberth_policies.bill.related import of_type, refers
from modelberth_policies.resources import Resource, read

AUTOSCALERS = ("kubernetes:autoscaling/v2:HorizontalPodAutoscaler", "kubernetes:autoscaling/v1:HorizontalPodAutoscaler")
SCALED_OBJECT = "kubernetes:keda.sh/v1alpha1:ScaledObject"
KEDA_MOST = 100
"""https://keda.sh/docs/latest/reference/scaledobject-spec/"""


def bounds(item: Item) -> tuple[float, float]:
    """The fewest and the most pods of a workload. What an autoscaler says goes before `replicas`."""
    for scaler in of_type(item, *AUTOSCALERS):
        if _scales(scaler, item):
            spec = Values(scaler.inputs, scaler.name)
            least = spec.number("spec.minReplicas", 1)
            return least, max(spec.number("spec.maxReplicas"), least)
    for scaler in of_type(item, SCALED_OBJECT):
        if _scales(scaler, item):
            spec = Values(scaler.inputs, scaler.name)
            least = spec.number("spec.minReplicaCount", 0)
            return least, max(spec.number("spec.maxReplicaCount", KEDA_MOST), least)
    fixed = item.number("spec.replicas", 1)
    return fixed, fixed


def _scales(scaler: Resource, item: Item) -> bool:
    if item.resource.urn in scaler.property_dependencies.get("spec", ()):
        return True
    stated = read(scaler.inputs, "spec.scaleTargetRef.kind")
    kind = stated if isinstance(stated, str) else "Deployment"
    return (
        kind == item.resource.type.rpartition(":")[2]
        and _named(scaler, item)
        and _namespace(scaler) == _namespace(item.resource)
    )


def _named(scaler: Resource, item: Item) -> bool:
    name = read(item.whole, "metadata.name")
    return isinstance(name, str) and refers(scaler, "spec.scaleTargetRef.name", item.resource, "metadata.name")


def _namespace(resource: Resource) -> object:
    found = read(resource.inputs, "metadata.namespace")
    return found if isinstance(found, str) else "default"
