"""`estimate(plan) -> Bill`: asks the meter of each resource's type what it costs. Pure, and needs no network."""

import importlib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, Protocol, cast

from modelberth_policies import place
from modelberth_policies.bill.assumptions import Profile, UsageLike, default_profile
from modelberth_policies.bill.item import Entry, Item, KnownLater, Meter, NotPriceable, Surroundings
from modelberth_policies.bill.model import Bill, Free, Line, Unpriced
from modelberth_policies.resources import MISSING, Plan, Resource, Secret, read
from modelberth_policies.subject import canonical

CLOUDS: Mapping[str, tuple[str, str]] = {
    "aws": ("aws", "modelberth_policies.bill.aws"),
    "azure-native": ("azure", "modelberth_policies.bill.azure"),
    "gcp": ("gcp", "modelberth_policies.bill.gcp"),
    "kubernetes": ("kubernetes", "modelberth_policies.bill.kubernetes"),
}
"""Package of the type → cloud of the prices, and the module that knows its meters, imported once one is needed."""

ELSEWHERE: Mapping[str, str] = {
    "pulumi": "providers and stack references are Pulumi's own",
    "pulumi-python": "a dynamic resource calls APIs that cost nothing by themselves",
    "pulumi-nodejs": "a dynamic resource calls APIs that cost nothing by themselves",
    "random": "made in Pulumi's state",
    "tls": "made in Pulumi's state",
    "time": "made in Pulumi's state",
    "command": "runs where Pulumi runs",
    "docker": "runs where Pulumi runs",
    "docker-build": "runs where Pulumi runs",
}
"""Packages whose resources no cloud bills, and why."""


class Cloud(Protocol):
    """What the module of a cloud offers."""

    METERS: Mapping[str, Meter]
    """Type → how it is billed."""
    FREE: Mapping[str, str]
    """Type, or the module of all its types (`aws:iam`), → why it costs nothing by itself."""
    DECLARED: Mapping[str, str]
    """Type → why it has no price here though it may cost."""


@cache
def _module(name: str) -> Cloud:
    return cast("Cloud", importlib.import_module(name))


def estimate(plan: Plan, usage: UsageLike | None = None, region: str | None = None) -> Bill:
    """What the resources of a plan cost a month, at list prices.

    `usage`: assumptions about use. Left out: those of the stack's environment.
    `region`: where resources are whose region the plan does not show. Left out: such resources have no price.
    """
    profile = default_profile(plan.stack) if usage is None else usage.of_stack(plan.stack)
    around = Surroundings(plan)
    managed = [resource for resource in plan if resource.custom and not resource.external]
    entries: list[Entry] = []
    rollouts: list[Entry] = []
    for resource in managed:
        found = _meter(resource)
        if not isinstance(found, Meter):
            entries.append(found)
            continue
        item = _item(resource, around, found, profile, region)
        entries += _asked(found.lines, item)
        if found.rollout is not None:
            rollouts += _asked(found.rollout, item)
    return Bill(
        plan.stack,
        profile.environment,
        tuple(entry for entry in entries if isinstance(entry, Line)),
        tuple(entry for entry in entries if isinstance(entry, Unpriced)),
        tuple(entry for entry in entries if isinstance(entry, Free)),
        # What has no price here has none in the month either, and is listed there.
        tuple(entry for entry in rollouts if isinstance(entry, Line)),
        profile.unused(resource.urn for resource in managed),
    )


def _meter(resource: Resource) -> Meter | Free | Unpriced:
    type_, urn = canonical(resource.type), resource.urn
    package = type_.partition(":")[0]
    if package in ELSEWHERE:
        return Free(urn, resource.type, ELSEWHERE[package])
    if package not in CLOUDS:
        return Unpriced(urn, resource.type, f"the bill knows no prices of {package!r}")
    cloud = _module(CLOUDS[package][1])
    if type_ in cloud.METERS:
        return cloud.METERS[type_]
    if type_ in cloud.DECLARED:
        return Unpriced(urn, resource.type, cloud.DECLARED[type_])
    free = cloud.FREE.get(type_) or cloud.FREE.get(type_.partition("/")[0])
    return Free(urn, resource.type, free) if free else Unpriced(urn, resource.type, "the bill does not know this type")


def _item(resource: Resource, around: Surroundings, meter: Meter, profile: Profile, region: str | None) -> Item:
    where = place.region_of(resource, around.plan)
    return Item(
        resource,
        around,
        cloud=CLOUDS[resource.type.partition(":")[0]][0],
        # What only the cloud will know is not where the caller says that the others are.
        region=where if isinstance(where, str) else region if where is MISSING else None,
        service=service_of(resource, around.plan),
        product=meter.product,
        use=profile.of(resource.urn),
    )


def _asked(function: Callable[[Item], Iterator[Entry]], item: Item) -> Iterator[Entry]:
    try:
        yield from function(item)
    except NotPriceable as reason:
        yield item.unpriced(str(reason), later=isinstance(reason, KnownLater))


def service_of(resource: Resource, plan: Plan) -> str:
    """What a resource is for: the label or tag `service` nearest to it; else its outermost component; else itself."""
    nearest, outermost = resource, resource.name
    while nearest is not None:
        stated = _stated(nearest)
        if stated is not None:
            return stated
        outermost = nearest.name if nearest.is_component else outermost
        parent = plan.get(nearest.parent)
        if parent is None:
            break
        nearest = parent
    return outermost


def _stated(resource: Resource) -> str | None:
    for path in ("tags.service", "labels.service"):
        found: Any = read(resource.inputs, path)
        if isinstance(found, str) and found and not isinstance(found, Secret):
            return found
    return None
