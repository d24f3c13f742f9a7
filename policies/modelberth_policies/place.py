"""Where a resource is: its region, in the words of its cloud. Standard library only."""

import re

from modelberth_policies.resources import MISSING, UNKNOWN, Absent, Plan, Resource, Secret, read

_PATHS = {"aws": ("region",), "gcp": ("region", "location", "zone"), "azure-native": ("location",)}
"""Package → inputs that name the place, the one that decides first."""
_ZONE = re.compile(r"^([a-z]+-[a-z]+\d+)-[a-z]$")
_ELSEWHERE = {"global"}
"""Not a region; such a resource is everywhere."""


def region_of(resource: Resource, plan: Plan) -> str | Absent:
    """The region: the resource's own, else its provider's. `MISSING` where neither says, or where it is in none."""
    paths = _PATHS.get(resource.type.partition(":")[0], ())
    provider = plan.provider(resource)
    for owner in (resource.inputs, provider):
        for path in paths:
            found = read(owner, path)
            if found is UNKNOWN or isinstance(found, Secret):
                return UNKNOWN
            if isinstance(found, str) and found:
                return _region(found)
    return MISSING


def _region(name: str) -> str | Absent:
    plain = name.lower().replace(" ", "")
    zone = _ZONE.match(plain)
    return MISSING if plain in _ELSEWHERE else zone.group(1) if zone else plain
