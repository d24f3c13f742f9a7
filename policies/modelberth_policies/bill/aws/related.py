"""Finds the resource that another one names, whether its name is known already or not."""

from modelberth_policies.bill.item import Item
from modelberth_policies.resources import Resource, read_text


def related(item: Item, path: str, type_: str, *identities: str) -> Resource | None:
    """The resource of `type_` that the input at `path` is computed from, or whose `identities` it holds."""
    depends = item.resource.property_dependencies.get(path.partition(".")[0], ())
    text, _ = read_text(item.whole, path)
    for found in reversed(item.plan.of_type(type_)):
        known = (read_text(found.inputs, identity)[0] for identity in identities)
        if found.urn in depends or (isinstance(text, str) and text in known):
            return found
    return None
