"""Where a resource of Azure is that does not say it: where its cluster, its workspace or its resource group is."""

from collections.abc import Callable, Iterator, Mapping

from modelberth_policies import place
from modelberth_policies.bill.item import Entry, Item
from modelberth_policies.bill.related import related
from modelberth_policies.resources import MISSING, Resource
from modelberth_policies.subject import canonical

_GROUP = ("resourceGroupName", "azure-native:resources:ResourceGroup", ("resourceGroupName",))
_WITHIN: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "azure-native:containerservice:AgentPool": (
        "resourceName",
        "azure-native:containerservice:ManagedCluster",
        ("resourceName",),
    ),
    "azure-native:keyvault:Key": ("vaultName", "azure-native:keyvault:Vault", ("vaultName",)),
}
"""Types without a location of their own → the input that names what they stand in, its type, and its names."""


def placed(lines: Callable[[Item], Iterator[Entry]]) -> Callable[[Item], Iterator[Entry]]:
    """The same lines, at the prices of the place where the resource will be."""

    def in_place(item: Item) -> Iterator[Entry]:
        found = _place(item, item.resource)
        # `MISSING` leaves what the caller of the estimate said; what only the cloud knows has no price.
        if found is not MISSING:
            item.region = found if isinstance(found, str) else None
        yield from lines(item)

    return in_place


def _place(item: Item, resource: Resource) -> object:
    within = _WITHIN.get(canonical(resource.type))
    owner = _owner(item, within) if within else None
    found = place.region_of(resource if owner is None else owner, item.plan)
    group = _owner(item, _GROUP) if found is MISSING else None
    return found if group is None else place.region_of(group, item.plan)


def _owner(item: Item, within: tuple[str, str, tuple[str, ...]]) -> Resource | None:
    path, type_, names = within
    return related(item, path, type_, *names)
