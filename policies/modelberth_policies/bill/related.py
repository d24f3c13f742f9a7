"""Finds the resource that another one names, in whatever API version, whether its name is known already or not."""

from modelberth_policies.bill.item import Item
from modelberth_policies.resources import Plan, Resource, read_text
from modelberth_policies.subject import canonical


def of_type(item: Item, *types: str) -> list[Resource]:
    """The plan's resources of these types; the types are written without an API version."""
    known = item.around.once(_by_type)
    return [resource for type_ in types for resource in known.get(type_, ())]


def related(item: Item, path: str, type_: str, *identities: str) -> Resource | None:
    """The resource of `type_` that the input at `path` is computed from, or whose `identities` it holds."""
    return next((found for found in of_type(item, type_) if refers(item.resource, path, found, *identities)), None)


def refers(resource: Resource, path: str, target: Resource, *identities: str) -> bool:
    """Whether what stands at `path` is computed from `target`, or ends in one of its `identities`."""
    if target.urn in resource.property_dependencies.get(path.partition(".")[0], ()):
        return True
    text, _ = read_text(resource.inputs, path)
    known = (read_text(target.inputs, identity)[0] for identity in identities)
    # Azure and Google name things by paths, `…/clusters/main`.
    return isinstance(text, str) and any(name in (text, text.rpartition("/")[2]) for name in known)


def _by_type(plan: Plan) -> dict[str, list[Resource]]:
    groups: dict[str, list[Resource]] = {}
    for resource in plan:
        groups.setdefault(canonical(resource.type), []).append(resource)
    return groups
